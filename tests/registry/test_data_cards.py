"""Data cards, stewards, and the approval of a source for a use by somebody who has no part in it."""

import pytest
from django.urls import reverse

from registry import gates, release_gates
from registry.actions import data_use, datasets, inventory
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Dataset, DatasetVersion, DataUse, Task
from tests import factories
from tests.registry import data as steps
from tests.registry.data import REASON


def gate_about_data(version) -> gates.GateResult:
    """The answer of the gate."""
    return gates.answer("data", release_gates.preview(version))


def test_a_data_set_has_a_steward_from_its_first_day_and_another_only_by_an_act_with_a_reason(cast):
    """S-061."""
    dataset = steps.described(cast)
    assert dataset.steward == cast.owner
    with pytest.raises(BadInput, match="at least 10"):
        datasets.change_steward(dataset, steward=cast.risk_officer, reason="so", actor=cast.owner)
    datasets.change_steward(dataset, steward=cast.risk_officer, reason=REASON, actor=cast.owner)
    assert Dataset.objects.get(pk=dataset.pk).steward == cast.risk_officer
    assert AuditEntry.objects.filter(action="dataset.steward_changed", object_id=dataset.pk).count() == 1


def test_nobody_is_made_steward_who_may_not_see_the_data(cast):
    with pytest.raises(BadInput, match="may not see this data set"):
        datasets.change_steward(steps.described(cast), steward=cast.outsider, reason=REASON, actor=cast.owner)


def test_the_card_says_meaning_relations_origin_use_and_format_on_the_page(cast, client):
    """S-062: written with a form by the steward, and read on the page of the data set."""
    dataset = steps.described(cast)
    client.force_login(cast.owner)
    told = {
        name: f"What is said of {name}" for name in ("relations", "origin", "intended_use", "format", "description")
    }
    address = reverse("dataset-edit", args=[dataset.pk])
    page = client.post(address, {"name": dataset.name, "kind": "business", **told}, follow=True).content.decode()
    assert all(text in page for text in told.values())
    assert AuditEntry.objects.filter(action="dataset.edited", object_id=dataset.pk).count() == 1


def test_the_end_of_the_collection_does_not_come_before_its_beginning(cast, client):
    dataset = steps.described(cast)
    client.force_login(cast.owner)
    days = {"collected_from": "2026-02-01", "collected_until": "2026-01-01"}
    told = {"name": dataset.name, "kind": "business", **days}
    answer = client.post(reverse("dataset-edit", args=[dataset.pk]), told)
    assert answer.status_code == 422
    assert "lies before its beginning" in answer.content.decode()


def test_the_class_is_no_line_of_the_card(cast):
    with pytest.raises(BadInput, match="cannot be set here"):
        datasets.edit_dataset(steps.described(cast), classification="public", actor=cast.owner)


def test_a_named_person_is_asked_and_decides_for_which_uses_the_source_is_approved(cast):
    """S-063: a task for the approver, a decision with a reason, both in the log."""
    data = steps.version_of(steps.described(cast))
    datasets.ask_approval(data, uses=["training", "test"], approver=cast.privacy_officer, actor=cast.owner)
    task = Task.objects.get(kind=Task.Kind.APPROVE_DATA)
    assert (task.person, task.done_at, task.unit) == (cast.privacy_officer, None, cast.unit)
    found = datasets.decide_source(
        data, decision="restricted", uses=["test"], reason=REASON, actor=cast.privacy_officer
    )
    assert (found.status, found.approved_uses) == ("restricted", ["test"])
    assert Task.objects.get(pk=task.pk).done_at is not None
    actions = AuditEntry.objects.filter(object_id=data.pk).order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["dataset_version.registered", "dataset_version.submitted", "dataset_version.restricted"]


@pytest.mark.parametrize("line", datasets.ASKED_OF_A_SOURCE)
def test_nobody_is_asked_before_reputation_receipt_storage_age_and_right_are_written(cast, line):
    """S-064: each is part of what is approved."""
    data = steps.version_of(steps.described(cast, **{line: None if line == "collected_until" else ""}))
    with pytest.raises(BadInput, match="does not say yet"):
        datasets.ask_approval(data, uses=["training"], approver=cast.privacy_officer, actor=cast.owner)


