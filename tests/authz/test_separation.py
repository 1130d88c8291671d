"""Separation of duties: the rules are about persons, so no set of roles in one person lifts them or trips over them.

Whom each rule refuses is written by hand in `separation.csv`: `always` and `never` whatever roles the person holds,
`with A B` when one of these roles is held, `without A` when this one is not.
"""

import csv
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from rai import actions as checks
from registry import access, separation
from registry.actions import people, releases, reviews
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Duty, Release, Review, RoleAssignment, SignOff, User
from tests import factories
from tests.authz.test_matrix import DUTIES, expected
from tests.rai.uploads import read_table
from tests.risk import steps

FILE = Path(__file__).parent / "separation.csv"
REASON = "Read and found sound; nothing stands against it."
SUBSETS = [held for size in range(8) for held in itertools.combinations(DUTIES, size)]
# Each rule with the functions that are the rule: without any one of them the test is red.
RULES = {
    "R1": ("require_no_part",), "R2": ("require_not_signed",), "R3": ("require_not_made",), "R4": ("require_undecided",),
    "R5": ("require_grantor", "require_confirmer"), "R6": ("require_second_setter",), "R7": ("require_risk_acceptor",),
    "R8": ("require_waiver_acceptor",), "R9": ("require_closer",), "R10": ("require_no_mix",), "R11": ("require_settled",),
    "R12": ("require_duty",),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A line of the file."""

    rule: str
    act: str
    person: str
    refused: str

    def wants(self, roles: tuple[str, ...]) -> bool:
        """Whether the person must be refused when he or she holds these roles."""
        word, *named = self.refused.split()
        return {"always": True, "never": False, "with": bool(set(named) & set(roles)),
                "without": not set(named) <= set(roles)}[word]  # fmt: skip


def lines() -> list[Case]:
    """The file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Case(**row) for row in csv.DictReader(file)]


@dataclass(frozen=True)
class Scene:
    """A release under review, with the people who had a part in it and one who had none."""

    cast: factories.Cast
    release: Release
    limit_setter: User
    risk: Any
    waiver: Any
    incident: Any
    owner: User
    signer: User
    stranger: User


@pytest.fixture
def scene(cast) -> Scene:
    """The risk officer has signed; the owner made everything; the privacy officer asked for a run that broke."""
    version = factories.make_releasable(cast)
    risk = steps.registered(cast, version.home_system, actor=cast.privacy_officer)
    incident = steps.reported(cast, version.home_system, actor=cast.second_approver)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    seen = review.subject_digest
    reviews.sign_off(
        review, duty="risk_officer", decision="approve", reason=REASON, seen_digest=seen, actor=cast.risk_officer
    )
    waiver = factories.make_waiver(cast, actor=cast.privacy_officer)
    officer = factories.invite("runner", "Rolf Runner", Duty.RISK_OFFICER, cast.unit, cast.administrator)
    factories.invite("pending", "Petra Pending", Duty.AUTHOR, cast.unit, cast.administrator)
    asked = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
    checks.request_check(
        waiver.version, slug="group_fairness", predictions=read_table(cast, waiver.version), parameters=asked,
        actor=officer,
    )  # fmt: skip
    return Scene(
        cast, review.release, cast.approver, risk, waiver, incident, cast.owner, cast.risk_officer, cast.outsider
    )


def held(roles, unit, since=None) -> list[access.Grant]:
    """Grants of these roles in the unit."""
    long_ago = timezone.now() - timedelta(days=30)
    return [access.Grant(DUTIES[role], role, unit, None, False, since or long_ago) for role in roles]


def refuses(rule: Callable[..., None]) -> bool:
    """The rule says no, with a sentence."""
    try:
        rule()
    except NotAllowed as refusal:
        assert len(str(refusal)) > 20
        return True
    return False


Acts = dict[tuple[str, str], Callable[[], None]]


