"""Who is to accept an entry in force, who has, and who has not."""

from typing import Any

from django.db.models import Q

from registry.models import RegisterEntry, RoleAssignment, User


def is_asked(entry: RegisterEntry) -> bool:
    """It is in force and says that people must accept it."""
    return bool(entry.of.acknowledged_in) and entry.status == "approved" and bool(entry.fields.get("must_accept"))


def audience(entry: RegisterEntry) -> Any:
    """Active people who hold a duty in its unit or below, or for its system; one of those that it names, if any."""
    held = RoleAssignment.objects.current().filter(unit__path__startswith=entry.unit.path)
    duties = entry.fields.get("audience") or []
    held = held.filter(duty__in=duties) if duties else held
    if entry.system_id:
        held = held.filter(Q(system=entry.system_id) | Q(system=None, unit=entry.unit_id))
    return User.objects.filter(is_active=True, pk__in=held.values("person"))


def is_for(entry: RegisterEntry, person: User) -> bool:
    """The person is one of those."""
    return audience(entry).filter(pk=person.pk).exists()


def given(entry: RegisterEntry) -> Any:
    """The acceptances of this revision that stand."""
    rows = RegisterEntry.objects.filter(kind=entry.of.acknowledged_in, fields__policy=str(entry.pk))
    return rows.standing().select_related("author")


def missing(entry: RegisterEntry) -> list[User]:
    """The people who have not accepted it."""
    accepted = {row.fields.get("person") for row in given(entry)}
    return [person for person in audience(entry).order_by("name") if str(person.pk) not in accepted]