def test_neither_steward_nor_registrar_approves_a_source(cast):
    """S-063: whoever has a part in the data cannot be asked, and cannot decide after all."""
    dataset = steps.described(cast)
    data = steps.version_of(dataset)
    factories.grant(cast, cast.owner, "risk_officer")
    with pytest.raises(BadInput, match="somebody else"):
        datasets.ask_approval(data, uses=["training"], approver=cast.owner, actor=cast.owner)
    datasets.ask_approval(data, uses=["training"], approver=cast.risk_officer, actor=cast.owner)
    datasets.change_steward(dataset, steward=cast.risk_officer, reason=REASON, actor=cast.owner)
    with pytest.raises(BadInput, match="somebody else must decide"):
        datasets.decide_source(data, decision="approved", reason=REASON, actor=cast.risk_officer)


def test_only_who_was_asked_decides(cast):
    data = steps.version_of(steps.described(cast))
    datasets.ask_approval(data, uses=["training"], approver=cast.privacy_officer, actor=cast.owner)
    with pytest.raises(NotAllowed, match="was asked"):
        datasets.decide_source(data, decision="approved", reason=REASON, actor=cast.risk_officer)


def test_data_that_nobody_approved_for_training_close_the_gate_of_a_high_tier(cast):
    """S-063: the reason names data and use; approval opens it."""
    version = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier="high")))
    data = steps.version_of(steps.described(cast))
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=data, actor=cast.owner)
    closed = gate_about_data(version)
    assert not closed.is_open
    assert str(data) in closed.reason
    steps.approved(cast, data, "test")
    assert not gate_about_data(version).is_open
    steps.approved(cast, data, "training")
    data_use.review_fit(DataUse.objects.get(), fit="fits", reason=REASON, actor=cast.risk_officer)
    assert gate_about_data(version).is_open


def test_withdrawn_data_close_the_gate_of_any_tier_and_can_be_linked_no_more(cast):
    """S-063: with the reason of the withdrawal."""
    version = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier="minimal")))
    data = steps.version_of(steps.described(cast))
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=data, actor=cast.owner)
    assert gate_about_data(version).is_open
    datasets.withdraw_data(data, reason="The contract with the source has ended.", actor=cast.owner)
    assert "The contract with the source has ended." in gate_about_data(version).reason
    with pytest.raises(BadInput, match="is withdrawn"):
        inventory.add_link(
            factories.make_version(cast), relation="trained_on", purpose="To learn from", target=data, actor=cast.owner
        )


def test_a_version_in_review_cannot_be_linked_to_data_that_nobody_approved(cast):
    version = factories.make_releasable(cast, risk_tier="high")
    version.status = "in_review"
    with pytest.raises(BadInput, match="Nobody has approved"):
        inventory.add_link(
            version,
            relation="trained_on",
            purpose="To learn from",
            target=steps.version_of(steps.described(cast)),
            actor=cast.owner,
        )


def test_the_pages_walk_a_source_from_draft_to_approved_and_withdrawn(cast, client):
    """S-063: ask, decide and withdraw are verbs on the page of the version."""
    data = steps.version_of(steps.described(cast))
    factories.make_version(cast)  # the home page of an installation without any shows the first steps instead of tasks
    client.force_login(cast.owner)
    ask = {"uses": ["training", "validation"], "approver": cast.privacy_officer.pk}
    client.post(reverse("dataset-version-ask", args=[data.pk]), ask)
    client.force_login(cast.privacy_officer)
    assert "Approve data for a use" in client.get("/").content.decode()
    decide = {"decision": "approved", "reason": REASON}
    page = client.post(reverse("dataset-version-decide", args=[data.pk]), decide, follow=True).content.decode()
    assert "Training, Validation" in page
    client.force_login(cast.owner)
    client.post(reverse("dataset-version-withdraw", args=[data.pk]), {"reason": REASON})
    assert DatasetVersion.objects.get(pk=data.pk).status == "withdrawn"


def test_a_stranger_cannot_withdraw_data(cast, client):
    data = steps.version_of(steps.described(cast))
    client.force_login(cast.publisher)
    assert client.post(reverse("dataset-version-withdraw", args=[data.pk]), {"reason": REASON}).status_code in {
        404,
        422,
    }
    assert DatasetVersion.objects.get(pk=data.pk).status == "draft"
