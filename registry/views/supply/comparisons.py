"""Comparisons: candidates side by side, with typed values and the figures of their evidence, and the choice."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import comparisons as actions
from registry.forms.comparisons import CandidateForm, ChooseForm, StartForm, ValuesForm
from registry.models import AISystem, Candidate, Comparison, User
from registry.supply import figures

TEMPLATE = "registry/supply/comparison.html"


def fetched(person: User, pk: UUID) -> Comparison:
    """The comparison, or 404."""
    rows = Comparison.objects.visible_to(person).select_related("system__unit", "started_by", "decided_by")
    return get_object_or_404(rows, pk=pk)


def comparison(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One comparison."""
    return render(request, TEMPLATE, page_context(fetched(request.user, pk), request.user))


def page_context(found: Comparison, person: User, form: ChooseForm | None = None) -> dict[str, Any]:
    """Candidates with their values by criterion, their figures, and a form for the choice."""
    candidates = list(found.candidates.visible_to(person).in_order())
    may_edit = found.is_open and access.allowed(person, access.LINEAGE_EDIT, found.system)
    is_choice = may_edit and len(candidates) > 1
    return {
        "object": found,
        "candidates": candidates,
        "criteria": [(name, [one.values.get(name) for one in candidates]) for name in found.criteria],
        "figures": figures.side_by_side(candidates) if found.is_open else figures.kept(found, candidates),
        "may_edit": may_edit,
        "chosen": next((one for one in candidates if one.pk == found.chosen_id), None),
        "form": (form or ChooseForm(comparison=found, person=person)) if is_choice else None,
    }


def comparison_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin a comparison for a use of a system."""
    system = get_object_or_404(AISystem.objects.visible_to(request.user).select_related("unit"), pk=pk)
    access.require(request.user, access.LINEAGE_EDIT, system)
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.start_comparison, system, actor=request.user)):
        messages.success(request, _("Begun. Next, add the candidates."))
        return redirect(form.result)
    why = _("Name the criteria before you look at the candidates; the choice keeps them with its reason.")
    context = {"title": _("Compare candidates for %s") % system, "submit": _("Begin"), "why": why}
    return refusals.answer(request, "generic/form.html", below(system) | context | {"form": form}, form)


def below(row: Any) -> dict[str, Any]:
    """The way back to a system or a comparison."""
    return {"parent_label": str(row), "parent_url": row.get_absolute_url(), "cancel": row.get_absolute_url()}


def candidate_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a candidate."""
    found = fetched(request.user, pk)
    access.require(request.user, access.LINEAGE_EDIT, found.system)
    form = CandidateForm(request.POST or None, person=request.user, comparison=found)
    if request.method == "POST" and form.carry_out(partial(actions.add_candidate, found, actor=request.user)):
        messages.success(request, _("%s is compared.") % form.result)
        return redirect(found)
    why = _("Every value has a source: a run, a document, a measurement. What was not looked at stays empty.")
    context = {"title": _("Add a candidate"), "submit": _("Add"), "why": why, "form": form}
    return refusals.answer(request, "generic/form.html", below(found) | context, form)


def candidate_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the values of a candidate."""
    rows = Candidate.objects.visible_to(request.user)
    one = get_object_or_404(rows.select_related("comparison__system__unit", "component", "version__model"), pk=pk)
    found = one.comparison
    access.require(request.user, access.LINEAGE_EDIT, found.system)
    form = ValuesForm(request.POST or None, comparison=found, values=one.values)
    if request.method == "POST" and form.carry_out(partial(actions.value_candidate, one, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {"title": _("Values of %s") % one, "submit": _("Save"), "form": form}
    return refusals.answer(request, "generic/form.html", below(found) | context, form)


@require_POST
def comparison_choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose a candidate, with a reason."""
    found = fetched(request.user, pk)
    form = ChooseForm(request.POST, comparison=found, person=request.user)
    if form.carry_out(partial(actions.choose, found, actor=request.user)):
        messages.success(request, _("Chosen: %s.") % form.result.chosen)
        return redirect(found)
    context = page_context(found, request.user, form)
    context |= {} if context["form"] else {"refusal": " ".join(form.non_field_errors())}
    return render(request, TEMPLATE, context, status=422)
