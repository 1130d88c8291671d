"""A framework as a grid of its requirements, decided now from the database, and the page of one requirement."""

from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.errors import BadInput
from registry.models import AISystem, User
from reports.evaluation import Evaluation, RequirementResult, evaluate
from reports.forms import ScopeForm
from reports.framework_files import Framework, Group, load
from reports.sources import DjangoFacts

SLUG: Final = "nist_ai_rmf"
RESULTS: Final = {
    "met": _("Met"),
    "partly": _("Partly met"),
    "not_met": _("Not met"),
    "not_applicable": _("Not applicable"),
}


@dataclass(frozen=True)
class Category:
    """A category of a function with what its requirements came to."""

    group: Group
    results: tuple[RequirementResult, ...]


@dataclass(frozen=True)
class Function:
    """A function of the framework: how many of its requirements came to what, and its categories."""

    group: Group
    counts: tuple[tuple[str, Any, int], ...]
    categories: tuple[Category, ...]


def frameworks(request: HttpRequest) -> HttpResponse:
    """Every requirement as a cell with word, icon and basis, for a system or for all that the reader may see."""
    form, system = scope(request)
    found = decided(load(SLUG), person=request.user, system=system)
    context = {
        "form": form,
        "system": system,
        "evaluation": found,
        "counts": [(name, RESULTS[name], n) for name, n in found.counts.items()],
        "functions": functions(found),
    }
    return render(request, "reports/pages/frameworks.html", context, status=404 if form.errors else 200)


def requirement(request: HttpRequest, key: str) -> HttpResponse:
    """One requirement: its rule, the evidence behind each item, and the reason for its result."""
    form, system = scope(request)
    if form.errors:
        raise Http404
    framework = load(SLUG)
    try:
        wanted = framework.requirement(key.replace("-", " "))
    except BadInput as unknown:
        raise Http404 from unknown
    only = replace(framework, requirements=(wanted,))
    context = {
        "system": system,
        "form": form,
        "requirement": wanted,
        "groups": [group for group in framework.groups if group.id in wanted.group],
        "result": decided(only, person=request.user, system=system).requirements[0],
    }
    return render(request, "reports/pages/requirement.html", context)


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
    """The results by function and category, in the order of the framework."""
    groups = found.framework.groups
    return [function(group, found) for group in groups if not group.parent]


def function(top: Group, found: Evaluation) -> Function:
    """One function."""
    own = [entry for entry in found.requirements if entry.requirement.group[0] == top.id]
    counts = [(name, label, sum(entry.result == name for entry in own)) for name, label in RESULTS.items()]
    categories = tuple(
        Category(group, tuple(entry for entry in own if group.id in entry.requirement.group))
        for group in found.framework.groups
        if group.parent == top.id
    )
    return Function(top, tuple(row for row in counts if row[2]), categories)
