"""Every record of the vocabulary is exported, also those with tables of their own, and those that people write are imported."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry import imports
from registry.actions import imports as import_actions, vendors
from registry.imports.naming import name_of
from registry.lists import LISTS
from registry.lists.tables import TITLES
from registry.models import Agreement, Component, DatasetVersion, Import, Vendor
from registry.registers import kinds
from registry.registers.reading import tables
from registry.vocabulary import vocabulary
from risk.models import Incident, Risk, Treatment
from tests import factories
from tests.registry import data as data_steps
from tests.risk import steps

pytestmark = pytest.mark.django_db


def test_every_entity_of_the_vocabulary_has_a_list(cast):
    """G must show: the walk over the list; each column that its table stores is in the file."""
    assert set(vocabulary().entities) <= {*LISTS, *kinds()}
    assert set(TITLES) == set(tables())
    for entity in tables():
        assert {"id"} <= {column.name for column in LISTS[entity].columns}, entity


def test_every_entity_with_a_table_of_its_own_is_exported(cast):
    """G must show: as CSV, each read by who may see it."""
    system = factories.make_system(cast)
    risk, incident = steps.registered(cast, system), steps.reported(cast, system)
    steps.planned(cast, risk)
    client = Client()
    client.force_login(cast.risk_officer)
    told = {}
    for entity in tables():
        answer = client.get(f"/lists/{entity}/csv/")
        assert answer.status_code == 200, entity
        told[entity] = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["id"] for row in told["risk"]] == [str(risk.pk)]
    assert [(row["severity"], row["title"]) for row in told["incident"]] == [(incident.severity, incident.title)]
    assert told["risk_treatment"][0]["risk"] == name_of(risk)
    client.force_login(cast.outsider)
    assert json.loads(b"".join(client.get("/lists/risk/json/").streaming_content)) == []
    page = client.get("/records/").content.decode()
    assert all(f"/lists/{name}/xlsx/" in page for name in (*tables(), *kinds()))


def entered(cast, sheet, *, actor=None, **cells) -> Import:
    """One row, checked and carried out."""
    text = io.StringIO()
    csv.DictWriter(text, cells).writeheader()
    csv.DictWriter(text, cells).writerow(cells)
    person = actor or cast.owner
    checked = import_actions.check_sheet(
        imports.KINDS[sheet], name="rows.csv", content=text.getvalue().encode(), actor=person
    )
    assert (checked.status, checked.faults) == (Import.Status.CHECKED, []), checked.faults
    done = import_actions.carry_out(checked, actor=person)
    assert done.status == Import.Status.IMPORTED, done.faults
    return done


RISK = {"title": "Offers are late", "component": "output", "category": "financial", "likelihood": "2", "impact": "3",
        "source": "audit", "measurable": "yes"}  # fmt: skip


def test_risks_treatments_and_incidents_are_imported(cast):
    """G must show: by the forms of their pages, each row by its own act."""
    system = factories.make_system(cast)
    entered(cast, "risk", system=system.slug, owner=cast.owner.email, **RISK)
    risk = Risk.objects.get()
    assert (risk.title, risk.system, risk.source) == ("Offers are late", system, "audit")
    day = (timezone.localdate() + timedelta(days=9)).isoformat()
    entered(cast, "risk_treatment", risk=risk.title, option="mitigate", plan="Send them earlier.", due_on=day,
            owner=cast.owner.email, priority="high")  # fmt: skip
    assert Treatment.objects.get().risk == risk
    entered(cast, "incident", system=system.slug, title="A letter was late", kind="other", severity="low",
            description="It came after the offer had ended.", detected_at="2026-01-05 10:00", serious="no")  # fmt: skip
    assert Incident.objects.get().reporter == cast.owner


def test_vendors_agreements_components_and_versions_of_data_are_imported(cast):
    unit = cast.unit.slug
    entered(cast, "vendor", unit=unit, name="Parsel Ltd", owner=cast.owner.email, services="Models", criticality="low")
    vendor = Vendor.objects.get()
    entered(cast, "component", unit=unit, name="Parsel 3", component_type="model", version="3",
            vendor="Parsel Ltd", provider="Parsel")  # fmt: skip
    assert Component.objects.get().vendor == vendor
    entered(cast, "agreement", vendor="Parsel Ltd", title="Terms of 2026", kind="contract",
            terms_date="2026-01-01", actor=cast.risk_officer)  # fmt: skip
    assert Agreement.objects.get().vendor == vendor
    data = data_steps.described(cast)
    entered(cast, "dataset_version", dataset=data.slug, version="1", hash=f"sha256:{7:064x}", use="training")
    assert DatasetVersion.objects.get().dataset == data
    assert vendors


@pytest.mark.parametrize("cells", [
    {"system": "nowhere"}, {"component": "moon"}, {"likelihood": "9"}, {"owner": "nobody@x.example"}, {"title": ""},
])  # fmt: skip
def test_a_row_that_cannot_be_is_refused_by_row_and_column(cast, cells):
    system = factories.make_system(cast)
    row = {"system": system.slug, "owner": cast.owner.email, **RISK, **cells}
    content = (",".join(row) + "\n" + ",".join(row.values()) + "\n").encode()
    checked = import_actions.check_sheet(imports.KINDS["risk"], name="r.csv", content=content, actor=cast.owner)
    assert checked.status == Import.Status.REFUSED
    assert {(fault["row"], fault["column"]) for fault in checked.faults} == {(2, next(iter(cells)))}
    assert not Risk.objects.exists()
