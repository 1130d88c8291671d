"""The frameworks as grids of their requirements, decided now from the database, and the page of one requirement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.errors import BadInput
from registry.models import AISystem, User
from registry.registers import kinds
from reports.evaluation import Evaluation, RequirementResult, evaluate
from reports.forms import ScopeForm
from reports.framework_files import SLUGS, Framework, Group, Item, Requirement, crosswalk, file_digest, load
from reports.sources import DjangoFacts
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
    results: tuple[RequirementResult, ...]


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
    """Every requirement as a cell with word, icon and basis, for a system or for all that the reader may see."""
    wanted = loaded(slug)
    form, system = scope(request)
    found = decided(wanted, person=request.user, system=system)
    context = {
        "form": form,
        "system": system,
        "frameworks": [load(each) for each in SLUGS],
        "evaluation": found,
        "counts": [(name, RESULTS[name], n) for name, n in found.counts.items()],
        "functions": functions(found),
        "themes": themes(found) if system else [],
    }
    return render(request, "reports/pages/frameworks.html", context, status=404 if form.errors else 200)


def loaded(slug: str) -> Framework:
    """A framework by its slug, or 404."""
    if slug not in SLUGS:
        raise Http404
    return load(slug)


def requirement(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """One requirement: its rule, the evidence behind each item, the reason for its result, and what others ask like it."""
    form, system = scope(request)
    if form.errors:
        raise Http404
    found = loaded(slug)
    try:
        wanted = found.requirement(key.replace("-", " "))
    except BadInput as unknown:
        raise Http404 from unknown
    only = replace(found, requirements=(wanted,))
    result = decided(only, person=request.user, system=system).requirements[0]
    context = {
        "lacking": lacking(result, system),
        "rules": file_digest(slug),
        "day": timezone.localdate(),
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
    """What the crosswalk puts beside a requirement, framework by framework."""
    found = []
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


def scope(request: HttpRequest) -> tuple[ScopeForm, AISystem | None]:
    """The form of the scope and the system that it names; a system that the reader may not see is an error."""
    form = ScopeForm(request.GET, person=request.user)
    return form, form.cleaned_data["system"] if form.is_valid() else None


def decided(framework: Framework, *, person: User, system: AISystem | None) -> Evaluation:
    """The framework as the database shows it to this person now."""
    as_of = timezone.now()
    facts = DjangoFacts(user=person, system=system, as_of=as_of)
    return evaluate(framework, facts, system=str(system.pk) if system else None, as_of=as_of)


def functions(found: Evaluation) -> list[Function]:
    """The results by function and category, in the order of the framework; those without a group come first."""
    free = [entry for entry in found.requirements if not entry.requirement.group]
    tops = [group for group in found.framework.groups if not group.parent]
    return [*([made(None, free, ())] if free else []), *(function(group, found) for group in tops)]


def function(top: Group, found: Evaluation) -> Function:
    """One function."""
    own = [entry for entry in found.requirements if top.id in entry.requirement.group[:1]]
    return made(top, own, [group for group in found.framework.groups if group.parent == top.id])


def made(top: Group | None, own: Sequence[RequirementResult], groups: Sequence[Group]) -> Function:
    """A function with its results counted and laid out by category."""
    counts = [(name, label, sum(entry.result == name for entry in own)) for name, label in RESULTS.items()]
    placed = [Category(group, tuple(entry for entry in own if group.id in entry.requirement.group)) for group in groups]
    return Function(top, tuple(row for row in counts if row[2]), tuple(placed) or (Category(None, tuple(own)),))
