"""A deputy holds a duty for a time, and together with whom he or she stands for is one person to every rule."""

import itertools
import random
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rai import actions as checks
from registry import access, separation
from registry.actions import delegations, erasure as erasures, owners, people, releases, reviews
from registry.errors import BadInput, NotAllowed
from registry.models import (
    AuditEntry,
    BusinessUnit,
    DelegatedAct,
    Delegation,
    Duty,
    RoleAssignment,
    SignOff,
    Task,
    User,
)
from risk.actions import accept_risk
from tests import factories
from tests.authz.test_matrix import DUTIES, MEANING, expected
from tests.risk import steps

REASON = "On leave; somebody has to answer in these weeks."
SIGNED = "Read and found sound; nothing stands against it."


def days(number: int):
    """The day so many days from today."""
    return timezone.localdate() + timedelta(days=number)


def asked(person, deputy, *, first=0, last=14, duty="") -> Delegation:
    """A duty of the person, asked of a deputy."""
    held = RoleAssignment.objects.current().filter(person=person)
    row = held.get(duty=duty) if duty else held.get()
    return delegations.delegate(
        row, to_person=deputy, starts_on=days(first), ends_on=days(last), reason=REASON, actor=person
    )


def handed(cast, person, deputy, **more) -> Delegation:
    """The same, accepted, and confirmed by a third person where that is needed, two days ago."""
    row = delegations.accept(asked(person, deputy, **more), actor=deputy)
    if row.needs_confirmation:
        third = factories.invite("third", "Thea Third", Duty.RISK_OFFICER, cast.unit, cast.administrator)
        row = delegations.confirm(row, actor=third)
    return settled(row)


def settled(row: Delegation) -> Delegation:
    """As if every yes had been given two days ago, so that the duty is no fresh one."""
    row.accepted_at -= timedelta(days=2)
    row.confirmed_at = row.confirmed_at and row.confirmed_at - timedelta(days=2)
    row.save()
    return row


@pytest.fixture
def deputy(cast):
    """Somebody of the unit who may do nothing there by a duty of his own."""
    return factories.invite("deputy", "Dora Deputy", Duty.END_USER, cast.unit, cast.administrator)


@pytest.fixture
def review(cast):
    """A release that waits for its second stage, the approver."""
    row = releases.submit_for_review(factories.make_releasable(cast), notes="First release.", actor=cast.owner)
    sign(row, cast.risk_officer, duty="risk_officer")
    row.refresh_from_db()
    return row


def sign(review, person, *, duty="approver") -> SignOff:
    """The person approves in the duty."""
    review.refresh_from_db()
    return reviews.sign_off(
        review, duty=duty, decision="approve", reason=SIGNED, seen_digest=review.subject_digest, actor=person
    )


# ---- what it gives, and when


@pytest.mark.both
def test_a_deputy_holds_the_duty_from_the_yes_of_both_to_the_last_day(cast, deputy, monkeypatch):
    """S-037: the deputy decides as himself; the right ends by itself."""
    row = asked(cast.approver, deputy)
    assert not access.holds(deputy, "approver", cast.unit)
    delegations.accept(row, actor=deputy)
    assert not access.holds(deputy, "approver", cast.unit), "an approver's duty waits for a third person"
    delegations.confirm(row, actor=cast.risk_officer)
    assert access.holds(deputy, "approver", cast.unit)
    for later, holds in ((14, True), (15, False)):
        with monkeypatch.context() as patch:
            day = days(later)
            patch.setattr(timezone, "localdate", lambda *args, day=day: day)
            assert access.holds(deputy, "approver", cast.unit) is holds


def test_it_is_logged_at_every_step_and_asks_the_deputy_by_a_task(cast, deputy):
    row = asked(cast.risk_officer, deputy)
    task = Task.objects.waiting().get(person=deputy, kind=Task.Kind.DELEGATED)
    assert task.url == row.get_absolute_url()
    delegations.accept(row, actor=deputy)
    delegations.end(row, reason="Back from leave earlier.", actor=cast.risk_officer)
    logged = AuditEntry.objects.filter(object_id=row.pk).order_by("seq").values_list("action", "actor")
    assert list(logged) == [("delegation.requested", cast.risk_officer.pk), ("delegation.accepted", deputy.pk),
                            ("delegation.ended", cast.risk_officer.pk)]  # fmt: skip
    assert not Task.objects.waiting().filter(person=deputy).exists()
    assert not access.holds(deputy, "risk_officer", cast.unit)


