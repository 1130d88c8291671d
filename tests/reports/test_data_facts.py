"""Approvals of data and reclassifications as the rules of frameworks see them."""

from registry.actions import inventory
from risk import actions
from tests import factories
from tests.registry import data as steps
from tests.reports.test_sources import facts_now


def test_an_approved_source_is_a_workflow_with_its_approver_in_duty(cast):
    """S-063: what nobody has decided on is none."""
    open_one, done = (steps.version_of(steps.described(cast)) for _number in range(2))
    steps.approved(cast, done)
    [fact] = facts_now().workflows("data_source")
    assert (fact.id, fact.outcome) == (str(done.pk), "approved")
    assert fact.approvers == ((str(cast.privacy_officer.pk), "privacy_officer"),)
    assert fact.id != str(open_one.pk)


def test_the_facts_of_a_version_of_data_carry_its_card_and_class(cast):
    steps.version_of(steps.described(cast, classification="confidential", residency="Germany"))
    [row] = facts_now().records("dataset_version")
    told = {name: row.fields[name] for name in ("classification", "residency", "source_reputation")}
    assert told == {
        "classification": "confidential", "residency": "Germany",
        "source_reputation": "Reconciled with the ledger every month.",
    }  # fmt: skip


def test_a_reclassification_is_a_completed_workflow_only_when_every_version_is_dealt_with(cast):
    """S-068."""
    data, version = steps.version_of(steps.described(cast)), factories.make_version(cast)
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=data, actor=cast.owner)
    record = actions.reclassify(data.dataset, new_class="restricted", reason=steps.REASON, actor=cast.owner)
    facts = facts_now()
    assert [row.fields["new_class"] for row in facts.records("reclassification")] == ["restricted"]
    assert [one.id for one in facts.population("reclassifications_365", None)] == [str(record.pk)]
    assert facts.workflows("reclassification") == []
    actions.decide_affected(record.affected.get(), disposition="accept", reason=steps.REASON, actor=cast.owner)
    [done] = facts_now().workflows("reclassification")
    assert (done.id, done.outcome) == (str(record.pk), "completed")
