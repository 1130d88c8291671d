"""What data are used for: the purpose of each link, and the review of whether the data serve the goal."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from registry import gates, release_gates
from registry.actions import data_use, inventory
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, DataUse, LineageLink, Task
from tests import factories
from tests.registry import data as steps
from tests.registry.data import REASON

PURPOSE = "To learn who answered earlier offers."


def version_of_tier(cast, tier):
    """A version of a system in the tier."""
    return factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier=tier)))


def used(cast, version, **changes):
    """The use of approved data for training."""
    data = steps.approved(cast, steps.version_of(steps.described(cast)))
    link = inventory.add_link(version, relation="trained_on", target=data, purpose=PURPOSE, actor=cast.owner, **changes)
    return link.data_use


def gate_about_data(version):
    """The answer of the gate."""
    return gates.answer("data", release_gates.preview(version))


def test_data_are_linked_only_with_the_purpose_that_they_serve(cast):
    """S-077: without one there is no link; with one it is kept and logged under the version."""
    version, data = factories.make_version(cast), steps.version_of(steps.described(cast))
    with pytest.raises(BadInput, match="at least 10"):
        inventory.add_link(version, relation="trained_on", target=data, actor=cast.owner)
    assert not LineageLink.objects.exists()
    inventory.add_link(version, relation="trained_on", target=data, purpose=PURPOSE, actor=cast.owner)
    use = DataUse.objects.get()
    assert (use.purpose, use.fit, use.data) == (PURPOSE, "open", data)
    assert AuditEntry.objects.get(action="data_use.begun").about_id == version.pk


def test_output_that_a_version_feeds_needs_no_purpose(cast):
    version, data = factories.make_version(cast), steps.version_of(steps.described(cast))
    inventory.add_link(version, relation="feeds", target=data, actor=cast.owner)
    assert not DataUse.objects.exists()


def test_the_page_asks_for_the_purpose_and_shows_the_refusal_at_its_field(cast, client):
    """S-077: the form of a link."""
    version, data = factories.make_version(cast), steps.version_of(steps.described(cast))
    client.force_login(cast.owner)
    address, sent = (
        reverse("version-link-add", args=[version.pk]),
        {"relation": "trained_on", "target": f"dataset:{data.pk}"},
    )
    assert "at least 10" in client.post(address, sent).content.decode()
    client.post(address, sent | {"purpose": PURPOSE})
    assert DataUse.objects.get().purpose == PURPOSE


def test_a_high_tier_waits_until_somebody_else_has_found_that_the_data_serve_the_goal(cast):
    """S-077: a task, a review with reason, and the gate that reads it; who made the link cannot review."""
    version = version_of_tier(cast, "high")
    use = used(cast, version)
    assert "Nobody has reviewed" in gate_about_data(version).reason
    assert Task.objects.get(kind=Task.Kind.REVIEW_FIT).duty == "risk_officer"
    with pytest.raises(NotAllowed, match="not who made the link"):
        data_use.review_fit(use, fit="fits", reason=REASON, actor=cast.owner)
    data_use.review_fit(use, fit="fits", reason=REASON, actor=cast.risk_officer)
    assert gate_about_data(version).is_open
    assert not Task.objects.waiting().filter(kind=Task.Kind.REVIEW_FIT).exists()
    entry = AuditEntry.objects.get(action="data_use.reviewed")
    assert (entry.actor, entry.object_id) == (cast.risk_officer, use.pk)


def test_data_that_do_not_serve_the_goal_close_the_gate_of_any_tier(cast):
    """S-077: only data that serve the goal stay linked."""
    version = version_of_tier(cast, "minimal")
    use = used(cast, version)
    assert gate_about_data(version).is_open
    data_use.review_fit(use, fit="unfit", reason="They speak of loans, not of offers.", actor=cast.risk_officer)
    assert "They speak of loans, not of offers." in gate_about_data(version).reason


@pytest.mark.parametrize("what", ["link", "system"])
def test_a_review_is_redone_when_the_purpose_changes(cast, what):
    """S-077: another purpose of the data, or another goal of the system, asks again; the old review is kept and stale."""
    version = version_of_tier(cast, "high")
    use = used(cast, version)
    data_use.review_fit(use, fit="fits", reason=REASON, actor=cast.risk_officer)
    if what == "link":
        data_use.change_purpose(use, purpose="To learn who repays a loan.", reason=REASON, actor=cast.owner)
    else:
        inventory.edit_system(version.home_system, purpose="Decides who gets a loan.", actor=cast.owner)
    use = DataUse.objects.select_related("system").get()
    assert (use.is_stale, use.reason) == (True, REASON)
    assert Task.objects.waiting().filter(kind=Task.Kind.REVIEW_FIT).count() == 1
    assert not gate_about_data(version).is_open
    data_use.review_fit(use, fit="fits", reason=REASON, actor=cast.risk_officer)
    assert gate_about_data(version).is_open


def test_the_review_is_done_on_its_page_and_read_by_the_api(cast, client):
    """S-077: page, list and REST show purpose, fit and reason."""
    use = used(cast, version_of_tier(cast, "high"))
    client.force_login(cast.risk_officer)
    assert PURPOSE in client.get(use.get_absolute_url()).content.decode()
    answer = client.post(reverse("data-use-review", args=[use.pk]), {"fit": "fits", "reason": REASON}, follow=True)
    assert REASON in answer.content.decode()
    assert "Serves the goal" in client.get(reverse("data-uses")).content.decode()
    assert "Serves the goal" in client.get(use.data.get_absolute_url()).content.decode()
    api = APIClient()
    api.force_login(cast.auditor)
    [row] = api.get("/api/v1/data-uses/").json()["results"]
    assert (row["fit"], row["reason"], row["is_stale"]) == ("fits", REASON, False)


def test_who_may_not_review_is_refused_on_the_page_with_the_reason(cast, client):
    use = used(cast, version_of_tier(cast, "high"))
    client.force_login(cast.owner)
    answer = client.post(reverse("data-use-review", args=[use.pk]), {"fit": "fits", "reason": REASON})
    assert (answer.status_code, DataUse.objects.get().fit) == (422, "open")
    assert "not who made the link" in answer.content.decode()