def test_it_ends_with_the_duty_of_whom_it_stands_for(cast, deputy):
    """R12: nobody stands in for a duty that has ended."""
    handed(cast, cast.risk_officer, deputy)
    held = RoleAssignment.objects.get(person=cast.risk_officer)
    people.end_duty(held, actor=cast.administrator)
    assert access.grants(deputy)[0].duty == Duty.END_USER
    assert not access.holds(deputy, "risk_officer", cast.unit)


def test_it_ends_with_the_account_of_whom_it_stands_for(cast, deputy):
    handed(cast, cast.risk_officer, deputy)
    people.deactivate(cast.risk_officer, reason="Has left the bank.", actor=cast.administrator)
    assert not access.holds(deputy, "risk_officer", cast.unit)


def test_whoever_it_is_asked_of_may_decline(cast, deputy):
    row = delegations.end(asked(cast.risk_officer, deputy), reason="Away in the same weeks.", actor=deputy)
    assert row.state == "declined"
    assert AuditEntry.objects.filter(object_id=row.pk, action="delegation.declined").exists()
    with pytest.raises(NotAllowed, match="over"):
        delegations.accept(row, actor=deputy)


def test_raw_data_are_not_handed_over(cast, deputy):
    held = RoleAssignment.objects.get(person=cast.auditor)
    people.end_duty(held, actor=cast.administrator)
    people.engage_auditor(
        cast.auditor, unit=cast.unit, ends_on=days(30), include_raw_data=True, actor=cast.administrator
    )
    handed(cast, cast.auditor, deputy)
    assert [grant.raw for grant in access.grants(deputy) if grant.duty == "auditor"] == [False]


# ---- what is refused


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"deputy": "approver"}, "own deputy"),
        ({"first": -1}, "lies in the past"),
        ({"first": 3, "last": 2}, "before the first one"),
        ({"last": 93}, "92 days at most"),
        ({"deputy": "second_approver"}, "holds this duty already"),
        ({"deputy": "administrator"}, "do not go together"),
    ],
)
def test_what_cannot_be_handed_over_is_refused_with_a_sentence(cast, change, sentence):
    """R10 among them: whoever administers does not gain a duty by the back door."""
    deputy = getattr(cast, change.pop("deputy", "auditor"))
    with pytest.raises((BadInput, NotAllowed), match=sentence):
        asked(cast.approver, deputy, **change)


def test_nobody_hands_over_the_duty_of_somebody_else(cast, deputy):
    held = RoleAssignment.objects.get(person=cast.approver)
    with pytest.raises(NotAllowed, match="hold yourself"):
        delegations.delegate(
            held, to_person=deputy, starts_on=days(0), ends_on=days(1), reason=REASON, actor=cast.risk_officer
        )


def test_a_deputy_does_not_hand_it_on(cast, deputy):
    """No chains: there is no assignment to hand on, and a right is only read from the delegator's own."""
    handed(cast, cast.risk_officer, deputy)
    assert not RoleAssignment.objects.filter(person=deputy, duty="risk_officer").exists()
    forged = Delegation(
        from_person=deputy, to_person=cast.auditor, duty="risk_officer", unit=cast.unit, starts_on=days(0),
        ends_on=days(5), reason=REASON, accepted_at=timezone.now(),
    )  # fmt: skip
    forged.save()
    assert not access.holds(cast.auditor, "risk_officer", cast.unit)


def test_the_database_itself_refuses_a_delegation_to_oneself(cast):
    row = Delegation(from_person=cast.approver, to_person=cast.approver, duty="approver", unit=cast.unit,
                     starts_on=days(0), ends_on=days(1), reason=REASON)  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_one_duty_has_one_deputy_at_a_time(cast, deputy):
    asked(cast.approver, deputy)
    with pytest.raises(NotAllowed, match="has a deputy in these days already"):
        asked(cast.approver, cast.auditor, first=14, last=20)
    assert asked(cast.approver, cast.auditor, first=15, last=20).state == "requested"


def test_a_deputy_of_an_approver_becomes_no_administrator(cast, deputy):
    """R10 the other way round."""
    handed(cast, cast.approver, deputy)
    with pytest.raises(NotAllowed, match="do not go together"):
        people.grant_duty(deputy, duty=Duty.ADMINISTRATOR, unit=cast.unit, actor=cast.administrator)


@pytest.mark.parametrize("who", ["approver", "deputy", "publisher", "outsider", "administrator"])
def test_only_a_risk_officer_who_is_neither_confirms(cast, deputy, who):
    row = delegations.accept(asked(cast.approver, deputy), actor=deputy)
    person = deputy if who == "deputy" else getattr(cast, who)
    with pytest.raises(NotAllowed):
        delegations.confirm(row, actor=person)
    assert list(Delegation.objects.to_confirm(cast.risk_officer)) == [row]
    assert not Delegation.objects.to_confirm(person).exists()


