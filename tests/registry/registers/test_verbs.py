"""Entries are submitted, approved by another, revised, moved and withdrawn; what stands is in the log."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry.actions import register_approval as approval, registers as actions
from registry.audit.as_of import state_of
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Duty, RegisterEntry, Task
from registry.registers import kind_named, subjects
from registry.search import hits
from tests import factories
from tests.registry.registers import samples

REASON = "Read in full and found right."


@pytest.fixture
def chair(cast):
    return factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator)


def policy(cast, **changes):
    """A draft of a policy of the lending unit, by the owner."""
    return samples.written(
        kind_named("policy_document"), cast, cast.unit, actor=cast.owner, title="Use of AI in lending", **changes
    )


def in_force(cast, chair, **changes):
    """The policy, submitted and approved."""
    row = policy(cast, **changes)
    approval.submit_entry(row, actor=cast.owner)
    approval.approve_entry(row, reason=REASON, actor=chair)
    row.refresh_from_db()
    return row


def test_a_policy_is_versioned_approved_and_has_a_date_of_review(cast, chair):
    """S-041: approval is by duty and another than the author; who and when stand in the row and in the log."""
    row = in_force(cast, chair)
    assert (row.status, row.revision, row.approved_by, row.due_on is not None) == ("approved", 1, chair, True)
    acts = AuditEntry.objects.filter(object_id=row.pk).order_by("seq").values_list("action", flat=True)
    assert list(acts) == ["entry.added", "entry.submitted", "entry.approved"]


def test_a_policy_without_a_date_of_review_is_refused(cast):
    with pytest.raises(BadInput, match="date"):
        actions.add_entry(
            cast.unit, kind=kind_named("policy_document"), title="Use", actor=cast.owner,
            fields={"policy_type": "ai_policy", "text": "Text"},
        )  # fmt: skip


def test_whoever_wrote_an_entry_does_not_approve_it(cast, chair):
    factories.grant(cast, cast.owner, Duty.BOARD_CHAIR)
    row = policy(cast)
    approval.submit_entry(row, actor=cast.owner)
    with pytest.raises(NotAllowed, match="somebody else"):
        approval.approve_entry(row, reason=REASON, actor=cast.owner)


def test_whoever_holds_no_duty_of_the_kind_does_not_approve(cast, chair):
    row = policy(cast)
    approval.submit_entry(row, actor=cast.owner)
    with pytest.raises(NotAllowed, match="Chair of the board"):
        approval.approve_entry(row, reason=REASON, actor=cast.approver)


def test_an_approval_wants_a_reason(cast, chair):
    row = policy(cast)
    approval.submit_entry(row, actor=cast.owner)
    with pytest.raises(BadInput):
        approval.approve_entry(row, reason="Fine.", actor=chair)


def test_nothing_is_submitted_where_nobody_could_approve_it(cast):
    with pytest.raises(BadInput, match="Nobody who could approve"):
        approval.submit_entry(policy(cast), actor=cast.owner)


def test_whoever_may_approve_has_a_task_until_somebody_did(cast, chair):
    row = policy(cast)
    approval.submit_entry(row, actor=cast.owner)
    waiting = Task.objects.waiting().filter(kind=Task.Kind.APPROVE_ENTRY, object_id=row.pk)
    assert [task.person for task in waiting] == [chair]
    approval.approve_entry(row, reason=REASON, actor=chair)
    assert not waiting.all().exists()


def test_what_was_sent_back_is_a_draft_again(cast, chair):
    row = policy(cast)
    approval.submit_entry(row, actor=cast.owner)
    approval.send_back_entry(row, reason="The audience is missing.", actor=chair)
    row.refresh_from_db()
    assert row.status == "draft"


def edited(row, cast, actor=None, **changes):
    """The entry changed through the action, with all it said."""
    said = {"title": row.title, "due_on": row.due_on, "fields": row.fields, **changes}
    return actions.edit_entry(row, **said, actor=actor or cast.owner)


def test_an_edit_of_what_waits_for_approval_makes_it_a_draft_again(cast, chair):
    """Nobody approves what was changed after it was read."""
    row = policy(cast)
    approval.submit_entry(row, actor=cast.owner)
    assert edited(row, cast, title="Another title").status == "draft"
    with pytest.raises(NotAllowed):
        approval.approve_entry(row, reason=REASON, actor=chair)


def test_an_edit_of_an_approved_entry_is_a_draft_and_the_approved_one_stays_in_force(cast, chair):
    row = in_force(cast, chair)
    draft = edited(row, cast, title="Use of AI, anew")
    row.refresh_from_db()
    assert (row.status, row.title) == ("approved", "Use of AI in lending")
    assert (draft.status, draft.revision, draft.number, draft.approved_by) == ("draft", 2, row.number, None)
    with pytest.raises(NotAllowed, match="Revision 2"):
        edited(row, cast)


def test_the_next_revision_replaces_the_one_before_when_it_is_approved(cast, chair):
    row = in_force(cast, chair)
    draft = edited(row, cast, title="Use of AI, anew")
    approval.submit_entry(draft, actor=cast.owner)
    approval.approve_entry(draft, reason=REASON, actor=chair)
    row.refresh_from_db()
    assert row.status == "retired"
    assert RegisterEntry.objects.filter(kind=row.kind, status="approved").get() == draft


def test_an_approved_entry_is_retired_by_who_may_approve_it(cast, chair):
    row = in_force(cast, chair)
    with pytest.raises(NotAllowed):
        actions.withdraw_entry(row, reason="It is no longer needed.", actor=cast.owner)
    actions.withdraw_entry(row, reason="It is no longer needed.", actor=chair)
    row.refresh_from_db()
    assert row.status == "retired"


def audit(cast):
    """An audit that is planned."""
    return samples.written(
        kind_named("audit_engagement"), cast, cast.unit, actor=cast.owner, title="Audit against fairness",
        status="planned", principles="fairness\ntransparency",
    )  # fmt: skip


def test_an_audit_against_principles_is_planned_and_recorded_step_by_step(cast):
    """S-187: from plan to close; closing is for another than who carried it on."""
    row = audit(cast)
    for move in ("begin", "report"):
        actions.move_entry(row, move=move, reason="The next step is due.", actor=cast.owner)
    row.refresh_from_db()
    assert (row.status, row.fields["principles"]) == ("reported", ["fairness", "transparency"])
    assert row.fields["started_at"] == timezone.localdate().isoformat()
    with pytest.raises(NotAllowed):
        actions.move_entry(row, move="close", reason="All is answered now.", actor=cast.owner)
    actions.move_entry(row, move="close", reason="All is answered now.", actor=cast.risk_officer)
    row.refresh_from_db()
    assert row.status == "closed"


def test_a_step_that_does_not_begin_here_is_refused(cast):
    with pytest.raises(NotAllowed, match="planned"):
        actions.move_entry(audit(cast), move="report", reason="The next step is due.", actor=cast.owner)


def test_a_corrective_action_is_verified_by_somebody_else(cast):
    row = samples.written(kind_named("corrective_action"), cast, cast.unit, actor=cast.risk_officer, status="open")
    actions.move_entry(row, move="finish", reason="The letters were corrected.", actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="somebody else"):
        actions.move_entry(row, move="verify", reason="I looked at it again.", actor=cast.risk_officer)
    actions.move_entry(row, move="verify", reason="I looked at it again.", actor=cast.privacy_officer)
    row.refresh_from_db()
    assert row.fields["verified_at"]


def test_a_person_of_another_unit_neither_reads_nor_writes_here(cast):
    row = audit(cast)
    assert not RegisterEntry.objects.visible_to(cast.outsider).exists()
    with pytest.raises(NotAllowed):
        edited(row, cast, actor=cast.outsider)
    with pytest.raises(NotAllowed):
        samples.written(kind_named("exercise"), cast, cast.unit, actor=cast.risk_officer) and actions.add_entry(
            cast.unit, kind=kind_named("goal"), title="Goal", fields={}, actor=cast.outsider
        )


def test_a_register_with_a_right_of_its_own_is_read_by_those_who_have_it(cast):
    """S-043: a concern is read by those who handle incidents, and says how it was weighed."""
    row = samples.written(
        kind_named("concern"), cast, cast.unit, actor=cast.risk_officer, status="received", reporter_protected="yes"
    )
    assert row in RegisterEntry.objects.visible_to(cast.privacy_officer)
    assert row not in RegisterEntry.objects.visible_to(cast.publisher)
    assert row.fields["outcome"] and row.fields["reporter_protected"] is True


def test_a_policy_of_the_group_is_read_in_every_unit_below(cast):
    """S-044, S-049: standards stand in one place for all who build, those on open and commercial models too."""
    row = samples.written(kind_named("policy_document"), cast, subjects.root(), policy_type="third_party")
    client = Client()
    client.force_login(cast.owner)
    page = client.get("/registers/policy_document/?policy_type=third_party").content.decode()
    assert row.title in page
    assert row in RegisterEntry.objects.visible_to(cast.outsider)


def test_what_is_overdue_is_listed(cast, chair):
    """S-042: policies and results with their date of review, those past it in one list."""
    late = policy(cast, due_on=(timezone.localdate() - timedelta(days=3)).isoformat())
    samples.written(kind_named("policy_document"), cast, cast.unit, title="A policy in time")
    client = Client()
    client.force_login(cast.owner)
    page = client.get("/registers/policy_document/?overdue=yes").content.decode()
    assert late.title in page and "A policy in time" not in page


def test_an_entry_is_found_by_its_words_and_stood_as_it_was_on_a_day(cast):
    row = policy(cast)
    [found] = [part for part in hits(cast.owner, "lending") if row in part.rows]
    assert found.heading == "Registers"
    assert state_of(row, timezone.localdate())["title"] == row.title
    client = Client()
    client.force_login(cast.owner)
    assert row.title in client.get(f"/past/registry.RegisterEntry/{row.pk}/").content.decode()


def test_markup_in_a_field_is_shown_as_it_was_typed(cast):
    row = policy(cast, text="<script>alert(1)</script>")
    client = Client()
    client.force_login(cast.owner)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_a_text_that_belongs_into_a_file_is_refused(cast):
    client = Client()
    client.force_login(cast.owner)
    said = samples.typed(kind_named("policy_document"), cast, cast.unit, text="x" * 30_000)
    answer = client.post("/registers/policy_document/new/", said)
    assert answer.status_code == 422 and not RegisterEntry.objects.exists()
