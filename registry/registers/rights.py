"""Who writes entries of a kind: whoever may edit registers, and holders of the duties that the kind names as its writers."""

from typing import Any

from django.db.models import Q, QuerySet

from registry import access
from registry.forms.acts import units_where
from registry.models import AISystem, BusinessUnit
from registry.registers.kinds import Kind


def may_write(kind: Kind, person: Any, obj: Any) -> bool:
    """The person may write entries of the kind about the object, or change this entry; a token only what it lets through."""
    return access.allowed(person, access.REGISTER_EDIT, obj) or (
        access.lets_through(person, access.REGISTER_EDIT, obj)
        and any(access.holds(person, duty, obj) for duty in kind.writers)
    )


def require_write(kind: Kind, person: Any, obj: Any) -> None:
    """Refuse with a sentence unless `may_write`."""
    if not may_write(kind, person, obj):
        access.require(person, access.REGISTER_EDIT, obj)


def may_write_somewhere(kind: Kind, person: Any) -> bool:
    """In some unit: decides which doors are drawn, never what is opened."""
    return access.may_anywhere(person, access.REGISTER_EDIT) or bool(places(kind, person))


def require_write_somewhere(kind: Kind, person: Any) -> None:
    """Refuse with a sentence unless `may_write_somewhere`."""
    if not may_write_somewhere(kind, person):
        access.require_anywhere(person, access.REGISTER_EDIT)


def places(kind: Kind, person: Any) -> list[BusinessUnit]:
    """The units for which the person holds a duty that writes the kind."""
    if not access.lets_through(person, access.REGISTER_EDIT):
        return []
    return [grant.unit for grant in access.grants(person) if grant.duty in kind.writers and grant.system_id is None]


def within(kind: Kind, person: Any, unit: str) -> Q:
    """Rows in those units or below; `unit` is the lookup that leads to the unit."""
    found = Q(pk__in=[])
    for place in places(kind, person):
        found |= access.within(place, unit)
    return found


def units(kind: Kind, person: Any) -> QuerySet[BusinessUnit]:
    """The units about which the person may write entries of the kind."""
    mine = BusinessUnit.objects.filter(path_within(places(kind, person)))
    return (units_where(person, access.REGISTER_EDIT) | mine).distinct()


def path_within(some: list[BusinessUnit]) -> Q:
    """Units of these or below them."""
    found = Q(pk__in=[])
    for place in some:
        found |= Q(path__startswith=place.path)
    return found


def systems(kind: Kind, person: Any) -> QuerySet[AISystem]:
    """The systems about which the person may write entries of the kind."""
    return AISystem.objects.visible_to(person) | AISystem.objects.filter(within(kind, person, "unit"))
