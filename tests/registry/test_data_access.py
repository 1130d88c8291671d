"""Access to data of another unit and outside production: asked for, decided on, reviewed, ended, and what rests on it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from registry import gates, release_gates
from registry.actions import data_access, datasets, inventory, people
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, DataAccess, Dataset, DatasetVersion, Task
from tests import factories
from tests.registry import data as steps
from tests.registry.data import REASON

TODAY = date.today()
PURPOSE = "To learn who answered earlier offers."
PEOPLE = "Two engineers of the offers team"


@pytest.fixture
def steward(cast):
    """Who answers for the data of the other unit."""
    factories.grant(cast, cast.outsider, "data_steward", unit=cast.other_unit)
    return cast.outsider


@pytest.fixture
def data(cast, steward):
    """A version of data of the other unit, which offers them by name."""
    dataset = datasets.register_dataset(
        cast.other_unit, name="Claims of the other unit", actor=steward, **steps.CARD, is_offered=True
    )
    return steps.version_of(dataset)


@pytest.fixture
def version(cast):
    """A draft of the lending unit that wants to learn from them."""
    return factories.make_version(cast)


def asked(cast, data, version, **changes):
    """A request of the owner for production until next month."""
    fields = {
        "system": version.home_system, "environment": "production", "people": PEOPLE, "purpose": PURPOSE,
        "ends_on": TODAY + timedelta(days=30),
    }  # fmt: skip
    return data_access.request_access(data.dataset, actor=cast.owner, **{**fields, **changes})


def granted(cast, data, version, **changes):
    """The same, granted by the steward."""
    row = asked(cast, data, version, **changes)
    return data_access.decide_access(row, decision="granted", reason=REASON, actor=data.dataset.steward)


def link(cast, version, data):
    """The version learns from the data."""
    return inventory.add_link(version, relation="trained_on", target=data, purpose=PURPOSE, actor=cast.owner)


def gate_about_data(version):
    """The answer of the gate."""
    return gates.answer("data", release_gates.preview(version))


def test_data_of_another_unit_are_linked_only_while_access_is_in_force(cast, data, version):
    """S-080: refused before, let through after the steward granted it."""
    with pytest.raises(BadInput, match="belongs to another unit"):
        link(cast, version, data)
    row = asked(cast, data, version)
    with pytest.raises(BadInput, match="belongs to another unit"):
        link(cast, version, data)
    task = Task.objects.get(kind=Task.Kind.DECIDE_ACCESS)
    assert (task.person, task.done_at) == (data.dataset.steward, None)
    data_access.decide_access(row, decision="granted", reason=REASON, actor=data.dataset.steward)
    link(cast, version, data)
    assert gate_about_data(version).is_open
    assert Task.objects.get(pk=task.pk).done_at is not None
    actions = AuditEntry.objects.filter(object_id=row.pk).order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["data_access.requested", "data_access.granted"]


def test_access_brings_the_data_into_sight_and_its_end_takes_them_out_again(cast, data, version):
    """S-080: who may see the system sees what it was lent, and nobody else does."""
    assert not Dataset.objects.visible_to(cast.owner).filter(pk=data.dataset_id).exists()
    row = granted(cast, data, version)
    assert Dataset.objects.visible_to(cast.owner).filter(pk=data.dataset_id).exists()
    assert not Dataset.objects.visible_to(cast.administrator).filter(pk=data.dataset_id).exists()
    data_access.end_access(row, reason=REASON, actor=data.dataset.steward)
    assert not Dataset.objects.visible_to(cast.owner).filter(pk=data.dataset_id).exists()


def test_access_to_one_system_is_none_to_another(cast, data, version):
    granted(cast, data, version)
    with pytest.raises(BadInput, match="belongs to another unit"):
        link(cast, factories.make_version(cast), data)


@pytest.mark.parametrize("how", ["act", "day"])
def test_the_end_of_access_closes_the_gate_and_tells_who_builds_on_the_data(cast, data, version, how, monkeypatch):
    """S-080: it ends by an act or with its last day; either way a task is opened, once."""
    row = granted(cast, data, version)
    link(cast, version, data)
    later = TODAY + timedelta(days=31)
    if how == "act":
        data_access.end_access(row, reason="The contract of the source was changed.", actor=data.dataset.steward)
    else:
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args: later)
    assert data_access.tell_of_past(later) == (0 if how == "act" else 1)
    assert data_access.tell_of_past(later) == 0
    assert "no access to it is in force" in gate_about_data(version).reason
    task = Task.objects.get(kind=Task.Kind.ACCESS_ENDED)
    assert (task.person, task.system) == (version.home_system.technical_owner, version.home_system)


def test_only_the_steward_decides_and_never_who_asked(cast, data, version):
    """S-080: neither the asking unit nor somebody else of the giving one."""
    row = asked(cast, data, version)
    for person in (cast.owner, cast.risk_officer, cast.privacy_officer):
        with pytest.raises(NotAllowed):
            data_access.decide_access(row, decision="granted", reason=REASON, actor=person)
    refused = data_access.decide_access(row, decision="refused", reason=REASON, actor=data.dataset.steward)
    assert refused.status == "refused"
    with pytest.raises(NotAllowed, match="Refused"):
        data_access.decide_access(row, decision="granted", reason=REASON, actor=data.dataset.steward)


def test_data_that_nobody_offers_cannot_even_be_named(cast, steward, version, client):
    """S-080: the name of a data set is shown to other units only where its steward offers it."""
    hidden = datasets.register_dataset(cast.other_unit, name="Hidden claims", actor=steward, **steps.CARD)
    with pytest.raises(BadInput, match="no such data set"):
        asked(cast, steps.version_of(hidden), version)
    client.force_login(cast.owner)
    assert "Hidden claims" not in client.get(reverse("data-access-new")).content.decode()


@pytest.mark.parametrize("days", [0, 367])
def test_access_has_a_last_day_that_lies_ahead_and_not_too_far(cast, data, version, days):
    with pytest.raises(BadInput, match="last day"):
        asked(cast, data, version, ends_on=TODAY + timedelta(days=days))


def test_data_of_a_unit_above_serve_the_units_below_without_being_asked_for(cast):
    """S-080: what is another unit."""
    below = people.add_unit("Cards", parent=cast.unit, actor=cast.administrator)
    system = inventory.register_system(
        below, name="Card limits", purpose=PURPOSE, risk_tier="limited", business_owner=cast.owner,
        technical_owner=cast.owner, actor=cast.owner,
    )  # fmt: skip
    data = steps.version_of(steps.described(cast))
    link(cast, factories.make_version(cast, factories.make_model(cast, system)), data)
    with pytest.raises(BadInput, match="of its own unit"):
        data_access.request_access(
            data.dataset, system=system, environment="production", people=PEOPLE, purpose=PURPOSE,
            ends_on=TODAY + timedelta(days=9), actor=cast.owner,
        )  # fmt: skip


def test_the_pages_ask_decide_and_end_and_the_list_and_api_show_it(cast, data, version, client):
    """S-080: by form, on the page of the data set, in the list and by REST."""
    client.force_login(cast.owner)
    sent = {
        "dataset": str(data.dataset_id), "system": str(version.home_system.pk), "environment": "production",
        "people": PEOPLE, "purpose": PURPOSE, "ends_on": (TODAY + timedelta(days=30)).isoformat(),
    }  # fmt: skip
    assert PURPOSE in client.post(reverse("data-access-new"), sent, follow=True).content.decode()
    row = DataAccess.objects.get()
    client.force_login(data.dataset.steward)
    assert str(version.home_system) in client.get(data.dataset.get_absolute_url()).content.decode()
    client.post(reverse("data-access-decide", args=[row.pk]), {"decision": "granted", "reason": REASON})
    api = APIClient()
    api.force_login(cast.auditor)
    [told] = api.get("/api/v1/data-accesses/").json()["results"]
    assert (told["status"], told["is_in_force"], told["decision_reason"]) == ("granted", True, REASON)
    client.force_login(cast.owner)
    page = client.post(reverse("data-access-end", args=[row.pk]), {"reason": REASON}, follow=True).content.decode()
    assert "Ended" in page
    assert "Ended" in client.get(reverse("data-accesses")).content.decode()


def test_a_script_asks_for_access_by_the_api(cast, data, version):
    """S-080."""
    api = APIClient()
    api.force_login(cast.owner)
    sent = {
        "dataset": str(data.dataset_id), "system": str(version.home_system.pk), "environment": "test",
        "people": PEOPLE, "purpose": PURPOSE, "ends_on": (TODAY + timedelta(days=30)).isoformat(),
    }  # fmt: skip
    answer = api.post("/api/v1/data-accesses/", sent, format="json")
    assert (answer.status_code, answer.json()["status"]) == (201, "requested")


# ---- outside production


def test_access_outside_production_is_reviewed_by_a_day_with_a_task(cast, data, version):
    """S-083: the day is set with the grant; in production there is none."""
    assert granted(cast, data, version).review_due is None
    row = granted(cast, data, version, environment="test", ends_on=TODAY + timedelta(days=300))
    assert row.review_due == TODAY + timedelta(days=90)
    task = Task.objects.get(kind=Task.Kind.REVIEW_ACCESS)
    assert (task.person, task.due_on) == (data.dataset.steward, row.review_due)


def test_a_review_is_kept_with_its_outcome_and_sets_the_next_day(cast, data, version, monkeypatch):
    """S-083: overdue ones are found; a review keeps note, person and time in row and log, and asks again."""
    row = granted(cast, data, version, environment="test", ends_on=TODAY + timedelta(days=300))
    later = TODAY + timedelta(days=91)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args: later)
    assert list(DataAccess.objects.review_overdue()) == [row]
    note = "Looked at the copy; nobody else writes there."
    row = data_access.review_access(
        row, outcome="kept", reason=note, found_digest=data.hash, actor=data.dataset.steward
    )
    assert (row.review_note, row.review_due) == (note, later + timedelta(days=90))
    assert not DataAccess.objects.review_overdue().exists()
    assert Task.objects.waiting().get(kind=Task.Kind.REVIEW_ACCESS).due_on == row.review_due
    assert AuditEntry.objects.get(action="data_access.reviewed").object_id == row.pk


def test_a_copy_that_somebody_changed_is_not_kept(cast, data, version):
    """S-083: bytes that are no version of the data set end the access."""
    row = granted(cast, data, version, environment="development")
    changed = "sha256:" + "f" * 64
    with pytest.raises(BadInput, match="somebody changed the data there"):
        data_access.review_access(row, outcome="kept", reason=REASON, found_digest=changed, actor=data.dataset.steward)
    row = data_access.review_access(
        row, outcome="ended", reason=REASON, found_digest=changed, actor=data.dataset.steward
    )
    assert (row.status, row.review_due) == ("ended", None)


def test_a_copy_of_the_own_unit_outside_production_is_asked_for_too(cast, version, client):
    """S-083: and reviewed on its page."""
    data = steps.version_of(steps.described(cast))
    factories.grant(cast, cast.auditor, "data_steward")
    datasets.change_steward(data.dataset, steward=cast.auditor, reason=REASON, actor=cast.owner)
    data = DatasetVersion.objects.get()
    row = granted(cast, data, version, environment="test")
    client.force_login(cast.auditor)
    sent = {"outcome": "kept", "reason": "Nobody else can write there."}
    page = client.post(reverse("data-access-review", args=[row.pk]), sent, follow=True).content.decode()
    assert "Nobody else can write there." in page