def acts_on_releases(s: Scene) -> Acts:
    """Deciding and publishing, by whoever had a part and by whoever had none."""
    registrar = User.objects.get(pk=s.release.version.registered_by_id)
    people_ = {"owner": s.owner, "registrar": registrar, "signer": s.signer, "stranger": s.stranger}
    rules = {"decide on a release": separation.require_decider, "publish": separation.require_publisher}
    return {
        (act, name): partial(rule, person, s.release) for act, rule in rules.items() for name, person in people_.items()
    }


def acts_on_duties(s: Scene, monkeypatch) -> Acts:
    """Granting, confirming and mixing duties."""
    given = RoleAssignment(person=s.owner, duty=Duty.APPROVER, unit=s.release.unit, granted_by=s.stranger)

    def in_a_small_organisation() -> None:
        with monkeypatch.context() as patch:
            patch.setattr("django.conf.settings.SMALL_ORG", True)
            separation.require_no_mix(s.stranger, Duty.APPROVER)

    return {
        ("grant a duty", "to oneself"): partial(separation.require_grantor, s.owner, s.owner),
        ("grant a duty", "to somebody else"): partial(separation.require_grantor, s.owner, s.stranger),
        ("confirm a duty", "whose it is"): partial(separation.require_confirmer, s.owner, given),
        ("confirm a duty", "who granted it"): partial(separation.require_confirmer, s.stranger, given),
        ("confirm a duty", "neither"): partial(separation.require_confirmer, s.signer, given),
        ("receive a duty of approval", "stranger"): partial(separation.require_no_mix, s.stranger, Duty.APPROVER),
        ("receive the duty of administration", "stranger"):
            partial(separation.require_no_mix, s.stranger, Duty.ADMINISTRATOR),
        ("receive a duty of approval in a small organisation", "stranger"): in_a_small_organisation,
    }  # fmt: skip


def acts_on_limits_and_risks(s: Scene) -> Acts:
    """Putting a limit in force and accepting risks."""
    limit = partial(separation.require_second_setter, setter_id=s.limit_setter.pk)
    elsewhere = factories.make_system(replace(s.cast, unit=s.cast.other_unit, owner=s.stranger))
    rated = replace_rater(s.risk, s.limit_setter)

    def accept(person: User, *, is_high: bool = False) -> Callable[[], None]:
        wrote = {rated.registered_by_id, rated.rated_by_id}
        return partial(separation.require_risk_acceptor, person, s.risk, wrote=wrote, is_high=is_high)

    author = User.objects.get(email="pending@bank.example")
    Release(system=elsewhere, version=s.release.version, author=author, status=Release.Status.IN_REVIEW).save()
    return {
        ("put a limit in force", "who set it"): partial(limit, s.limit_setter, system=s.release.system),
        ("put a limit in force", "owner"): partial(limit, s.owner, system=s.release.system),
        ("put a limit in force", "author of a pending release"): partial(limit, author, system=elsewhere),
        ("put a limit in force", "stranger"): partial(limit, s.stranger, system=s.release.system),
        ("accept a medium risk", "who registered it"): accept(s.cast.privacy_officer),
        ("accept a medium risk", "who rated it"): accept(s.limit_setter),
        ("accept a medium risk", "owner"): accept(s.owner),
        ("accept a medium risk", "stranger"): accept(s.stranger),
        ("accept a high risk", "stranger"): accept(s.stranger, is_high=True),
    }


def replace_rater(risk: Any, person: User) -> Any:
    """The risk, rated by somebody else than the one who registered it; in memory only."""
    risk.rated_by_id = person.pk
    return risk


