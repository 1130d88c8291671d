"""Duties that write one register and no other, files that are not taken unseen, reminders read in one go, use that is counted."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry.actions import register_files, work
from registry.errors import BadInput, NotAllowed
from registry.models import Attachment, AuditEntry, Duty, RegisterEntry, Task
from registry.registers import kind_named
from registry.registers.reading import FILE, read
from registry.reminders import daily
from tests import factories
from tests.registry.registers import samples
from tests.risk import steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer(cast):
    """Watches budgets of the unit and holds no other duty."""
    return factories.invite("payer", "Petra Payer", Duty.FINANCE, cast.unit, cast.administrator)


def test_finance_writes_budgets_and_costs_on_its_pages_and_nothing_else(cast, payer):
    """S-165: the duty that watches money writes what was planned and spent, of its unit alone."""
    client = Client()
    client.force_login(payer)
    kind = kind_named("cost_budget")
    assert "New entry" in client.get(kind.url).content.decode()
    said = samples.typed(kind, cast, cast.unit, owner=str(payer.pk))
    assert client.post("/registers/cost_budget/new/", said).status_code == 302
    row = RegisterEntry.objects.get()
    assert client.get(row.get_absolute_url()).status_code == 200
    assert client.get("/registers/policy_document/new/").status_code == 409
    assert RegisterEntry.objects.visible_to(payer).count() == 1


def test_finance_of_one_unit_writes_nothing_about_another(cast, payer):
    other = samples.written(kind_named("cost_budget"), cast, None)
    with pytest.raises((NotAllowed, AssertionError)):
        samples.written(kind_named("cost_budget"), cast, cast.unit.parent, actor=payer)
    assert other.unit == cast.unit


@pytest.mark.parametrize(("duty", "kind"), [
    (Duty.FINANCE, "cost_entry"), (Duty.HUMAN_REVIEWER, "oversight_event"), (Duty.HUMAN_REVIEWER, "feedback_item"),
    (Duty.PROCUREMENT, "contingency_plan"),
])  # fmt: skip
def test_each_of_these_duties_writes_its_register_about_a_system(cast, duty, kind):
    person = factories.invite("writer", "Wanda Writer", duty, cast.unit, cast.administrator)
    system = factories.make_system(cast)
    row = samples.written(
        kind_named(kind), cast, system, actor=person, owner=str(person.pk), person=str(person.pk), planned_in=""
    )
    assert (row.author, row.system) == (person, system)
    with pytest.raises((NotAllowed, AssertionError)):
        samples.written(kind_named("policy_document"), cast, system, actor=person, owner=str(person.pk))


def test_a_duty_that_there_is_not_is_no_writer(tmp_path):
    file = tmp_path / "registers.yaml"
    file.write_text(FILE.read_text().replace("writers: [procurement]", "writers: [king]"))
    with pytest.raises(BadInput, match="writers: there is no duty “king”"):
        read(file)


def test_a_file_of_an_entry_is_taken_with_an_entry_in_the_log(cast):
    """P13: who took which bytes."""
    row = samples.written(kind_named("policy_document"), cast, cast.unit, actor=cast.owner)
    kept = register_files.attach_file(
        row, file=SimpleUploadedFile("a.txt", io.BytesIO(b"Signed.").read()), actor=cast.owner
    )
    client = Client()
    client.force_login(cast.risk_officer)
    answer = client.get(f"/entries/{row.pk}/files/{kept.pk}/")
    assert b"".join(answer.streaming_content) == b"Signed."
    taken = AuditEntry.objects.get(action="entry.file_downloaded")
    assert (taken.actor, taken.object_id) == (cast.risk_officer, kept.pk)
    assert Attachment.objects.of(row).count() == 1


def test_reminders_of_many_tasks_are_read_in_one_go(cast):
    """The second look, at which nothing is left to do, asks the same number of questions for three tasks as for nine."""

    def asked(count):
        for number in range(count):
            incident = steps.reported(cast, factories.make_system(cast), title=f"Case {number}")
            work.open_task(
                incident, kind=Task.Kind.ANSWER, system=None, url="/", person=cast.owner,
                due_on=timezone.localdate() + timedelta(days=1), actor=None,
            )  # fmt: skip
        daily.run(timezone.localdate())
        with CaptureQueriesContext(connection) as found:
            daily.run(timezone.localdate())
        return sum("registry_reminder" in one["sql"] for one in found.captured_queries)

    assert asked(3) == asked(6) == 1


def test_use_of_the_registry_is_counted_by_week_without_names(cast):
    """S-045: acts and people; for who reads the log, and for nobody else."""
    steps.reported(cast, factories.make_system(cast))
    client = Client()
    for person, status in ((cast.auditor, 200), (cast.administrator, 409), (cast.publisher, 409)):
        client.force_login(person)
        assert client.get("/use/").status_code == status
    client.force_login(cast.auditor)
    page = client.get("/use/").content.decode()
    assert cast.owner.name not in page and "Acts of people in the log by week" in page
