"""Separation of duties: the rules are about persons, so no set of roles in one person lifts them or trips over them."""

import itertools
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from registry import access, separation
from registry.actions import people, releases, reviews
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Duty, Release, Review, RoleAssignment, SignOff, User
from risk.actions.responses import require_acceptor
from tests import factories
from tests.authz.test_matrix import DUTIES, expected
from tests.risk import steps

REASON = "Read and found sound; nothing stands against it."
SUBSETS = [held for size in range(8) for held in itertools.combinations(DUTIES, size)]
RULES = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12")
# What they are about is not built yet: exceptions for checks (R8) and incidents (R9).
WITHOUT_AN_OBJECT = {"R8", "R9"}


@dataclass(frozen=True)
class Scene:
    """A release under review, with the people who had a part in it and one who had none."""

    release: Release
    limit_setter: User
    risk: object
    owner: User
    signer: User
    stranger: User


@pytest.fixture
def scene(cast) -> Scene:
    """The risk officer has signed; the owner made everything."""
    version = factories.make_releasable(cast)
    risk = steps.registered(cast, version.home_system)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    seen = review.subject_digest
    reviews.sign_off(
        review, duty="risk_officer", decision="approve", reason=REASON, seen_digest=seen, actor=cast.risk_officer
    )
    return Scene(
        review.release, cast.approver, risk, cast.owner, cast.risk_officer,
        cast.outsider,
    )  # fmt: skip


def held(roles, unit, since=None) -> list[access.Grant]:
    """Grants of these roles in the unit."""
    long_ago = timezone.now() - timedelta(days=30)
    return [access.Grant(DUTIES[role], role, unit, None, False, since or long_ago) for role in roles]


def refuses(rule, *args, **kwargs) -> bool:
    """The rule says no, with a sentence."""
    try:
        rule(*args, **kwargs)
    except NotAllowed as refusal:
        assert len(str(refusal)) > 20
        return True
    return False


def answers(scene, roles, monkeypatch) -> dict[str, bool]:
    """Whether each rule refuses whom it must, and nobody else, when the person holds these roles."""
    s, release, unit, now = scene, scene.release, scene.release.unit, timezone.now()
    monkeypatch.setattr(access, "grants", lambda person: held(roles, unit))
    to_self = RoleAssignment(person=s.owner, duty=Duty.APPROVER, unit=unit, granted_by=s.stranger)
    set_by = {"setter_id": s.limit_setter.pk, "system": release.system}
    others = {role for role in roles if role != "ADM"}
    found = {
        "R1": refuses(separation.require_decider, s.owner, release)
        and not refuses(separation.require_decider, s.stranger, release),
        "R2": refuses(separation.require_publisher, s.signer, release)
        and not refuses(separation.require_publisher, s.stranger, release),
        "R3": refuses(separation.require_publisher, s.owner, release),
        "R4": refuses(separation.require_decider, s.signer, release),
        "R5": refuses(separation.require_grantor, s.owner, s.owner)
        and refuses(separation.require_confirmer, s.owner, to_self)
        and refuses(separation.require_confirmer, s.stranger, to_self)
        and not refuses(separation.require_grantor, s.owner, s.stranger),
        "R6": refuses(separation.require_second_setter, s.limit_setter, **set_by)
        and refuses(separation.require_second_setter, s.owner, **set_by)
        and not refuses(separation.require_second_setter, s.stranger, **set_by),
        "R7": refuses(require_acceptor, s.risk, User.objects.get(pk=s.risk.registered_by_id))
        and refuses(require_acceptor, s.risk, s.owner)
        and not refuses(require_acceptor, s.risk, s.stranger),
        "R10": refuses(separation.require_no_mix, s.owner, Duty.APPROVER) == ("ADM" in roles)
        and refuses(separation.require_no_mix, s.owner, Duty.ADMINISTRATOR) == bool(others),
        "R12": all(access.holds(s.stranger, DUTIES[role], release) == (role in roles) for role in DUTIES),
    }
    monkeypatch.setattr(access, "grants", lambda person: held(roles, unit, since=now))
    since = {"pending_since": now - timedelta(hours=1)}
    found["R11"] = all(
        refuses(separation.require_settled, s.stranger, DUTIES[role], release, **since) == (role in roles)
        and not refuses(separation.require_settled, s.stranger, DUTIES[role], release, pending_since=now)
        for role in DUTIES
    )
    return found


def test_no_set_of_roles_lifts_a_rule_or_trips_over_one(scene, monkeypatch, capsys):
    """B.3: 128 role subsets × the twelve rules, each rule with whom it refuses and whom it must not."""
    wrong, cases = [], 0
    for roles in SUBSETS:
        with monkeypatch.context() as patch:
            found = answers(scene, roles, patch)
        assert set(found) == set(RULES) - WITHOUT_AN_OBJECT
        cases += len(found)
        wrong += [(rule, roles) for rule, is_right in found.items() if not is_right]
    assert wrong == []
    assert len(SUBSETS) == 128
    with capsys.disabled():
        print(f"\nseparation of duties: 128 role subsets × {cases // 128} rules = {cases} cases, all right")


