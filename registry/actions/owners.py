"""Names owners and deputies of systems, and takes their acceptance or refusal."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from registry import access, owners
from registry.actions import work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Acceptance, AISystem, BusinessUnit, Duty, Side, Task, User
from registry.transactions import retried

LEAST = 10
NAMING = (Duty.AI_COE, Duty.RISK_OFFICER)


def require_able(person: User, place: AISystem | BusinessUnit, *, field: str) -> None:
    """Whoever is to answer for a system has an account that is active and a duty by which to see it."""
    if not person.is_active:
        raise BadInput(_("%s is no longer active; name somebody who is.") % person, field=field)
    if not owners.may_own(person, place):
        raise BadInput(
            _("%(person)s holds no duty in %(unit)s by which to see its systems. Have one granted first, or name another.")
            % {"person": person, "unit": place.unit}, field=field,
        )  # fmt: skip


def require_named(system: AISystem) -> None:
    """A new system names two owners who can answer for it, and as deputies people who can and are somebody else."""
    for side in Side:
        owner, deputy = getattr(system, f"{side}_owner", None), getattr(system, f"{side}_deputy")
        if owner is None:
            raise BadInput(
                _("No system without its two owners: name a business and a technical one."), field=f"{side}_owner"
            )
        require_able(owner, system.unit, field=f"{side}_owner")
        if deputy is not None:
            require_deputy(deputy, owner, system.unit, field=f"{side}_deputy")


def require_deputy(person: User, owner: User, place: AISystem | BusinessUnit, *, field: str) -> None:
    """A deputy can answer for the system and is not the owner."""
    require_able(person, place, field=field)
    if person.pk == owner.pk:
        raise BadInput(_("%s is the owner; a deputy is somebody else.") % person, field=field)


def take_named(system: AISystem, *, actor: User) -> None:
    """What the owners of a new system say to being named: whoever names himself has accepted by that."""
    for side in Side:
        is_self = getattr(system, f"{side}_owner").pk == actor.pk
        setattr(system, f"{side}_acceptance", Acceptance.ACCEPTED if is_self else Acceptance.WAITING)


def ask_owners(system: AISystem, *, actor: User) -> None:
    """A task for each named owner who has not answered."""
    waiting = {
        getattr(system, f"{side}_owner") for side in Side
        if getattr(system, f"{side}_acceptance") == Acceptance.WAITING
    }  # fmt: skip
    for person in sorted(waiting, key=lambda person: str(person.pk)):
        work.open_task(
            system, kind=Task.Kind.ACCEPT_OWNERSHIP, system=system, url=place_of(system), person=person, actor=actor
        )


def place_of(system: AISystem) -> str:
    """The page on which owners answer."""
    return reverse("system-owners", args=[system.pk])


@retried
def assign_owner(system: AISystem, *, side: str, person: User, reason: str, actor: User) -> AISystem:
    """Hand one side of a system over to another person, who has to accept; releases wait until then."""
    access.require(actor, access.MODEL_ASSIGN_OWNER, system)
    system = held(system)
    before = getattr(system, f"{side}_owner")
    require_reason(reason)
    require_able(person, system, field="person")
    if before == person and not owners.problem(system, Side(side)):
        raise BadInput(_("%s answers for this already.") % person, field="person")
    setattr(system, f"{side}_owner", person)
    setattr(system, f"{side}_acceptance", Acceptance.ACCEPTED if person.pk == actor.pk else Acceptance.WAITING)
    setattr(system, f"{side}_decline_reason", "")
    if getattr(system, f"{side}_deputy_id") == person.pk:
        setattr(system, f"{side}_deputy", None)
    system.save()
    log.record(actor, "system.owner_assigned", system, reason=reason.strip(), side=side)
    close_own_task(system, before, actor=actor)
    ask_owners(system, actor=actor)
    if all(not found.problem or found.is_waiting for found in (owners.standing(system, each) for each in Side)):
        work.close_tasks(system, kind=Task.Kind.NAME_OWNER, actor=actor)
    return system


@retried
def accept(system: AISystem, *, side: str, actor: User) -> AISystem:
    """Say yes to answering for one side; the named person alone can."""
    system = asked_of(system, side, actor)
    setattr(system, f"{side}_acceptance", Acceptance.ACCEPTED)
    system.save()
    log.record(actor, "system.ownership_accepted", system, side=side)
    close_own_task(system, actor, actor=actor)
    return system


@retried
def decline(system: AISystem, *, side: str, reason: str, actor: User) -> AISystem:
    """Say no, with a reason; whoever may name owners is asked for another."""
    system = asked_of(system, side, actor)
    require_reason(reason)
    setattr(system, f"{side}_acceptance", Acceptance.DECLINED)
    setattr(system, f"{side}_decline_reason", reason.strip())
    system.save()
    log.record(actor, "system.ownership_declined", system, reason=reason.strip(), side=side)
    close_own_task(system, actor, actor=actor)
    ask_for_owner(system, actor=actor)
    return system


@retried
def name_deputy(system: AISystem, *, side: str, person: User | None, actor: User) -> AISystem:
    """Name who stands in for the owner of one side, or nobody; the deputy may do what the owner may."""
    access.require(actor, access.MODEL_EDIT, system)
    system = held(system)
    if person is not None:
        require_deputy(person, getattr(system, f"{side}_owner"), system, field="person")
    setattr(system, f"{side}_deputy", person)
    system.save()
    log.record(actor, "system.deputy_named", system, side=side)
    return system


def ask_for_owner(system: AISystem, *, actor: Any) -> None:
    """Ask whoever may name owners for a new one."""
    for duty in NAMING:
        work.open_task(system, kind=Task.Kind.NAME_OWNER, system=system, url=place_of(system), duty=duty, actor=actor)


def note_lost(person: User, *, actor: Any) -> list[AISystem]:
    """After a person left or lost a duty: the systems that he or she no longer answers for, each with its tasks."""
    own = AISystem.objects.filter(business_owner=person) | AISystem.objects.filter(technical_owner=person)
    lost = list(owners.without_owner(own).select_related("unit").order_by("pk"))
    for system in lost:
        ask_for_owner(system, actor=actor)
    return lost


def held(system: AISystem) -> AISystem:
    """The row as it is now, held until the transaction ends."""
    return AISystem.objects.select_for_update(of=("self",)).select_related("unit").get(pk=system.pk)


def asked_of(system: AISystem, side: str, actor: User) -> AISystem:
    """The system, when this very person is asked whether to answer for the side."""
    access.require(actor, access.MODEL_VIEW, system)
    system = held(system)
    if getattr(system, f"{side}_owner_id") != actor.pk:
        raise NotAllowed(_("Only %s, who was named, can answer.") % getattr(system, f"{side}_owner"))
    if getattr(system, f"{side}_acceptance") != Acceptance.WAITING:
        raise NotAllowed(_("This was answered already."))
    return system


def close_own_task(system: AISystem, person: User, *, actor: User) -> None:
    """Close the person's task when neither side waits for him or her any more."""
    if not any(is_asked(system, side, person) for side in Side):
        work.close_tasks(system, kind=Task.Kind.ACCEPT_OWNERSHIP, person=person, actor=actor)


def is_asked(system: AISystem, side: str, person: User) -> bool:
    """The person was named for the side and has not answered."""
    named_id, acceptance = getattr(system, f"{side}_owner_id"), getattr(system, f"{side}_acceptance")
    return named_id == person.pk and acceptance == Acceptance.WAITING


def require_reason(reason: str) -> None:
    """A reason that says something."""
    if len(reason.strip()) < LEAST:
        raise BadInput(_("Give a reason of at least %d characters; it stands in the log.") % LEAST, field="reason")
