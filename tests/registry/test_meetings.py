"""Meetings: an agenda of open reviews, who was there for which unit, outcomes with reasons, minutes that stay as fixed."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from registry.actions import meetings, minutes, releases, reviews
from registry.canonical import digest
from registry.errors import BadInput, NotAllowed
from registry.meetings.minutes import items_of, minutes_of
from registry.models import AgendaItem, Attendance, AuditEntry, Duty, Meeting, SignOff, Task
from tests import factories
from tests.registry.meeting import WHY, closed, invited, item, planned, recorded, there

DECISIONS = ("go", "go_with_conditions", "no_go", "defer", "halt")


@pytest.fixture
def review(cast):
    """A release that waits for sign-offs."""
    return releases.submit_for_review(factories.make_releasable(cast), notes="First release.", actor=cast.owner)


@pytest.fixture
def running(cast, review):
    """A meeting under way, with the review on its agenda and everybody there."""
    meeting = planned(cast)
    item(cast, meeting, review=review, note="May it go live in spring?")
    minutes.start(meeting, actor=cast.risk_officer)
    there(cast, meeting, cast.approver, cast.risk_officer)
    meeting.refresh_from_db()
    return meeting


# ---- the plan


def test_chair_and_secretary_are_two_people_and_invited_with_the_meeting(cast):
    with pytest.raises(BadInput, match="two people"):
        planned(cast, chair=cast.risk_officer)
    meeting = planned(cast)
    assert {seat.person for seat in meeting.attendances.all()} == {cast.approver, cast.risk_officer}
    assert AuditEntry.objects.filter(object_id=meeting.pk, action="meeting.planned").exists()


@pytest.mark.parametrize(("field", "part", "sentence"), [
    ("secretary", "publisher", "writes minutes"), ("chair", "outsider", "by which to read"),
])  # fmt: skip
def test_whoever_leads_holds_a_duty_for_it(cast, field, part, sentence):
    with pytest.raises(BadInput, match=sentence):
        planned(cast, **{field: getattr(cast, part)})


@pytest.mark.parametrize("part", ["owner", "privacy_officer", "publisher", "auditor", "administrator", "outsider"])
def test_only_risk_officers_and_approvers_of_the_unit_hold_meetings(cast, part):
    """S-037: the duty decides, and only in its own unit."""
    person = getattr(cast, part)
    with pytest.raises(NotAllowed):
        meetings.plan_meeting(
            cast.unit, title="Board", held_on=planned(cast).held_on, chair=cast.approver,
            secretary=cast.risk_officer, actor=person,
        )  # fmt: skip


def test_members_of_several_units_show_which_units_were_there(cast):
    """S-034: a board of the organisation with members of two units, of whom one sent regrets."""
    root = cast.unit.parent
    chair = factories.invite("chair", "Cora Chair", Duty.BOARD_CHAIR, root, cast.administrator)
    secretary = factories.invite("secretary", "Sami Secretary", Duty.RISK_OFFICER, root, cast.administrator)
    for row in chair.role_assignments.waiting():
        from registry.actions import people

        people.confirm_duty(row, actor=secretary)
    meeting = meetings.plan_meeting(
        root, title="Board", held_on=planned(cast).held_on, chair=chair, secretary=secretary, actor=secretary
    )
    for person in (cast.owner, cast.privacy_officer, cast.outsider):
        meetings.invite(meeting, seat_of=person.role_assignments.get(), actor=secretary)
    meetings.add_item(meeting, review=None, title="Budget", note="", is_for_information=True, actor=secretary)
    minutes.start(meeting, actor=secretary)
    said = {cast.outsider: "regrets", cast.privacy_officer: "absent"}
    presences = {seat.pk: said.get(seat.person, "present") for seat in meeting.attendances.all()}
    meetings.note_presence(meeting, presences=presences, actor=secretary)
    found = minutes_of(meeting)
    assert found["units_present"] == ["Example Bank", "Lending"]
    assert found["disciplines_present"] == ["board_chair", "risk_officer", "technical_owner"]
    assert [row["name"] for row in found["attendees"] if row["presence"] == "regrets"] == ["Otto Outsider"]


def test_whoever_is_invited_from_another_unit_sees_the_meeting_and_nothing_else_of_it(cast, review, client):
    """S-034, P11: the seat opens the meeting and its outcomes, not the review behind an item."""
    meeting = planned(cast)
    row = item(cast, meeting, review=review)
    assert not Meeting.objects.visible_to(cast.outsider).exists()
    Attendance(meeting=meeting, person=cast.outsider, duty="risk_officer", of_unit=cast.other_unit).save()
    client.force_login(cast.outsider)
    assert client.get(meeting.get_absolute_url()).status_code == 200
    page = client.get(row.get_absolute_url()).content.decode()
    assert "you may not see" in page
    assert review.get_absolute_url() not in page
    assert client.get(review.get_absolute_url()).status_code == 404


def test_an_invitation_that_was_taken_back_closes_the_meeting_again(cast):
    meeting = planned(cast)
    seat = Attendance(meeting=meeting, person=cast.outsider, duty="risk_officer", of_unit=cast.other_unit)
    seat.save()
    meetings.uninvite(seat, actor=cast.risk_officer)
    assert not Meeting.objects.visible_to(cast.outsider).exists()
    with pytest.raises(NotAllowed, match="stay invited"):
        meetings.uninvite(meeting.attendances.get(person=cast.approver), actor=cast.risk_officer)


# ---- the agenda


def test_open_reviews_are_offered_once_and_other_items_have_a_title(cast, review, client):
    meeting = planned(cast)
    client.force_login(cast.risk_officer)
    assert str(review) in client.get(meeting.get_absolute_url()).content.decode()
    row = item(cast, meeting, review=review)
    assert row.label == str(review.release.version)
    assert f'<option value="{review.pk}"' not in client.get(meeting.get_absolute_url()).content.decode()
    with pytest.raises(BadInput, match="already"):
        item(cast, meeting, review=review)
    with pytest.raises(BadInput, match="Choose a review or write"):
        meetings.add_item(meeting, review=None, title=" ", note="", is_for_information=False, actor=cast.risk_officer)


def test_a_review_of_another_unit_or_a_closed_one_is_not_taken(cast, review):
    meeting = planned(cast)
    reviews.sign_off(
        review, duty="risk_officer", decision="reject", reason=WHY, seen_digest=review.subject_digest,
        actor=cast.risk_officer,
    )  # fmt: skip
    with pytest.raises(BadInput, match="not open"):
        item(cast, meeting, review=review)


def test_the_order_is_changed_and_what_is_taken_off_leaves_the_others_in_order(cast):
    meeting = planned(cast)
    rows = [item(cast, meeting, title=title) for title in ("One", "Two", "Three")]
    meetings.move_item(rows[2], direction="up", actor=cast.risk_officer)
    meetings.move_item(rows[0], direction="up", actor=cast.risk_officer)  # it is the first already
    meetings.move_item(rows[0], direction="down", actor=cast.risk_officer)
    assert [row.label for row in items_of(meeting)] == ["Three", "One", "Two"]
    meetings.remove_item(rows[0], actor=cast.risk_officer)
    meetings.move_item(AgendaItem.objects.get(pk=rows[1].pk), direction="up", actor=cast.risk_officer)
    assert [row.label for row in items_of(meeting)] == ["Two", "Three"]


# ---- the meeting itself


@pytest.mark.parametrize("decision", DECISIONS)
def test_each_outcome_is_recorded_with_its_reason_and_dissent(cast, running, decision):
    """S-035: go, go with conditions, no-go, defer or halt, with reasons."""
    conditions = "Fewer groups below fifty by June." if decision == "go_with_conditions" else ""
    row = recorded(cast, items_of(running)[0], decision, conditions=conditions, dissent="Aron: too early.")
    assert (row.decision, row.rationale, row.dissent) == (decision, WHY, "Aron: too early.")
    entry = AuditEntry.objects.get(object_id=row.pk, action="agenda_item.decided")
    assert entry.actor == cast.risk_officer


@pytest.mark.parametrize(("change", "field"), [
    ({"decision": ""}, "decision"), ({"decision": "perhaps"}, "decision"), ({"rationale": "Yes."}, "rationale"),
    ({"decision": "go_with_conditions"}, "conditions"), ({"conditions": "By June."}, "conditions"),
])  # fmt: skip
def test_an_outcome_without_word_reason_or_conditions_is_refused_at_its_field(cast, running, change, field):
    """S-035."""
    with pytest.raises(BadInput) as refusal:
        recorded(cast, items_of(running)[0], **{"decision": "go", **change})
    assert refusal.value.field == field


def test_the_meeting_signs_for_nobody_and_shows_who_has_signed_since(cast, running, review, client):
    """S-035: the outcome is the board's; the review waits for its people, and the page names them."""
    row = recorded(cast, items_of(running)[0])
    assert SignOff.objects.standing().count() == 0
    review.refresh_from_db()
    assert review.status == "open"
    client.force_login(cast.risk_officer)
    before = client.get(row.get_absolute_url()).content.decode()
    assert "since the meeting" not in before
    reviews.sign_off(
        review, duty="risk_officer", decision="approve", reason=WHY, seen_digest=review.subject_digest,
        actor=cast.risk_officer,
    )  # fmt: skip
    after = client.get(row.get_absolute_url()).content.decode()
    assert "since the meeting" in after
    assert after.count('status-busy">waiting') == before.count('status-busy">waiting') - 1


