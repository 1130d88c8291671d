"""Requests for erasure: each version that came from the data is decided on, dealt with, verified by another, and reported."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from registry import gates
from registry.actions import inventory, registers
from registry.errors import BadInput, NotAllowed
from registry.models import RegisterEntry, Task
from registry.registers import kind_named
from registry.release_gates import preview
from risk.actions import erasures as actions
from risk.models import ErasureStep
from tests import factories
from tests.registry import data as data_steps
from tests.registry.registers import samples
from tests.risk.steps import events

pytestmark = pytest.mark.django_db
REASON = "The person is one of a hundred thousand."
SEEN = "I searched the new rows for the number; it is not there."
DISPOSITIONS = ("remove_data", "replace_data", "retrain", "restrict", "accept")


@pytest.fixture
def data(cast):
    """A version of a data set."""
    return data_steps.version_of(data_steps.described(cast, name="Customer letters"))


def learned(cast, data, *, count: int = 1):
    """Versions that came from the data: the first learned from them, each other was tuned from one before it."""
    versions = [factories.make_version(cast) for _number in range(count)]
    inventory.add_link(versions[0], relation="trained_on", purpose="To learn from", target=data, actor=cast.owner)
    for place, version in enumerate(versions[1:], 1):
        inventory.add_link(version, relation="fine_tuned_from", target=versions[(place - 1) // 2], actor=cast.owner)
    return versions


def asked(cast, data, **said) -> RegisterEntry:
    """A request about the data set, on which work has begun."""
    kind = kind_named("erasure_request")
    values = {"title": "Case 17", "components": ["input", "model"], "datasets": [str(data.dataset_id)],
              "owner": str(cast.privacy_officer.pk), **said}  # fmt: skip
    row = samples.written(kind, cast, data.dataset, actor=cast.risk_officer, **values)
    registers.move_entry(row, move="begin", reason="The identity is proven.", actor=cast.risk_officer)
    return RegisterEntry.objects.get(pk=row.pk)


def dealt_with(cast, row: ErasureStep, disposition: str) -> ErasureStep:
    """Decided and done by the owner, verified by the privacy officer."""
    row = actions.decide_step(row, disposition=disposition, reason=REASON, actor=cast.owner)
    if disposition != "accept":
        row = actions.finish_step(row, outcome_note="Trained again on the new rows.", actor=cast.owner)
    return actions.verify_step(row, finding=SEEN, actor=cast.privacy_officer)


def complete(cast, row) -> None:
    registers.move_entry(row, move="complete", reason="All thirty are dealt with.", actor=cast.privacy_officer)


def test_a_request_is_followed_to_thirty_versions_each_decided_verified_and_reported(cast, data):
    """S-092, G must show: thirty versions, five kinds of decision, a deadline, verification by another, one report."""
    versions = learned(cast, data, count=30)
    request = asked(cast, data)
    steps = list(request.erasure_steps.all())
    assert {row.version for row in steps} == set(versions)
    tasks = Task.objects.waiting().filter(kind=Task.Kind.ERASE)
    assert tasks.count() == 30 and {task.due_on for task in tasks} == {request.due_on}
    with pytest.raises(NotAllowed, match="30 versions"):
        complete(cast, request)
    for place, row in enumerate(steps):
        dealt_with(cast, row, DISPOSITIONS[place % 5])
    complete(cast, request)
    request.refresh_from_db()
    assert (request.status, bool(request.fields["verified_at"])) == ("completed", True)
    client = Client()
    client.force_login(cast.privacy_officer)
    page = client.get(f"/erasure-requests/{request.pk}/").content.decode()
    assert page.count("Restrict the use") == page.count("Accept it as it is") == 6
    assert page.count("Priya Privacy") >= 30
    assert not Task.objects.waiting().filter(kind__in=[Task.Kind.ERASE, Task.Kind.VERIFY_ERASURE]).exists()


def test_what_was_done_is_verified_by_who_neither_decided_nor_did_it_nor_owns_the_system(cast, data):
    """S-092, P5: four eyes, in the action and in the database."""
    learned(cast, data)
    row = asked(cast, data).erasure_steps.get()
    actions.decide_step(row, disposition="retrain", reason=REASON, actor=cast.risk_officer)
    row = actions.finish_step(row, outcome_note="Trained again on the new rows.", actor=cast.risk_officer)
    for person in (cast.risk_officer, cast.owner, cast.approver):
        with pytest.raises(NotAllowed):
            actions.verify_step(row, finding=SEEN, actor=person)
    row.verified_by, row.verified_at = cast.risk_officer, timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    row = ErasureStep.objects.get(pk=row.pk)
    actions.verify_step(row, finding=SEEN, actor=cast.privacy_officer)
    assert events(row) == [
        "erasure_step.opened", "erasure_step.decided", "erasure_step.finished", "erasure_step.verified",
    ]  # fmt: skip


def test_what_is_not_done_well_goes_back_and_is_decided_anew(cast, data):
    learned(cast, data)
    row = asked(cast, data).erasure_steps.get()
    row = actions.decide_step(row, disposition="accept", reason=REASON, actor=cast.owner)
    row = actions.send_back_step(row, reason="A hundred thousand is no reason.", actor=cast.privacy_officer)
    assert row.done_at is None
    assert Task.objects.waiting().get(object_id=row.pk).kind == Task.Kind.ERASE
    with pytest.raises(NotAllowed, match="not done yet"):
        actions.verify_step(row, finding=SEEN, actor=cast.privacy_officer)


def test_a_version_that_came_from_the_data_since_keeps_the_request_open(cast, data):
    """S-092: what was trained in the meantime counts, too."""
    learned(cast, data)
    request = asked(cast, data)
    dealt_with(cast, request.erasure_steps.get(), "retrain")
    learned(cast, data)
    with pytest.raises(NotAllowed, match="1 version"):
        complete(cast, request)


def test_a_version_is_not_released_while_a_request_touches_it(cast, data):
    """S-092: the gate says until when and where."""
    [version] = learned(cast, data)
    assert gates.answer("erasure", preview(version)).is_open
    row = asked(cast, data).erasure_steps.get()
    assert not gates.answer("erasure", preview(version)).is_open
    dealt_with(cast, row, "retrain")
    assert gates.answer("erasure", preview(version)).is_open


@pytest.mark.parametrize(("said", "field"), [
    ({"disposition": "forget", "reason": REASON}, "disposition"), ({"disposition": "accept", "reason": "No."}, "reason"),
])  # fmt: skip
def test_a_decision_that_is_none_or_has_no_reason_is_refused(cast, data, said, field):
    learned(cast, data)
    row = asked(cast, data).erasure_steps.get()
    with pytest.raises(BadInput) as refusal:
        actions.decide_step(row, actor=cast.owner, **said)
    assert refusal.value.field == field


def test_its_pages_lead_from_the_request_to_the_step_and_back(cast, data):
    """Decided, done and verified on pages; who may not see the request is not told its title."""
    learned(cast, data)
    request = asked(cast, data)
    row = request.erasure_steps.get()
    owner, officer = Client(), Client()
    owner.force_login(cast.owner)
    officer.force_login(cast.privacy_officer)
    posts = [
        (owner, "decide", {"disposition": "restrict", "reason": REASON}), (owner, "finish", {"outcome_note": "Two uses were stopped."}),
        (officer, "verify", {"finding": SEEN}),
    ]  # fmt: skip
    for client, verb, said in posts:
        assert client.post(f"/erasure-steps/{row.pk}/{verb}/", said).status_code == 302, verb
    row.refresh_from_db()
    assert row.verified_by == cast.privacy_officer
    assert "Case 17" in officer.get(row.get_absolute_url()).content.decode()
    assert "Case 17" not in owner.get(row.get_absolute_url()).content.decode()
    assert f"/erasure-requests/{request.pk}/" in officer.get(request.get_absolute_url()).content.decode()
    assert owner.get(f"/erasure-requests/{request.pk}/").status_code == 404
    assert (
        owner.post(f"/erasure-steps/{row.pk}/decide/", {"disposition": "accept", "reason": REASON}).status_code == 422
    )


def test_the_time_of_a_request_runs_out_and_its_page_says_so(cast, data, monkeypatch):
    learned(cast, data)
    request = asked(cast, data)
    past = timezone.now() + timedelta(days=120)
    monkeypatch.setattr(timezone, "now", lambda: past)
    client = Client()
    client.force_login(cast.privacy_officer)
    assert "The time is over." in client.get(f"/erasure-requests/{request.pk}/").content.decode()