def acts_on_waivers_and_incidents(s: Scene) -> Acts:
    """Accepting waivers and closing incidents."""
    runner = User.objects.get(email="runner@bank.example")
    untouched = factories.make_version(s.cast)  # nobody ran anything on it
    accept = partial(
        separation.require_waiver_acceptor, version=s.waiver.version, requester_id=s.waiver.requested_by_id
    )
    close = partial(separation.require_closer, incident=s.incident, reporter_id=s.incident.reporter_id)
    system = factories.make_system(s.cast, business_owner=s.signer)
    business, technical = (
        partial(separation.require_closer, person, steps.reported(s.cast, system, actor=s.cast.approver),
                reporter_id=s.cast.approver.pk)
        for person in (s.signer, s.owner)
    )  # fmt: skip
    return {
        ("accept a waiver", "owner who ran nothing"):
            partial(separation.require_waiver_acceptor, s.owner, untouched, requester_id=s.signer.pk),
        ("accept a waiver", "who asked for it"): partial(accept, s.cast.privacy_officer),
        ("accept a waiver", "who ran the check"): partial(accept, s.owner),
        ("accept a waiver", "who asked for a run that broke"): partial(accept, runner),
        ("accept a waiver", "stranger"): partial(accept, s.stranger),
        ("close an incident", "who reported it"): partial(close, s.cast.second_approver),
        ("close an incident", "business owner"): business,
        ("close an incident", "technical owner"): technical,
        ("close an incident", "stranger"): partial(close, s.stranger),
    }  # fmt: skip


def acts_in_a_duty(s: Scene, monkeypatch, roles: tuple[str, ...]) -> Acts:
    """Deciding in a duty given today, given last month, or held no more."""
    now, unit = timezone.now(), s.release.unit
    pending, later = now - timedelta(hours=1), now + timedelta(minutes=1)

    def settled(role: str, since: Any, pending_since: Any) -> Callable[[], None]:
        def ask() -> None:
            with monkeypatch.context() as patch:
                patch.setattr(access, "grants", lambda person: held(roles, unit, since=since))
                separation.require_settled(s.stranger, DUTIES[role], s.release, pending_since=pending_since)

        return ask

    old = now - timedelta(days=30)
    found: Acts = {
        ("decide in a duty of today on what came later", "APPR"): settled("APPR", now, later),
        ("decide in a duty of last month on what was pending", "APPR"): settled("APPR", old, pending),
    }
    for role in DUTIES:
        found["decide in a duty of today on what was pending", role] = settled(role, now, pending)
        found["decide in a duty that ended", role] = partial(
            separation.require_duty, s.stranger, DUTIES[role], s.release
        )
    return found


def wrong_lines(scene: Scene, fixed: Acts, roles: tuple[str, ...], monkeypatch) -> list[Case]:
    """The lines of the file that the program answers otherwise when the person holds these roles."""
    with monkeypatch.context() as patch:
        patch.setattr(access, "grants", lambda person: held(roles, scene.release.unit))
        acts = fixed | acts_on_duties(scene, monkeypatch) | acts_in_a_duty(scene, monkeypatch, roles)
        return [one for one in lines() if refuses(acts[one.act, one.person]) != one.wants(roles)]


def acts_of(scene: Scene) -> Acts:
    """The acts that are the same whatever roles are held."""
    return acts_on_releases(scene) | acts_on_limits_and_risks(scene) | acts_on_waivers_and_incidents(scene)


def test_no_set_of_roles_lifts_a_rule_or_trips_over_one(scene, monkeypatch, capsys):
    """B.3: 128 role subsets × the twelve rules, each against the file, with whom it refuses and whom it must not."""
    fixed, cases = acts_of(scene), {}
    for roles in SUBSETS:
        wrong = wrong_lines(scene, fixed, roles, monkeypatch)
        cases |= {(rule, roles): [one for one in wrong if one.rule == rule] for rule in RULES}
    assert {case: wrong for case, wrong in cases.items() if wrong} == {}
    assert {one.rule for one in lines()} == set(RULES)
    assert len(SUBSETS) == 128 and len(cases) == 1536
    with capsys.disabled():
        print(
            f"\nseparation of duties: 128 role subsets × {len(RULES)} rules = {len(cases):,} cases"
            f" ({128 * len(lines()):,} answers), all right"
        )


