"""Entries that belong to something: those about it, and those whose fields name it."""

from typing import Any

from django.db.models import Q

from registry.models import AISystem, RegisterEntry
from registry.registers.kinds import kinds

MOST = 50


def about(system: AISystem, person: Any) -> list[RegisterEntry]:
    """The entries in use about a system that the person may see, by kind."""
    rows = RegisterEntry.objects.visible_to(person).standing().filter(system=system, kind__in=kinds())
    return list(rows.order_by("kind", "title", "pk")[:MOST])


def naming(row: Any, person: Any) -> list[RegisterEntry]:
    """The entries that name a row, the newest first; acceptances are told on the page of what they accept."""
    target = row.kind if isinstance(row, RegisterEntry) else row._meta.label
    seen = RegisterEntry.objects.visible_to(person)
    accepting = {kind.acknowledged_in for kind in kinds().values()}
    wanted = Q(pk__in=[])
    for kind in kinds().values():
        names = [each.name for each in kind.fields.values() if each.is_row and each.of == target]
        for name in names if kind.name not in accepting else ():
            wanted |= Q(**{"kind": kind.name, f"fields__{name}__icontains": str(row.pk)})
    return list(seen.filter(wanted).order_by("-created_at")[:MOST])
