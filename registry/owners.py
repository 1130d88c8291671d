"""Who answers for a system: whether each owner still does, and the systems of which one does not."""

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.translation import gettext as _

from registry import access
from registry.models import Acceptance, AISystem, RoleAssignment, Side, User

# Duties by which somebody may look at systems at all.
SEEING = [duty for duty, role in access.DUTY_ROLE.items() if access.MATRIX[access.MODEL_VIEW][role] != "-"]


@dataclass(frozen=True)
class Standing:
    """One side of answering for a system: owner, deputy, and why the owner does not count, if so."""

    side: Side
    owner: User
    deputy: User | None
    acceptance: str
    problem: str

    @property
    def is_waiting(self) -> bool:
        """The owner was named and has said neither yes nor no."""
        return self.acceptance == Acceptance.WAITING


def standing(system: AISystem, side: Side) -> Standing:
    """One side as it is now."""
    owner, deputy = getattr(system, f"{side}_owner"), getattr(system, f"{side}_deputy")
    return Standing(side, owner, deputy, getattr(system, f"{side}_acceptance"), problem(system, side))


def problem(system: AISystem, side: Side) -> str:
    """Why the named owner does not answer for the system; empty when he or she does."""
    owner = getattr(system, f"{side}_owner")
    if not owner.is_active:
        return _("%s is no longer active; name another owner.") % owner
    if not may_own(owner, system):
        return _("%s holds no duty for this unit any more; name another owner.") % owner
    return {
        Acceptance.WAITING: _("%s has not accepted yet.") % owner,
        Acceptance.DECLINED: _("%s declined; name another owner.") % owner,
    }.get(getattr(system, f"{side}_acceptance"), "")


def may_own(person: User, place: Any) -> bool:
    """The account is active and a duty lets the person look at systems of the place: a unit, or a system itself."""
    own = [grant for grant in access.grants(person) if grant.behalf is None]  # a deputy for a time is no owner
    return any(grant.duty in SEEING and grant.reaches(place) for grant in own)


def without_owner(rows: Any) -> Any:
    """Of these systems, those of which one side has no owner who has accepted, is active and holds a duty there."""
    found = Q(pk__in=[])
    for side in Side:
        found |= Q(**{f"{side}_owner__is_active": False}) | ~Q(**{f"{side}_acceptance": Acceptance.ACCEPTED})
        found |= Q(~Exists(duties_of(f"{side}_owner")))
    return rows.filter(found)


def duties_of(column: str) -> Any:
    """The duties of the person in this column of a system that let him or her look at it."""
    rows = RoleAssignment.objects.current().filter(person=OuterRef(column), duty__in=SEEING)
    rows = rows.filter(Q(system__isnull=True) | Q(system=OuterRef("pk")))
    place = ExpressionWrapper(OuterRef("unit__path"), output_field=CharField())
    return rows.annotate(place=place).filter(place__startswith=F("unit__path"))