def test_one_more_role_takes_no_right_away_and_one_less_gives_none(scene, monkeypatch):
    """Property: rights grow with roles, for every action on the release and for what may be seen in lists."""
    rights = {}
    for roles in SUBSETS:
        with monkeypatch.context() as patch:
            patch.setattr(access, "grants", lambda person, roles=roles: held(roles, scene.release.unit))
            person = scene.stranger
            rights[roles] = {action for action in expected() if access.allowed(person, action, scene.release)}
            rights[roles] |= {f"{action} anywhere" for action in expected() if access.may_anywhere(person, action)}
    assert rights[()] == set()
    for roles in SUBSETS:
        for less in itertools.combinations(roles, max(0, len(roles) - 1)):
            assert rights[less] <= rights[roles], (less, roles)


# ---- bad input


@pytest.mark.parametrize("address", ["OWNER@bank.example", " owner@BANK.example ", "Owner@Bank.Example"])
def test_a_second_account_under_the_same_address_is_refused_however_it_is_written(cast, address):
    """Two accounts of one person would be two persons to every rule."""
    with pytest.raises(BadInput, match="has an account already"):
        people.invite(address, name="Olga Other", unit=cast.unit, duty=Duty.APPROVER, actor=cast.administrator)


def test_the_database_itself_keeps_one_account_for_an_address(cast):
    """Two invitations at the same moment pass the question and meet the constraint."""
    with pytest.raises(ValidationError):
        User(email="OWNER@bank.example", name="Olga Other").full_clean(exclude=["password"])
    with pytest.raises(IntegrityError), transaction.atomic():
        User(email="OWNER@bank.example", name="Olga Other").save()


def test_whoever_confirms_a_duty_is_told_of_another_account_of_the_same_name(cast, client):
    """Two addresses of one person cannot be told apart by a program; the second pair of eyes is asked to look."""
    row = people.invite("olga@home.example", name="olga owner", unit=cast.unit, duty=Duty.APPROVER,
                        actor=cast.administrator).role_assignments.get()  # fmt: skip
    client.force_login(cast.risk_officer)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "no second account of one person" in page
    assert cast.owner.email in page


def sign(client, review, **more):
    """A decision by the page."""
    data = {"duty": "approver", "decision": "approve", "reason": REASON, "seen_digest": review.subject_digest, **more}
    return client.post(reverse("review-sign-off", args=[review.pk]), data)


def test_a_duty_that_ends_while_the_decision_is_pending_decides_nothing(scene, cast, client):
    """R12: the page was open, the duty is revoked, the decision comes too late."""
    review = Review.objects.get(release=scene.release)
    client.force_login(cast.approver)
    assert "Your decision" in client.get(review.get_absolute_url()).content.decode()
    people.end_duty(RoleAssignment.objects.get(person=cast.approver), actor=cast.administrator)
    before = AuditEntry.objects.count()
    assert sign(client, review).status_code in {404, 422}
    assert AuditEntry.objects.count() == before
    assert not SignOff.objects.filter(review=review, person=cast.approver).exists()


def test_a_duty_that_ends_after_the_decision_leaves_the_decision(scene, cast, client):
    """R12, the other half: what the risk officer decided stands, and the approver completes the review."""
    review = Review.objects.get(release=scene.release)
    people.end_duty(RoleAssignment.objects.get(person=cast.risk_officer), actor=cast.administrator)
    client.force_login(cast.approver)
    assert sign(client, review).status_code == 302
    assert SignOff.objects.standing().filter(review=review).exclude(decision="").count() == 2
    scene.release.refresh_from_db()
    assert scene.release.status == Release.Status.APPROVED


def test_a_person_who_leaves_while_the_decision_is_pending_decides_nothing(scene, cast, client):
    review = Review.objects.get(release=scene.release)
    client.force_login(cast.approver)
    cast.approver.is_active = False
    cast.approver.save()
    assert sign(client, review)["Location"].startswith("/login/")
    assert not SignOff.objects.filter(review=review, person=cast.approver).exists()


@pytest.mark.parametrize("duty", [Duty.AUTHOR, Duty.APPROVER, Duty.ADMINISTRATOR, Duty.AUDITOR])
def test_a_grant_to_oneself_is_refused_by_the_page_and_leaves_nothing(cast, client, duty):
    """R5, by a forged post: the page offers no form on one's own page."""
    client.force_login(cast.administrator)
    assert "Grant a duty" not in client.get(cast.administrator.get_absolute_url()).content.decode()
    before = AuditEntry.objects.count()
    answer = client.post(reverse("person-grant", args=[cast.administrator.pk]), {"duty": duty, "unit": cast.unit.pk})
    assert answer.status_code == 422
    assert AuditEntry.objects.count() == before


def test_nobody_ends_his_or_her_own_duty(cast, client):
    client.force_login(cast.administrator)
    row = RoleAssignment.objects.get(person=cast.administrator)
    client.post(reverse("duty-end", args=[row.pk]))
    assert RoleAssignment.objects.current().filter(pk=row.pk).exists()
