"""People with overlapping duties around one version, and every act that they and the software can do to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from rai import actions as rai_actions
from rai.models import MetricBaseline
from registry.actions import (
    conditions,
    delegations,
    endings,
    inventory,
    owners,
    people,
    releases,
    renewals,
    reviews,
    waivers,
)
from registry.audit import log
from registry.models import (
    AISystem,
    Condition,
    Delegation,
    Evidence,
    ModelVersion,
    Release,
    Review,
    RoleAssignment,
    SignOff,
    User,
    Waiver,
)
from risk import actions as risk_actions
from risk.models import Risk
from tests import factories

GOOD: Final = "Read the card, the limits and the run; nothing stands against it."
RULE: Final = "selection_rate_difference<=0.1"
# Who holds what at the beginning: enough for a sound story, and enough overlap for an unsound one.
DUTIES: Final = {
    "owner": ("technical_owner", "risk_officer", "approver", "publisher"),
    "risk_officer": ("risk_officer", "approver", "publisher"),
    "approver": ("approver", "publisher"),
    "second_approver": ("approver",),
    "publisher": ("publisher",),
    "privacy_officer": ("privacy_officer", "technical_owner", "approver"),
    "outsider": ("risk_officer",),
}  # fmt: skip
WHO: Final = tuple(DUTIES)


@dataclass
class World:
    """One version and the people around it. `pick` is a small number by which an act chooses among what there is."""

    cast: factories.Cast
    version: ModelVersion
    seen: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def person(self, name: str) -> User:
        """A person, read afresh."""
        return User.objects.get(pk=getattr(self.cast, name).pk)

    @property
    def system(self) -> AISystem:
        """The system, read afresh."""
        return AISystem.objects.get(pk=self.version.model.system_id)

    @property
    def release(self) -> Release:
        """The newest release."""
        return Release.objects.filter(version=self.version).latest("created_at")

    @property
    def review(self) -> Review:
        """Its review."""
        return Review.objects.select_related("release").get(release=self.release)


def make_world(**system: Any) -> World:
    """The people with all their duties, and a version that passes every gate."""
    cast = factories.make_cast()
    for name, duties in DUTIES.items():
        person = getattr(cast, name)
        held = {row.duty for row in person.role_assignments.all()}
        for duty in duties:
            if duty not in held:
                factories.grant(cast, person, duty)
    return World(cast, factories.make_releasable(cast, **system))


# ---- acts: each takes the world, who does it, and a number to choose by


def proceed(world: World, _who: str, pick: int) -> None:
    """What a sound story does next."""
    status = ModelVersion.objects.get(pk=world.version.pk).status
    if status in {"draft", "changes_requested"}:
        return submit(world, "owner", pick)
    if status == "approved":
        return publish(world, "publisher", pick)
    waiting = SignOff.objects.waiting().filter(review=world.review).order_by("stage").first()
    if waiting is not None:
        signer = {"risk_officer": "risk_officer", "approver": ("approver", "second_approver")[pick % 2]}
        look(world, signer.get(waiting.duty, waiting.duty), pick)
        sign(world, signer.get(waiting.duty, waiting.duty), 0, duty=waiting.duty)
    return None


def submit(world: World, who: str, _pick: int) -> None:
    """Put the version before reviewers."""
    releases.submit_for_review(world.version, notes="A release of the model.", actor=world.person(who))


def look(world: World, who: str, _pick: int) -> None:
    """Read the page of the review; what was read is what the next decision of this person is about."""
    world.seen[who] = world.review.subject_digest


def sign(world: World, who: str, pick: int, *, duty: str = "") -> None:
    """Decide in some duty on what was read last, be it long ago."""
    review = world.review
    decision = ("approve", "approve", "approve", "approve", "reject", "request_changes")[pick % 6]
    duty = duty or ("approver", "risk_officer")[pick % 2]
    digest = world.seen.get(who, review.subject_digest)
    slot = reviews.sign_off(
        review, duty=duty, decision=decision, reason=GOOD, seen_digest=digest, actor=world.person(who)
    )
    if slot.subject_digest != digest:
        world.shown.append(f"{who} was shown {digest} and signed {slot.subject_digest}")


def sign_late(world: World, _who: str, pick: int) -> None:
    """Somebody who has read the page at some time decides as if it were still what is up."""
    if world.seen:
        sign(world, sorted(world.seen)[pick % len(world.seen)], pick // 2)


def sign_at_sight(world: World, who: str, pick: int) -> None:
    """Read the page and decide at once."""
    look(world, who, pick)
    sign(world, who, pick)


def publish(world: World, who: str, _pick: int) -> None:
    """Publish the newest release."""
    releases.publish(world.release, reason=GOOD, actor=world.person(who))


def edit_system(world: World, who: str, pick: int) -> None:
    """Say another purpose; mostly by the owner, who alone may."""
    purpose = f"Chooses who receives offer {pick} by post."
    inventory.edit_system(world.system, purpose=purpose, actor=world.person(who if pick < 4 else "owner"))


def edit_release(world: World, who: str, pick: int) -> None:
    """Write other notes."""
    releases.edit_release(world.release, notes=f"Another release, number {pick}.", actor=world.person(who))


def withdraw(world: World, who: str, _pick: int) -> None:
    """Take the release back."""
    releases.withdraw(world.release, reason=GOOD, actor=world.person(who))


def end_duty(world: World, who: str, pick: int) -> None:
    """Take a duty from a person."""
    rows = RoleAssignment.objects.current().filter(person=world.person(who)).order_by("duty")
    if rows:
        people.end_duty(rows[pick % len(rows)], actor=world.cast.administrator)


def give_duty(world: World, who: str, pick: int) -> None:
    """Give a person a duty that he or she had at the beginning, confirmed by a second person."""
    duty = DUTIES[who][pick % len(DUTIES[who])]
    row = people.grant_duty(world.person(who), duty=duty, unit=world.cast.unit, actor=world.cast.administrator)
    if row.is_waiting:
        factories.confirm(row)


def withdraw_evidence(world: World, who: str, pick: int) -> None:
    """Declare a run void."""
    rows = Evidence.objects.filter(version=world.version).standing().order_by("received_at")
    if rows:
        rai_actions.withdraw_evidence(rows[pick % len(rows)], reason=GOOD, actor=world.person(who))


def record_evidence(world: World, _who: str, pick: int) -> None:
    """A run ends, as a worker stores it."""
    verdict = ("pass", "fail", "pass", "insufficient")[pick % 4]
    outcome = {"verdict": verdict, "thresholds": [{"rule": RULE}], "n": next(factories.numbers)}
    factories.make_evidence(world.cast, world.version, verdict=verdict, outcome=outcome)


def ask_waiver(world: World, who: str, pick: int) -> None:
    """Ask that the check be waived."""
    until = timezone.localdate() + timedelta(days=1 + pick)
    factories.make_waiver(world.cast, world.version, actor=world.person(who), expires_on=until)


def accept_waiver(world: World, who: str, _pick: int) -> None:
    """Accept the waiver that waits."""
    row = Waiver.objects.filter(version=world.version, status=Waiver.Status.REQUESTED).first()
    if row is not None:
        waivers.accept_waiver(row, reason=GOOD, actor=world.person(who))


def end_waiver(world: World, who: str, _pick: int) -> None:
    """End the waiver in force."""
    row = Waiver.objects.in_force().filter(version=world.version).first()
    if row is not None:
        waivers.end_waiver(row, reason=GOOD, actor=world.person(who))


def enter_risk(world: World, who: str, pick: int) -> None:
    """Enter a risk, or rate the newest one, up or down."""
    risk = Risk.objects.live().filter(system=world.system).order_by("-created_at").first()
    if risk is None or pick == 0:
        factories.make_risk(world.cast, world.system)
    else:
        risk_actions.rate_risk(
            risk, likelihood=1 + pick % 3, impact=1 + pick % 4, reason=GOOD, actor=world.person(who)
        )  # fmt: skip


def end_limit(world: World, who: str, _pick: int) -> None:
    """Take the limit out of force."""
    row = MetricBaseline.objects.filter(system=world.system, status="approved").first()
    if row is not None:
        rai_actions.supersede_baseline(row, reason=GOOD, actor=world.person(who))


def set_limit(world: World, _who: str, _pick: int) -> None:
    """Put the limit in force again."""
    factories.make_limit(world.cast, world.system, rule=RULE)


def suspend(world: World, who: str, _pick: int) -> None:
    """Take the published version out of use until it is decided on anew."""
    endings.suspend(world.release, reason=GOOD, actor=world.person(who))


def hand_over(world: World, who: str, pick: int) -> None:
    """Make a person the owner of one side."""
    side = ("business", "technical")[pick % 2]
    actor = world.person("risk_officer")
    owners.assign_owner(world.system, side=side, person=world.person(who), reason=GOOD, actor=actor)
    if world.person(who).pk != actor.pk:
        owners.accept(world.system, side=side, actor=world.person(who))


def expire_evidence(world: World, _who: str, _pick: int) -> None:
    """The time of the frozen run is over."""
    with transaction.atomic():
        row = Evidence.objects.filter(version=world.version).standing().first()
        if row is not None:
            row.valid_until = timezone.now()
            row.save()
            log.record(None, "evidence.expired", row)


def sign_conditionally(world: World, who: str, pick: int) -> None:
    """Approve on a condition that the owner is to meet."""
    review = world.review
    asked = conditions.Asked("Have the limits of the card read by a second analyst.", world.person("owner"),
                             timezone.localdate() + timedelta(days=pick))  # fmt: skip
    reviews.sign_off(
        review, duty=("approver", "risk_officer")[pick % 2], decision="approve_with_conditions", reason=GOOD,
        seen_digest=review.subject_digest, actor=world.person(who), conditions=[asked],
    )  # fmt: skip


def keep_condition(world: World, who: str, _pick: int) -> None:
    """Say that the condition is met, or verify that it is."""
    row = Condition.objects.unmet().filter(review__release__version=world.version).first()
    if row is not None and row.status == Condition.Status.OPEN:
        conditions.say_met(row, reason=GOOD, actor=world.person("owner"))
    elif row is not None:
        conditions.verify(row, reason=GOOD, actor=world.person(who))


def abstain(world: World, who: str, pick: int) -> None:
    """Say that one has a conflict of interest."""
    review = world.review
    reviews.sign_off(
        review, duty=("approver", "risk_officer")[pick % 2], decision="abstain", reason=GOOD,
        seen_digest=review.subject_digest, actor=world.person(who),
    )  # fmt: skip


def hand_on(world: World, who: str, pick: int) -> None:
    """Make a person the deputy of another one in some duty, accepted and confirmed."""
    whose = world.person(WHO[pick % len(WHO)])
    held = RoleAssignment.objects.current().filter(person=whose).order_by("duty").last()
    if held is None:
        return
    today = timezone.localdate()
    row = delegations.delegate(
        held, to_person=world.person(who), starts_on=today, ends_on=today + timedelta(days=9), reason=GOOD, actor=whose
    )
    row = delegations.accept(row, actor=world.person(who))
    if row.needs_confirmation:
        delegations.confirm(row, actor=world.person(("risk_officer", "owner")[pick % 2]))


def take_back(world: World, _who: str, _pick: int) -> None:
    """End a delegation."""
    row = Delegation.objects.standing().first()
    if row is not None:
        delegations.end(row, reason=GOOD, actor=row.from_person)


def renew(world: World, who: str, _pick: int) -> None:
    """Ask for the approval of what is published anew."""
    renewals.renew(world.release, reason=GOOD, actor=world.person(who))


def reach_back(world: World, who: str, pick: int) -> None:
    """Do something to any release of the version, be it long over; mostly by somebody who may."""
    rows = Release.objects.filter(version=world.version).order_by("created_at")
    act, fit = (
        (releases.publish, "publisher"), (releases.withdraw, "owner"), (endings.suspend, "risk_officer"),
        (renewals.renew, "owner"),
    )[pick % 4]  # fmt: skip
    if rows:
        act(rows[pick // 4 % len(rows)], reason=GOOD, actor=world.person(who if pick > 8 else fit))


Act = Callable[[World, str, int], None]
# The acts that lead on come several times, so that long stories are drawn often enough.
ACTS: Final[dict[str, Act]] = {
    "proceed": proceed, "submit": submit, "look": look, "sign": sign, "sign late": sign_late, "sign at sight": sign_at_sight,
    "publish": publish, "edit system": edit_system, "edit release": edit_release, "withdraw": withdraw,
    "end duty": end_duty, "give duty": give_duty, "withdraw evidence": withdraw_evidence,
    "record evidence": record_evidence, "ask for waiver": ask_waiver, "accept waiver": accept_waiver,
    "end waiver": end_waiver, "enter risk": enter_risk, "end limit": end_limit, "set limit": set_limit,
    "suspend": suspend, "hand over": hand_over, "let evidence expire": expire_evidence,
    "sign conditionally": sign_conditionally, "keep condition": keep_condition, "abstain": abstain, "hand on": hand_on,
    "take back": take_back, "renew": renew, "reach back": reach_back,
}  # fmt: skip
