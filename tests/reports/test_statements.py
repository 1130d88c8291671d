"""Signed statements as attestations, overrides of a status for a time, and conditions that follow from a classification."""

import io
from datetime import timedelta

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from registry.actions import register_approval as approval, register_files
from registry.errors import NotAllowed
from registry.models import Duty
from registry.registers import kind_named, subjects
from reports import building, formats, pdf, printing
from reports.catalogue import REPORTS
from reports.sources import DjangoFacts
from tests import factories
from tests.registry.registers import samples
from tests.reports.test_sources import decided, item

REASON = "Read in full and found right."


def facts(as_of=None):
    return DjangoFacts(None, None, as_of or timezone.now())


@pytest.fixture
def group_risk(cast):
    """A risk officer of the whole group, who approves."""
    return samples.writer(cast)


def signed(cast, approver, about=None, *, topic, by, file=True):
    """A statement, with its paper, approved by another."""
    row = samples.written(
        kind_named("signed_statement"), cast, about or subjects.root(), topic=topic, signed_by=str(by.pk), actor=None
    )
    if file:
        paper = SimpleUploadedFile("signed.pdf", b"signed")
        register_files.attach_file(row, file=paper, actor=row.author)
    approval.submit_entry(row, actor=row.author)
    approval.approve_entry(row, reason=REASON, actor=approver)
    row.refresh_from_db()
    return row


@pytest.fixture
def counsel(cast, group_risk):
    return factories.invite("counsel", "Clara Counsel", Duty.LEGAL_COMPLIANCE, subjects.root(), cast.administrator)


def test_a_statement_counts_as_attested_by_the_duty_of_who_signed_it(cast, counsel):
    """P6: what only people can show is signed in a duty, looked at by another, and printed as attested."""
    signed(cast, counsel, topic="legal_review", by=counsel)
    [found] = facts().attestations("legal_review")
    assert (found.role, found.has_file, found.basis) == ("legal_compliance", True, "attested")
    assert [one.result for one in attested("legal_review")] == ["pass"]


def attested(topic):
    """What the items on a topic came to."""
    return [one for entry in decided().requirements for one in entry.items if one.item.topic == topic]


def test_a_name_alone_is_no_signature(cast, counsel):
    """Who is only named in it, and whose paper is not attached, has signed nothing."""
    other = factories.invite("chief", "Cora Chief", Duty.EXECUTIVE, subjects.root(), cast.administrator)
    signed(cast, counsel, topic="resources_adequate", by=other, file=False)
    assert facts().attestations("resources_adequate") == []


def test_a_statement_that_waits_for_its_second_person_shows_nothing(cast, counsel):
    row = samples.written(kind_named("signed_statement"), cast, subjects.root(), topic="legal_review")
    approval.submit_entry(row, actor=row.author)
    assert facts().attestations("legal_review") == []


# overrides


def overridden(cast, approver, about=None, *, days=30, **said):
    """An override in force."""
    due = (timezone.localdate() + timedelta(days=days)).isoformat()
    row = samples.written(
        kind_named("status_override"), cast, about or subjects.root(), due_on=due,
        **{"framework": "nist_ai_rmf", "requirement": "GOVERN 1.1", "result": "met", "reason": "Shown on paper.", **said},
    )  # fmt: skip
    approval.submit_entry(row, actor=row.author)
    approval.approve_entry(row, reason=REASON, actor=approver)
    return row


@pytest.fixture
def chief(cast, group_risk):
    return factories.invite("chief", "Cora Chief", Duty.EXECUTIVE, subjects.root(), cast.administrator)


def test_an_override_sets_the_status_and_is_printed_as_one(cast, chief):
    """P6: a typed status has a reason, an owner and an end, and never looks like evidence."""
    overridden(cast, chief)
    found = decided().of("GOVERN 1.1")
    assert (found.result, found.basis, found.override.instead_of) == ("met", None, "not_met")
    told = found.to_json()["override"]
    assert told["reason"] == "Shown on paper." and told["owner"] == cast.owner.name and told["expires_on"]
    assert "Shown on paper." in str(found.reason)


def test_an_override_that_has_run_out_falls_back_to_the_evidence(cast, chief):
    overridden(cast, chief, days=1)
    later = facts(timezone.now() + timedelta(days=3))
    from reports.evaluation import evaluate
    from reports.framework_files import load

    found = evaluate(load("nist_ai_rmf"), later, as_of=later.as_of).of("GOVERN 1.1")
    assert (found.result, found.override) == ("not_met", None)


def test_an_override_holds_for_what_it_is_about_alone(cast, chief):
    system = factories.make_system(cast)
    overridden(cast, chief, system)
    assert decided().of("GOVERN 1.1").override is None
    assert decided(system).of("GOVERN 1.1").override is not None


def test_nobody_approves_the_override_that_he_or_she_wrote(cast, group_risk, chief):
    row = samples.written(kind_named("status_override"), cast, subjects.root(), framework="nist_ai_rmf")
    approval.submit_entry(row, actor=row.author)
    with pytest.raises(NotAllowed):
        approval.approve_entry(row, reason=REASON, actor=row.author)


# conditions


def test_what_is_not_classified_is_taken_to_be_high_risk(cast):
    system = factories.make_system(cast)
    holds, why = facts().condition("eu_high_risk_provider", str(system.pk))
    assert holds and "not recorded" in why


def test_a_decided_class_says_which_duties_of_the_law_apply(cast, chief):
    system = factories.make_system(cast)
    said = {"tier": "high", "role": "deployer", "annex_iii_area": "5(b)"}
    row = samples.written(kind_named("eu_classification"), cast, system, **said)
    counsel = factories.invite("counsel", "Clara Counsel", Duty.LEGAL_COMPLIANCE, subjects.root(), cast.administrator)
    approval.submit_entry(row, actor=row.author)
    approval.approve_entry(row, reason=REASON, actor=counsel)
    names = ("eu_high_risk", "eu_high_risk_provider", "eu_high_risk_deployer", "eu_fria_deployer", "workplace_use")
    assert [facts().condition(name, str(system.pk))[0] for name in names] == [True, False, True, True, False]


def test_a_validation_is_independent_when_the_builder_is_another(cast, group_risk):
    system = factories.make_system(cast, risk_tier="high")
    samples.written(kind_named("validation_report"), cast, system, validator=str(group_risk.pk))
    [run] = facts().workflows("validation")
    assert run.steps["validator"].isdisjoint(run.steps["technical_owner"])
    assert item(decided(system), "MEASURE-1.3.a").result in {"pass", "not_applicable"}


def test_an_override_is_printed_as_one_in_every_form_of_the_report(cast, chief, monkeypatch):
    """P6: page, Word and data of the compliance report name it, with reason, owner, end and what the evidence says."""
    monkeypatch.setattr(pdf, "render", lambda html, **rest: html.encode())
    version = factories.make_version(cast)
    overridden(cast, chief, version.home_system)
    data = building.gathered(REPORTS["compliance"], version, as_of=timezone.now(), language="en")
    document = printing.printed(REPORTS["compliance"], data, language="en", serial="1", charts={}, lineage_picture="")
    [told] = data["overrides"]
    assert (told["id"], told["result"], told["instead_of"]) == ("GOVERN 1.1", "met", "not_met")
    word = docx.Document(io.BytesIO(formats.written(document)["docx"]))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    for text in (document.html, "\n".join(cells)):
        assert all(said in text for said in ("Override", "Shown on paper.", cast.owner.name, told["expires_on"]))
    assert [entry["override"]["reason"] for entry in data["evaluation"]["requirements"] if entry["override"]] == [
        "Shown on paper."
    ]