def test_only_the_two_and_an_administrator_end_it(cast, deputy):
    row = handed(cast, cast.risk_officer, deputy)
    with pytest.raises(NotAllowed):
        delegations.end(row, reason=REASON, actor=cast.approver)
    assert delegations.end(row, reason=REASON, actor=cast.administrator).state == "ended"


# ---- it cannot defeat separation


def test_a_deputy_signs_in_the_own_name_and_the_row_says_for_whom(cast, deputy, review):
    row = handed(cast, cast.approver, deputy)
    slot = sign(review, deputy)
    assert (slot.person, slot.duty) == (deputy, "approver")
    act = DelegatedAct.objects.get()
    assert (act.delegation, act.object_id) == (row, slot.pk)


def test_a_deputy_of_an_owner_of_the_system_cannot_approve_in_the_owners_place(cast, deputy):
    """R1 for the delegator: an approver who owns the system hands the approval over in vain."""
    version = factories.make_releasable(cast, business_owner=cast.approver)
    owners.accept(version.home_system, side="business", actor=cast.approver)
    row = releases.submit_for_review(version, notes="First release.", actor=cast.owner)
    sign(row, cast.risk_officer, duty="risk_officer")
    handed(cast, cast.approver, deputy)
    with pytest.raises(NotAllowed, match="belongs to Aron Approver"):
        sign(row, deputy)


def test_a_deputy_who_helped_to_make_the_version_cannot_approve(cast, review):
    """R1 for the deputy."""
    handed(cast, cast.approver, cast.owner)
    with pytest.raises(NotAllowed, match="You own or helped to make"):
        sign(review, cast.owner)


@pytest.mark.both
def test_a_delegator_and_the_deputy_have_one_decision_between_them(cast, deputy):
    """R4, in both orders: a high tier asks for two approvers, and these two are one."""
    for first, second in itertools.permutations(("approver", "deputy")):
        with transaction.atomic():
            people_ = {"approver": cast.approver, "deputy": deputy}
            row = high_review(cast)
            handed(cast, cast.approver, deputy)
            sign(row, people_[first])
            with pytest.raises(NotAllowed):
                sign(row, people_[second])
            assert sign(row, cast.second_approver).decision == "approve"
            transaction.set_rollback(True)


def high_review(cast):
    """A release of a high tier that waits for two approvers."""
    version = factories.make_releasable(cast, risk_tier="high", affects_people=False)
    row = releases.submit_for_review(version, notes="First release.", actor=cast.owner)
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.privacy_officer, "privacy_officer")):
        sign(row, person, duty=duty)
    return row


def test_a_second_deputy_of_the_same_person_brings_no_second_decision(cast, deputy):
    row, other = high_review(cast), factories.invite("o", "Odo Other", Duty.END_USER, cast.unit, cast.administrator)
    first = handed(cast, cast.approver, deputy)
    sign(row, deputy)
    delegations.end(first, reason=REASON, actor=cast.approver)
    second = delegations.accept(asked(cast.approver, other), actor=other)
    settled(delegations.confirm(second, actor=cast.risk_officer))
    with pytest.raises(NotAllowed, match="in the place of Aron Approver"):
        sign(row, other)


def test_whoever_approved_does_not_publish_through_a_deputy(cast, deputy, review):
    """R2: the publisher's deputy stands for somebody who signed."""
    factories.grant(cast, cast.publisher, Duty.APPROVER)
    sign_old(cast.publisher)
    sign(review, cast.publisher)
    handed(cast, cast.publisher, deputy, duty="publisher")
    with pytest.raises(NotAllowed, match="in the place of Pavel Publisher"):
        separation.require_publisher(deputy, review.release)
    separation.require_publisher(cast.outsider, review.release)


def sign_old(person: User) -> None:
    """The person's duties are no fresh ones."""
    for row in RoleAssignment.objects.filter(person=person):
        row.created_at = timezone.now() - timedelta(days=9)
        row.confirmed_at = row.confirmed_at and timezone.now() - timedelta(days=9)
        row.save()


def test_a_fresh_deputy_does_not_decide_on_what_was_pending(cast, deputy, review):
    """R11: handing over brings nobody in who decides within the hour on what waits already."""
    row = delegations.accept(asked(cast.approver, deputy), actor=deputy)
    delegations.confirm(row, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="less than 24 hours"):
        sign(review, deputy)


