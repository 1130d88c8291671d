"""Checks of the registry's own records: licences, links of lineage, classes; recorded as evidence with a digest."""

import pytest
from django.urls import reverse

from registry.actions import data_terms, inventory
from registry.actions.record_checks import run_record_check
from registry.canonical import digest
from registry.datasets import licences
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, DatasetVersion, Evidence
from registry.record_checks import RECORD_CHECKS, sentences_of, worst
from registry.release_gates import newest_evidence
from registry.vocabulary import vocabulary
from tests import factories
from tests.registry import data as steps


def asked(cast, version, check) -> Evidence:
    """The evidence of a run by the owner."""
    return run_record_check(version, check=check, actor=cast.owner)


def distributed(cast, version, distribution="supplied"):
    """Say how the system is distributed."""
    data_terms.set_output_terms(
        version.home_system, output_class="restricted", output_protection="Encrypted everywhere.",
        output_retention_days=30, distribution=distribution, actor=cast.owner,
    )  # fmt: skip


def trained_under(cast, licence):
    """A version that was trained on data under a licence."""
    version = factories.make_version(cast)
    data = steps.version_of(steps.described(cast), licence=licence)
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=data, actor=cast.owner)
    return version


def test_every_check_of_records_has_a_name_of_the_vocabulary():
    assert set(RECORD_CHECKS) <= set(vocabulary().checks)


def test_a_run_is_evidence_with_digest_and_verdict_and_stands_in_the_log(cast):
    version = factories.make_version(cast)
    row = asked(cast, version, "doc.lineage_completeness")
    stored = {name: value for name, value in row.outcome.items() if name != "digest"}
    assert row.digest == row.outcome["digest"] == digest(stored)
    assert (row.kind, row.shows, row.verdict) == ("check", ["doc.lineage_completeness"], "fail")
    assert AuditEntry.objects.get(action="evidence.recorded", object_id=row.pk).actor == cast.owner
    assert row in newest_evidence(version)


def test_the_worst_finding_is_the_verdict_and_nothing_found_is_no_pass():
    assert worst(["pass", "insufficient", "fail"]) == "fail"
    assert worst(["pass", "insufficient"]) == "insufficient"
    assert worst(["pass", "pass"]) == "pass"
    assert worst([]) == "insufficient"


def test_the_tier_decides_which_links_must_be_there(cast):
    minimal = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier="minimal")))
    assert asked(cast, minimal, "doc.lineage_completeness").verdict == "pass"
    high = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier="high")))
    inventory.add_link(
        high,
        relation="trained_on",
        purpose="To learn from",
        target=steps.version_of(steps.described(cast)),
        actor=cast.owner,
    )
    row = asked(cast, high, "doc.lineage_completeness")
    assert row.verdict == "fail"
    assert "evaluated_on" in sentences_of(row.outcome)[0]
    inventory.add_link(
        high,
        relation="evaluated_on",
        purpose="To learn from",
        target=steps.version_of(steps.described(cast), use="test"),
        actor=cast.owner,
    )
    assert asked(cast, high, "doc.lineage_completeness").verdict == "pass"


def test_what_a_vendor_has_not_told_is_unknown_and_not_missing(cast):
    system = factories.make_system(cast, has_vendor_component=True)
    version = factories.make_version(cast, factories.make_model(cast, system))
    assert asked(cast, version, "doc.lineage_completeness").verdict == "insufficient"


CASES = [
    ("CC0-1.0", "supplied", "pass"), ("cc by 4.0", "supplied", "pass"), ("CC-BY-NC-4.0", "internal", "fail"),
    ("CC-BY-NC-4.0", "supplied", "fail"), ("CC-BY-SA-4.0", "internal", "pass"),
    ("CC-BY-SA-4.0", "supplied", "insufficient"), ("CC-BY-ND-4.0", "open", "fail"),
    ("Internal use", "supplied", "fail"), ("Internal use", "service", "pass"), ("House terms 7", "internal", "insufficient"),
    ("", "internal", "insufficient"),
]  # fmt: skip


@pytest.mark.parametrize(("licence", "distribution", "verdict"), CASES)
def test_a_licence_of_data_fits_a_distribution_or_not_or_nobody_knows(cast, licence, distribution, verdict):
    version = trained_under(cast, licence)
    distributed(cast, version, distribution)
    assert asked(cast, version, "data.licence_compatibility").verdict == verdict