@pytest.mark.parametrize("part", ["approver", "second_approver", "owner"])
def test_while_it_runs_the_secretary_alone_writes(cast, running, part):
    person = getattr(cast, part)
    for act in (
        lambda: minutes.record_outcome(items_of(running)[0], decision="go", rationale=WHY, conditions="", dissent="",
                                       actor=person),
        lambda: meetings.add_item(running, review=None, title="One more", note="", is_for_information=False,
                                  actor=person),
        lambda: minutes.close(running, actor=person),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()


def test_it_is_closed_when_everybodys_presence_and_every_outcome_is_said(cast, running):
    invited(cast, running, cast.owner)
    with pytest.raises(NotAllowed, match="whether these were there: Olga Owner"):
        minutes.close(running, actor=cast.risk_officer)
    there(cast, running, cast.risk_officer)
    with pytest.raises(NotAllowed, match="Nobody but the secretary"):
        minutes.close(running, actor=cast.risk_officer)
    there(cast, running, cast.risk_officer, cast.owner)
    with pytest.raises(NotAllowed, match="no outcome yet"):
        minutes.close(running, actor=cast.risk_officer)
    recorded(cast, items_of(running)[0], "defer")
    assert minutes.close(running, actor=cast.risk_officer).status == "closed"


# ---- the minutes


@pytest.mark.both
def test_minutes_are_fixed_under_a_digest_and_nothing_changes_any_more(cast, review):
    """S-034, S-035."""
    meeting = closed(cast, review=review)
    assert meeting.minutes_digest == digest(meeting.minutes)
    row = items_of(meeting)[0]
    assert meeting.minutes["items"][0]["decision"] == "go"
    assert meeting.minutes["items"][0]["review"]["subject_digest"] == review.subject_digest
    assert [slot["duty"] for slot in meeting.minutes["items"][0]["review"]["missing"]] == ["risk_officer", "approver"]
    for act in (
        lambda: recorded(cast, row, "halt"),
        lambda: item(cast, meeting),
        lambda: there(cast, meeting, cast.approver),
        lambda: meetings.move_item(row, direction="up", actor=cast.risk_officer),
    ):
        with pytest.raises(NotAllowed, match="fixed"):
            act()
    meeting.refresh_from_db()
    assert meeting.minutes_digest == digest(meeting.minutes)


def test_the_secretary_never_approves_the_own_minutes(cast):
    meeting = closed(cast)
    with pytest.raises(NotAllowed, match="You wrote these minutes"):
        minutes.approve(meeting, seen_digest=meeting.minutes_digest, actor=cast.risk_officer)
    meeting.approved_by = cast.risk_officer
    with pytest.raises(IntegrityError), transaction.atomic():
        meeting.save()


def test_who_was_not_there_does_not_approve_them(cast):
    meeting = closed(cast)
    with pytest.raises(NotAllowed, match="was there"):
        minutes.approve(meeting, seen_digest=meeting.minutes_digest, actor=cast.second_approver)


def test_the_chair_is_asked_and_approves_what_was_shown(cast):
    meeting = closed(cast)
    assert Task.objects.waiting().get(kind=Task.Kind.APPROVE_MINUTES).person == cast.approver
    with pytest.raises(NotAllowed, match="not these minutes"):
        minutes.approve(meeting, seen_digest="sha256:" + "0" * 64, actor=cast.approver)
    meeting = minutes.approve(meeting, seen_digest=meeting.minutes_digest, actor=cast.approver)
    assert (meeting.status, meeting.approved_by) == ("approved", cast.approver)
    assert not Task.objects.waiting().filter(kind=Task.Kind.APPROVE_MINUTES).exists()


def test_minutes_that_are_wrong_go_back_and_get_another_digest(cast):
    meeting = closed(cast)
    before = meeting.minutes_digest
    meeting = minutes.send_back(meeting, reason="We held no-go, not go.", actor=cast.approver)
    assert (meeting.status, meeting.minutes_digest) == ("running", "")
    recorded(cast, items_of(meeting)[0], "no_go")
    assert minutes.close(meeting, actor=cast.risk_officer).minutes_digest not in {"", before}


# ---- pages and REST


def test_a_meeting_is_planned_held_and_approved_on_its_pages(cast, review, client):
    client.force_login(cast.risk_officer)
    client.post(reverse("meeting-new"), {
        "title": "AI board", "unit": cast.unit.pk, "held_on": "2026-12-01", "chair": cast.approver.pk,
        "secretary": cast.risk_officer.pk,
    })  # fmt: skip
    meeting = Meeting.objects.get()
    client.post(reverse("meeting-item-add", args=[meeting.pk]), {"review": review.pk, "note": "Spring?"})
    client.post(reverse("meeting-invite", args=[meeting.pk]), {"seat_of": cast.owner.role_assignments.get().pk})
    row = meeting.items.get()
    assert client.post(reverse("meeting-start", args=[meeting.pk])).headers["Location"] == row.get_absolute_url()
    seats = {f"seat_{seat.pk}": "present" for seat in meeting.attendances.all()}
    client.post(reverse("meeting-presence", args=[meeting.pk]), seats)
    sent = {"decision": "go", "rationale": WHY}
    assert (
        client.post(reverse("agenda-item-record", args=[row.pk]), sent).headers["Location"]
        == meeting.get_absolute_url()
    )
    client.post(reverse("meeting-close", args=[meeting.pk]))
    meeting.refresh_from_db()
    assert meeting.status == "closed"
    refused = client.post(reverse("meeting-approve", args=[meeting.pk]), {"seen_digest": meeting.minutes_digest})
    assert refused.status_code == 422
    assert "You wrote these minutes" in refused.content.decode()
    client.force_login(cast.owner)
    client.post(reverse("meeting-approve", args=[meeting.pk]), {"seen_digest": meeting.minutes_digest})
    meeting.refresh_from_db()
    assert (meeting.status, meeting.approved_by) == ("approved", cast.owner)


def test_the_list_asks_no_more_of_the_database_for_more_meetings(cast, client, django_assert_max_num_queries):
    closed(cast)
    client.force_login(cast.approver)
    client.get(reverse("meetings"))
    with django_assert_max_num_queries(40) as one:
        client.get(reverse("meetings"))
    for _number in range(3):
        closed(cast)
    with django_assert_max_num_queries(len(one)):
        client.get(reverse("meetings"))


def test_rest_lists_meetings_and_tells_one_with_its_agenda_and_attendance(cast, review, client):
    """S-034, S-035."""
    meeting = closed(cast, review=review)
    client.force_login(cast.auditor)
    found = client.get("/api/v1/meetings/").json()["results"]
    assert [row["id"] for row in found] == [str(meeting.pk)]
    told = client.get(f"/api/v1/meetings/{meeting.pk}/").json()
    assert [(row["decision"], row["review"]) for row in told["agenda"]] == [("go", str(review.pk))]
    assert {row["presence"] for row in told["attendees"]} == {"present"}
    client.force_login(cast.outsider)
    assert client.get("/api/v1/meetings/").json()["results"] == []
    assert client.get(f"/api/v1/meetings/{meeting.pk}/").status_code == 404


def test_a_unit_review_seat_or_duty_of_another_unit_is_refused_as_if_it_were_not_there(cast, review, client):
    """P11: swapped in a form, nothing is entered."""
    theirs = factories.invite("theirs", "Tea Theirs", Duty.TECHNICAL_OWNER, cast.other_unit, cast.administrator)
    meeting = meetings.plan_meeting(
        cast.other_unit, title="Their board", held_on=timezone.localdate(), chair=theirs, secretary=cast.outsider,
        actor=cast.outsider,
    )  # fmt: skip
    before, ours = AuditEntry.objects.count(), cast.owner.role_assignments.get().pk
    client.force_login(cast.outsider)
    told = {"title": "B", "held_on": "2030-01-01", "chair": theirs.pk, "secretary": cast.outsider.pk}
    days = {"starts_on": "2030-01-01", "ends_on": "2030-01-02", "reason": WHY}
    for name, args, sent in (
        ("meeting-new", [], {**told, "unit": cast.unit.pk}),
        ("meeting-item-add", [meeting.pk], {"review": review.pk}),
        ("meeting-invite", [meeting.pk], {"seat_of": ours}),
        ("delegation-new", [], {**days, "held": ours, "to_person": theirs.pk}),
    ):
        answer = client.post(reverse(name, args=args), sent)
        assert (answer.status_code, str(review) in answer.content.decode()) == (422, False), name
    assert AuditEntry.objects.count() == before
