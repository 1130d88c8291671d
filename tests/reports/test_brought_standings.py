"""Frameworks that were brought, beside those of the software: kept, told over time, and carried by packs with their rules."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import transaction
from django.utils import timezone

from registry import jobs
from registry.actions import proposals
from registry.audit import log
from registry.models import Stage
from reports import actions as documents
from reports.evaluation import evaluate
from reports.framework_files import SLUGS
from reports.imported import actions, lookup
from reports.models import Pack, StandingHead
from reports.packs import building
from reports.packs.actions import request_wide_pack
from reports.sources import DjangoFacts
from reports.standings import grid, keeping, kept
from reports.verifier import verify
from tests import factories
from tests.policies import writing
from tests.reports import catalogues
from tests.reports.packs.test_wide_packs import built, keys  # noqa: F401 - a fixture
from tests.reports.sample_packs import repacked, unpacked
from tests.reports.test_countersigning import quickly_drawn
from tests.reports.test_verify_page import answers, verifier  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
SLUG = "house_controls"
WHY = "Our own controls, as the board asked for them."


@pytest.fixture(autouse=True)
def nothing_in_memory():
    """No standing of another test."""
    keeping._live.clear()
    yield
    keeping._live.clear()


@pytest.fixture
def people(cast):
    """Who governs the whole organisation."""
    return writing.governors(cast)


def bring(people, content: bytes, file: str):
    """A file that somebody brought."""
    return actions.bring(content=content, file=file, slug=SLUG, reason=WHY, actor=people["author"])


@pytest.fixture
def framework(people):
    """A catalogue with rules, in force."""
    bring(people, catalogues.text(catalogues.OSCAL), "house.json")
    row = bring(people, catalogues.RULES.encode(), "rules.yaml")
    for name in ("first", "second"):
        row = proposals.approve(row, reason=WHY, actor=people[name])
    return lookup.framework(SLUG)


def in_production(cast):
    """A system in production, which has an owner."""
    system = factories.make_system(cast)
    with transaction.atomic():
        system.lifecycle_stage = Stage.PRODUCTION
        system.save()
        log.record(cast.owner, "system.moved", system)
    return system


@pytest.mark.both
def test_a_framework_that_was_brought_is_kept_as_an_evaluation_says(cast, framework):
    """P6: of a system, its unit and the organisation, as those of the software are."""
    system = in_production(cast)
    keeping.renew()
    assert set(StandingHead.objects.values_list("framework", flat=True)) == {*SLUGS, SLUG}
    now = timezone.now()
    for subject, facts, named in (
        (str(system.pk), DjangoFacts(None, system, now), {"system": str(system.pk)}),
        (str(system.unit.pk), DjangoFacts(None, None, now, unit=system.unit), {"unit": str(system.unit.pk)}),
        ("", DjangoFacts(None, None, now), {}),
    ):
        found = evaluate(framework, facts, as_of=now, **named)
        told = {key: cell.result for key, cell in kept.current(framework, subject).items()}
        assert told == {entry.requirement.id: entry.result for entry in found.requirements}
        assert told["use-1"] == "met"


def test_another_edition_is_not_believed_until_it_was_decided_and_the_one_before_stays_told(cast, people, framework):
    factories.make_system(cast)
    keeping.renew()
    raw = catalogues.oscal(version="2027-1")
    catalogues.group(raw, 1)["controls"].append({"id": "use-2", "title": "Stop it"})
    row = bring(people, catalogues.text(raw), "house.json")
    for name in ("first", "second"):
        proposals.approve(row, reason=WHY, actor=people[name])
    assert kept.current(lookup.framework(SLUG), "") is None and keeping.behind()
    keeping.renew()
    assert kept.current(lookup.framework(SLUG), "")["use-2"].result == "not_met" and not keeping.behind()


def test_its_status_page_tells_it_over_time(client, cast, people, framework, monkeypatch):
    """F: status pages with trend, also of what was brought."""
    keeping.renew()
    tomorrow = timezone.now() + timedelta(days=1)
    in_production(cast)
    monkeypatch.setattr(keeping.timezone, "now", lambda: tomorrow)
    keeping.renew()
    monkeypatch.undo()
    told = grid.trend(framework, "")
    assert [record.counts["met"] for record in told.records] == [1, 0]
    client.force_login(people["auditor"])
    page = client.get(f"/frameworks/{SLUG}/").content.decode()
    assert "polyline" in page and "House controls" in page


@pytest.mark.parametrize("kind", ["version", "system"])
def test_a_pack_carries_the_rules_and_the_standing_of_every_framework(kind, cast, framework, keys, monkeypatch):  # noqa: F811
    """P4: a stranger finds in it by which rules each status was decided, those of the house among them."""
    quickly_drawn(monkeypatch)
    version = factories.make_releasable(cast)
    system = version.home_system
    members = built(
        documents.request_pack(version, actor=cast.auditor) if kind == "version"
        else request_wide_pack(system, actor=cast.auditor)
    )  # fmt: skip
    names = {name.split(".")[0].removeprefix("rules/"): name for name in members if name.startswith("rules/")}
    assert set(names) == {*SLUGS, SLUG}
    for slug, name in names.items():
        told = json.loads(members[f"frameworks/{system.pk}/{slug}.json"])
        assert told["rules"] == f"sha256:{sha256(members[name]).hexdigest()}", slug
    found = json.loads(members[f"frameworks/{system.pk}/{SLUG}.json"])["requirements"]
    assert [entry["id"] for entry in found] == ["in-1", "in-1.1", "in-3", "use-1"]


@pytest.mark.real
@pytest.mark.django_db(transaction=True)
def test_the_page_that_verifies_offline_accepts_such_a_pack_and_none_with_other_rules(cast, framework, keys, verifier):  # noqa: F811
    """P4: verify.html and verify.py hold the rules as they hold every other file."""
    job = jobs.claim(Pack, request_wide_pack(factories.make_system(cast), actor=cast.auditor).pk)
    building.build_pack(job)
    content = job.blob.read()
    name = f"rules/{SLUG}.json"
    members = unpacked(content)
    other = repacked({**members, name: members[name].replace(b"required", b"supporting", 1)})
    assert [result for result, *_lines in answers(verifier, [content, other], job.key_fingerprint)] == [
        "accepted", "refused",
    ]  # fmt: skip
    assert verify.problems(other, job.key_fingerprint)


def test_nobody_is_named_by_rules_in_a_pack_without_names(cast, people, keys):  # noqa: F811
    """S-186: pseudonyms also where the house's own rules name somebody."""
    raw = catalogues.oscal()
    catalogues.group(raw)["title"] = f"Asked for by {cast.owner.name}"
    bring(people, catalogues.text(raw), "house.json")
    members = built(request_wide_pack(factories.make_system(cast), actor=cast.auditor))
    assert cast.owner.name.encode() not in members[f"rules/{SLUG}.json"]
