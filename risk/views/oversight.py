"""Where components are that somebody warned of, and how often people overrode what systems put out, with their reasons."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from registry.models import AISystem, ComponentUse, RegisterEntry
from registry.registers import kind_named

WARNINGS = ("threat_notice", "vulnerability")
EVENTS = "oversight_event"
SHORTEST = 3


@dataclass(frozen=True)
class Overseen:
    """The acts of oversight over one system: how many of each sort, and the reasons of overrides, the newest first."""

    system: AISystem
    counts: tuple[tuple[str, int], ...]
    reasons: tuple[RegisterEntry, ...]


def matches(warning: RegisterEntry, person: object) -> list[ComponentUse]:
    """The live uses of components whose name or family has the words that a warning names."""
    words = str(warning.fields.get("component_name") or "").strip()
    if len(words) < SHORTEST:
        return []
    named = Q(component__name__icontains=words) | Q(component__family__icontains=words)
    rows = ComponentUse.objects.visible_to(person).live().filter(named)
    return list(rows.select_related("component", "system__technical_owner", "version__model").order_by("system__name"))


def component_matches(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the component of a warning is in use."""
    rows = RegisterEntry.objects.visible_to(request.user).filter(kind__in=WARNINGS)
    found = get_object_or_404(rows, pk=pk)
    return render(request, "risk/component_matches.html", {"object": found, "uses": matches(found, request.user)})


def oversight(request: HttpRequest) -> HttpResponse:
    """Reviews, overrides, stops and escalations by system, with the reasons of the overrides."""
    rows = RegisterEntry.objects.visible_to(request.user).filter(kind=EVENTS).exclude(system=None).standing()
    by_system: dict[AISystem, list[RegisterEntry]] = {}
    for row in rows.select_related("system").order_by("system__name", "-created_at"):
        by_system.setdefault(row.system, []).append(row)
    sorts = kind_named(EVENTS).fields["event_type"].offered()
    found = [overseen(system, events, sorts) for system, events in by_system.items()]
    context = {"title": _("Oversight by people"), "found": found, "sorts": [label for _name, label in sorts]}
    return render(request, "risk/oversight.html", context)


def overseen(system: AISystem, events: list[RegisterEntry], sorts: list[tuple[str, str]]) -> Overseen:
    """One system."""
    tally = Counter(str(row.fields.get("event_type")) for row in events)
    overrides = [row for row in events if row.fields.get("event_type") == "override"]
    return Overseen(system, tuple((label, tally[name]) for name, label in sorts), tuple(overrides[:10]))