def test_two_acceptances_of_a_high_risk_are_of_two_pairs_of_people(cast, deputy):
    """R7: a delegator and the deputy are one approver."""
    risk = steps.registered(cast, factories.make_system(cast), likelihood=5, impact=5)
    assert risk.is_high
    handed(cast, cast.approver, deputy)
    accept_risk(risk, reason=SIGNED, actor=deputy)
    with pytest.raises(NotAllowed, match="accepted this risk already"):
        accept_risk(risk, reason=SIGNED, actor=cast.approver)
    accept_risk(risk, reason=SIGNED, actor=cast.second_approver)
    risk.refresh_from_db()
    assert risk.status == "accepted"


def test_an_administrators_deputy_gives_nothing_to_that_administrator(cast):
    """R5: a deputy is no way to grant duties to oneself."""
    root = BusinessUnit.objects.get(parent=None)
    third = factories.invite("root.risk", "Rosa Root", Duty.RISK_OFFICER, root, cast.administrator)
    fresh = factories.invite("fresh", "Fay Fresh", Duty.END_USER, cast.unit, cast.administrator)
    row = delegations.accept(asked(cast.administrator, fresh), actor=fresh)
    delegations.confirm(row, actor=third)
    assert access.is_administrator(fresh)
    with pytest.raises(NotAllowed, match="in the place of"):
        people.grant_duty(cast.administrator, duty=Duty.END_USER, unit=cast.unit, actor=fresh)
    assert people.grant_duty(cast.auditor, duty=Duty.END_USER, unit=cast.unit, actor=fresh).pk


def test_a_duty_of_ones_own_is_not_touched_by_standing_in_for_somebody(cast, review):
    """Whoever may decide in the own duty does so, whatever the person does for whom he or she stands in elsewhere."""
    handed(cast, cast.owner, cast.approver)
    assert sign(review, cast.approver).person == cast.approver
    assert not DelegatedAct.objects.exists()


# ---- all pairs of roles


def test_a_deputy_may_do_the_union_of_two_columns_and_no_more(cast, amount, seed, capsys):
    """S-037: each duty has its own rights; over all pairs of roles a deputy has those of both columns, for as long."""
    holders = {role: factories.invite(f"from.{role.lower()}", f"From {role}", duty, cast.unit, cast.administrator)
               for role, duty in DUTIES.items()}  # fmt: skip
    version, rows, wrong, cells = factories.make_version(cast), expected(), [], 0
    pairs = [pair for pair in itertools.permutations(DUTIES, 2) if "ADM" not in pair]
    for number, (mine, theirs) in enumerate(random.Random(seed).sample(pairs, max(8, amount(len(pairs))))):
        deputy = factories.invite(f"to{number}", f"To {mine}", DUTIES[mine], cast.unit, cast.administrator)
        row = asked(holders[theirs], deputy, first=0)
        row.accepted_at = row.confirmed_at = timezone.now()
        row.save()
        for action, cell in rows.items():
            cells += 1
            want = any(MEANING[cell[role]](False, True) for role in (mine, theirs))
            if access.allowed(deputy, action, version) != want:
                wrong.append((mine, theirs, action, want))
        delegations.end(row, reason=REASON, actor=deputy)
        alone = {action for action, cell in rows.items() if MEANING[cell[mine]](False, True)}
        assert {action for action in rows if access.allowed(deputy, action, version)} == alone
    assert wrong == []
    with capsys.disabled():
        print(f"\npairs of roles with a delegation: {cells} cells, all right")


def test_a_deputy_does_not_decide_on_what_the_delegator_began_or_owns(cast, deputy):
    """For every act that is subject to separation: a plan that the risk officer began is approved by nobody in that place."""
    plan = checks.draft_plan(factories.make_system(cast), actor=cast.risk_officer)
    owned = factories.make_system(cast, technical_owner=cast.approver)
    handed(cast, cast.risk_officer, deputy)
    with pytest.raises(NotAllowed, match="was begun there"):
        access.require(deputy, access.PLAN_APPROVE, plan)
    other = factories.invite("other", "Odo Other", Duty.END_USER, cast.unit, cast.administrator)
    row = delegations.accept(asked(cast.approver, other), actor=other)
    delegations.confirm(row, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="belongs to Aron Approver"):
        access.require(other, access.APPROVAL_DECIDE, owned)


def test_an_erasure_that_the_delegator_asked_for_is_not_confirmed_in_that_place(cast, deputy):
    handed(cast, cast.privacy_officer, deputy)
    entry = AuditEntry.objects.filter(object_id=factories.make_version(cast).pk).order_by("seq").first()
    erasure = erasures.request_erasure(entry, reason="The person asked to be forgotten.", actor=cast.privacy_officer)
    with pytest.raises(NotAllowed, match="in the place of Priya Privacy"):
        erasures.confirm_erasure(erasure, actor=deputy)
