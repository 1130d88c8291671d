"""The frameworks as grids of their requirements, as they stand now or stood on a day, and the page of one requirement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.errors import BadInput
from registry.lists.exports import as_csv_lines
from registry.models import AISystem, BusinessUnit
from registry.registers import kinds
from reports.evaluation import RequirementResult
from reports.forms import ScopeForm
from reports.framework_files import SLUGS, Framework, Group, Item, Requirement, crosswalk, load
from reports.imported import lookup
from reports.models import Report
from reports.standings import telling
from reports.standings.grid import Entry, Grid, Place, decided, grid, reads_history, then, trend
from reports.themes import themes

FIRST: Final = SLUGS[0]
RESULTS: Final = {
    "met": _("Met"),
    "partly": _("Partly met"),
    "not_met": _("Not met"),
    "not_applicable": _("Not applicable"),
}


@dataclass(frozen=True)
class Category:
    """A category of a function with what its requirements came to; None for those that stand in no category."""

    group: Group | None
    results: tuple[Entry, ...]


@dataclass(frozen=True)
class Function:
    """A function of the framework: how many of its requirements came to what, and its categories.

    Requirements that stand in no group make one without a group.
    """

    group: Group | None
    counts: tuple[tuple[str, Any, int], ...]
    categories: tuple[Category, ...]


@dataclass(frozen=True)
class Lacking:
    """A required item that does not pass, why, and where it is mended."""

    shows: str
    reason: Any
    place: str


@dataclass(frozen=True)
class Linked:
    """A requirement of another framework that the crosswalk puts beside one, and how much of it the two share."""

    framework: Framework
    requirement: Requirement
    strength: str


def framework(request: HttpRequest, slug: str = FIRST) -> HttpResponse:
    """Every requirement as a cell with word, icon and basis, for a system, a unit or all that the reader may see."""
    wanted = loaded(slug)
    form, place = scope(request)
    found = grid(wanted, place, person=request.user)
    may_look_back = reads_history(request.user, place)
    context = {
        "form": form,
        "place": place,
        "system": place.system,
        "then": then(found, place) if place.day and may_look_back else None,
        "trend": trend(wanted, place.subject) if place.day is None and may_look_back else None,
        "reported_of": unit_to_report(request.user, place),
        "frameworks": lookup.names(),
        "evaluation": found,
        "counts": [(name, RESULTS[name], n) for name, n in found.counts.items()],
        "functions": functions(found),
        "themes": themes(found) if place.system else [],
    }
    return render(request, "reports/pages/frameworks.html", context, status=404 if form.errors else 200)


def unit_to_report(person: Any, place: Place) -> BusinessUnit | None:
    """The unit of the place, where this person may have a report made of it."""
    unit = place.unit or BusinessUnit.objects.filter(parent=None).first()
    if unit is None or place.system is not None or not reads_history(person, place):
        return None
    return unit if access.allowed(person, access.REPORT_GENERATE, Report(of_unit=unit)) else None


def status_table(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The grid as a file for spreadsheets."""
    wanted = loaded(slug)
    form, place = scope(request)
    if form.errors:
        raise Http404
    rows = map(telling.row, grid(wanted, place, person=request.user).requirements)
    answer = StreamingHttpResponse(as_csv_lines(telling.COLUMNS, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{wanted.slug}.csv"'
    return answer


def loaded(slug: str) -> Framework:
    """A framework by its slug, or 404."""
    try:
        return lookup.framework(slug)
    except BadInput as unknown:
        raise Http404 from unknown


def requirement(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """One requirement: its rule, the evidence behind each item, the reason for its result, and what others ask like it."""
    form, scoped = scope(request)
    system = scoped.system
    if form.errors:
        raise Http404
    found = loaded(slug)
    try:
        wanted = lookup.requirement_named(found, key)
    except BadInput as unknown:
        raise Http404 from unknown
    only = replace(found, requirements=(wanted,))
    result = decided(only, scoped, person=request.user).requirements[0]
    context = {
        "place": scoped,
        "lacking": lacking(result, system),
        "rules": found.digest,
        "day": scoped.day or timezone.localdate(),
        "system": system,
        "form": form,
        "framework": found,
        "requirement": wanted,
        "groups": [group for group in found.groups if group.id in wanted.group],
        "result": result,
        "linked": linked(slug, wanted.id),
    }
    return render(request, "reports/pages/requirement.html", context)


def lacking(result: RequirementResult, system: AISystem | None) -> list[Lacking]:
    """What would make a requirement met: each required item that is open."""
    return [
        Lacking(entry.item.shows, entry.reason, place(entry.item, system))
        for entry in result.items
        if entry.item.is_required and entry.result not in {"pass", "not_applicable"}
    ]


def place(item: Item, system: AISystem | None) -> str:
    """Where the evidence of an item is entered: its register, else the system, else the inventory."""
    name = {"attestation": "signed_statement"}.get(item.kind, item.entity)
    if name in kinds():
        return kinds()[name].url
    return system.get_absolute_url() if system else reverse("systems")


def linked(slug: str, key: str) -> list[Linked]:
    """What the crosswalk puts beside a requirement, framework by framework; it speaks of no framework that was brought."""
    found: list[Linked] = []
    if slug not in SLUGS:
        return found
    for link in crosswalk()["links"]:
        names = {other: as_list(link.get(other)) for other in SLUGS}
        if key in names[slug]:
            found += [
                Linked(load(other), load(other).requirement(name), link["strength"])
                for other in SLUGS
                if other != slug
                for name in names[other]
            ]
    return found


def as_list(value: Any) -> list[str]:
    """One name or several, as the crosswalk writes them."""
    return [] if value is None else [str(each) for each in (value if isinstance(value, list) else [value])]


def scope(request: HttpRequest) -> tuple[ScopeForm, Place]:
    """The form of the scope and the place that it names; a system or unit that the reader may not see is an error."""
    form = ScopeForm(request.GET, person=request.user)
    return form, Place(**form.cleaned_data) if form.is_valid() else Place()


def functions(found: Grid) -> list[Function]:
    """The results by function and category, in the order of the framework; those without a group come first."""
    free = [entry for entry in found.requirements if not entry.requirement.group]
    tops = [group for group in found.framework.groups if not group.parent]
    return [*([made(None, free, ())] if free else []), *(function(group, found) for group in tops)]


def function(top: Group, found: Grid) -> Function:
    """One function."""
    own = [entry for entry in found.requirements if top.id in entry.requirement.group[:1]]
    return made(top, own, [group for group in found.framework.groups if group.parent == top.id])


def made(top: Group | None, own: Sequence[Entry], groups: Sequence[Group]) -> Function:
    """A function with its results counted and laid out by category."""
    counts = [(name, label, sum(entry.result == name for entry in own)) for name, label in RESULTS.items()]
    inner = {group.id for group in groups}
    rest = tuple(entry for entry in own if not inner & set(entry.requirement.group))
    placed = [Category(group, tuple(entry for entry in own if group.id in entry.requirement.group)) for group in groups]
    free = [Category(None, rest)] if rest or not groups else []
    return Function(top, tuple(row for row in counts if row[2]), (*free, *placed))