@pytest.mark.parametrize(("rule", "name"), [(rule, name) for rule, names in RULES.items() for name in names])
def test_a_rule_that_is_taken_away_is_missed(scene, monkeypatch, rule, name):
    """Mutation: each of the twelve, made to refuse nobody, makes lines of its own wrong."""
    monkeypatch.setattr(separation, name, lambda *args, **kwargs: None)
    wrong = wrong_lines(scene, acts_of(scene), ("RISK",), monkeypatch)
    assert rule in {one.rule for one in wrong}


@pytest.mark.parametrize(("rule", "name"), [(rule, name) for rule, names in RULES.items() for name in names])
def test_a_rule_that_refuses_everybody_is_noticed(scene, monkeypatch, rule, name):
    """Mutation: nor may a rule stand in the way of whoever it is not about."""

    def no(*args: Any, **kwargs: Any) -> None:
        raise NotAllowed("Nobody may do anything here.")

    monkeypatch.setattr(separation, name, no)
    wrong = wrong_lines(scene, acts_of(scene), ("RISK",), monkeypatch)
    assert rule in {one.rule for one in wrong}


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


# ---- the acts ask the rules


def test_nobody_decides_in_a_duty_that_somebody_else_holds(scene, cast):
    """R12: the right to decide in some stage is not the duty that this sign-off asks for."""
    review = Review.objects.get(release=scene.release)
    with pytest.raises(NotAllowed, match="You do not hold this duty"):
        reviews.sign_off(
            review, duty="approver", decision="approve", reason=REASON, seen_digest=review.subject_digest,
            actor=cast.privacy_officer,
        )  # fmt: skip
    assert not SignOff.objects.filter(review=review, person=cast.privacy_officer).exists()


def test_a_duty_of_today_neither_decides_nor_publishes_what_was_pending(scene, cast):
    """R11, by the acts themselves: both were waiting before the duty was given."""
    review = Review.objects.get(release=scene.release)
    fresh = factories.invite("fresh", "Frida Fresh", Duty.APPROVER, cast.unit, cast.administrator)
    with pytest.raises(NotAllowed, match="less than 24 hours"):
        reviews.sign_off(
            review, duty="approver", decision="approve", reason=REASON, seen_digest=review.subject_digest, actor=fresh
        )
    reviews.sign_off(
        review, duty="approver", decision="approve", reason=REASON, seen_digest=review.subject_digest,
        actor=cast.approver,
    )  # fmt: skip
    publisher = factories.invite("fresh2", "Fred Fresh", Duty.PUBLISHER, cast.unit, cast.administrator)
    scene.release.refresh_from_db()
    with pytest.raises(NotAllowed, match="less than 24 hours"):
        releases.publish(scene.release, reason=REASON, actor=publisher)


def test_administration_is_mixed_with_no_other_duty_by_grant_nor_by_confirmation(cast):
    """R10: two duties that wait together are not both confirmed."""
    with pytest.raises(NotAllowed, match="do not go together"):
        people.grant_duty(cast.auditor, duty=Duty.ADMINISTRATOR, unit=cast.unit, actor=cast.administrator)
    person = people.invite("new@bank.example", name="Nia New", unit=cast.unit, duty=Duty.ADMINISTRATOR,
                           actor=cast.administrator)  # fmt: skip
    approval = people.grant_duty(person, duty=Duty.APPROVER, unit=cast.unit, actor=cast.administrator)
    people.confirm_duty(person.role_assignments.get(duty=Duty.ADMINISTRATOR), actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="do not go together"):
        people.confirm_duty(approval, actor=cast.risk_officer)
    assert not access.holds(person, Duty.APPROVER, cast.unit)


def test_a_small_organisation_lets_administrators_hold_other_duties(cast, settings):
    """R10: by a setting that is off unless somebody sets it."""
    assert settings.SMALL_ORG is False
    settings.SMALL_ORG = True
    row = people.grant_duty(cast.auditor, duty=Duty.ADMINISTRATOR, unit=cast.unit, actor=cast.administrator)
    people.confirm_duty(row, actor=cast.risk_officer)
    assert {grant.role for grant in access.grants(cast.auditor)} == {"AUD", "ADM"}