def test_a_licence_far_above_counts_for_a_fine_tune(cast):
    base, tuned = trained_under(cast, "CC-BY-NC-4.0"), factories.make_version(cast)
    inventory.add_link(tuned, relation="fine_tuned_from", target=base, actor=cast.owner)
    distributed(cast, tuned)
    row = asked(cast, tuned, "data.licence_compatibility")
    assert row.verdict == "fail"
    assert "does not allow commercial" in sentences_of(row.outcome)[0]


def test_the_licence_of_the_version_itself_and_of_its_base_model_count(cast):
    """S-066: the licence that stands at a version is held against the distribution, also of what it was tuned from."""
    base = factories.make_version(cast, licence="AGPL-3.0-only")
    tuned = factories.make_version(cast, licence="Apache-2.0")
    inventory.add_link(tuned, relation="fine_tuned_from", target=base, actor=cast.owner)
    found = {(one.name, one.licence) for one in licences.licensed(tuned)}
    assert found == {(str(tuned), "Apache-2.0"), (str(base), "AGPL-3.0-only")}
    assert {licences.judged(one, "service").verdict for one in licences.licensed(tuned)} == {"pass", "fail"}


def test_a_copyleft_component_is_incompatible_where_the_same_data_licence_is_unsettled():
    told = licences.Licensed(licences.COMPONENT, "A library", "AGPL-3.0-only")
    assert licences.judged(told, "service").verdict == "fail"
    assert (
        licences.judged(licences.Licensed(licences.DATA, "Rows", "AGPL-3.0-only"), "service").verdict == "insufficient"
    )
    assert licences.judged(told, "internal").verdict == "pass"


def test_every_fact_of_the_table_names_its_source_and_nothing_is_asked_that_no_rule_knows():
    table = licences.document()
    assert all(facts["source"] for facts in table["licences"].values())
    known = {ask for rule in table["distributions"].values() for ask in rule["meets"]}
    assert {ask for facts in table["licences"].values() for ask in facts["asks"]} <= known


def test_without_a_distribution_licences_are_not_judged(cast):
    row = asked(cast, trained_under(cast, "CC0-1.0"), "data.licence_compatibility")
    assert row.verdict == "insufficient"
    assert "Nobody has said how the system is distributed" in sentences_of(row.outcome)[0]


def test_the_class_of_data_is_held_against_clearance_and_output(cast):
    version = trained_under(cast, "CC0-1.0")
    assert asked(cast, version, "data.classification_match").verdict == "pass"
    confidential = steps.version_of(steps.described(cast, classification="confidential"))
    inventory.add_link(version, relation="trained_on", purpose="To learn from", target=confidential, actor=cast.owner)
    row = asked(cast, version, "data.classification_match")
    assert row.verdict == "fail"
    assert "nobody has said why" in sentences_of(row.outcome)[0]


def test_a_button_on_the_evidence_tab_runs_a_check_and_its_page_says_what_was_found(cast, client):
    version = trained_under(cast, "CC0-1.0")
    client.force_login(cast.owner)
    tab = client.get(reverse("version-evidence", args=[version.pk])).content.decode()
    assert "Links of lineage are complete" in tab
    address = reverse("record-check-run", args=[version.pk])
    page = client.post(address, {"check": "doc.lineage_completeness"}, follow=True).content.decode()
    assert "There is a link of the kind trained_on / fine_tuned_from." in page


def test_who_may_not_run_checks_asks_no_records(cast, client):
    version = factories.make_version(cast)
    with pytest.raises(NotAllowed):
        run_record_check(version, check="doc.lineage_completeness", actor=cast.auditor)
    with pytest.raises(BadInput, match="no check of records"):
        asked(cast, version, "doc.nothing")
    assert not Evidence.objects.exists()


def test_the_api_runs_a_check_of_records(cast, client):
    version = trained_under(cast, "CC0-1.0")
    assert DatasetVersion.objects.count() == 1
    client.force_login(cast.owner)
    body = {"version": str(version.pk), "check": "doc.lineage_completeness"}
    answer = client.post("/api/v1/evidence", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["verdict"] == "pass"
