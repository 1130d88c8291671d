"""Systems: page, registration and change, moves from stage to stage, and what a system rests on."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, owners, refusals, stages, system_record
from registry.actions import inventory, policies, portfolio, stages as moving
from registry.forms.policies import OpinionForm
from registry.forms.systems import MoveForm, NewSystemForm, RestForm, SystemForm
from registry.models import AISystem, Dependence, ModelVersion, Side, Stage
from registry.release_life import people as release_people

SHOWN: Final = 20


def fetched(person: Any, pk: UUID) -> AISystem:
    """The system with what its page names, or 404."""
    named = ("unit", "business_owner", "business_deputy", "technical_owner", "technical_deputy", "intake")
    return get_object_or_404(AISystem.objects.visible_to(person).select_related(*named), pk=pk)


def system(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One system: what it is for, who answers for it, its models and where they run."""
    found = fetched(request.user, pk)
    return render(request, "registry/system.html", {"object": found} | contents(found, request.user))


def contents(found: AISystem, person: Any) -> dict[str, Any]:
    """What belongs to the system, and what this reader may do with it."""
    versions = ModelVersion.objects.filter(model__system=found).select_related("model", "artifact")
    return {
        "models": found.models.annotate(version_count=Count("versions")),
        "versions": versions.order_by("-created_at")[:SHOWN],
        "runners": release_people.runners(found),
        "deployers": release_people.deployers(found),
        "tasks": found.tasks.waiting(),
        "may_edit": access.allowed(person, access.MODEL_EDIT, found),
        "may_add_model": access.allowed(person, access.MODEL_CREATE, found),
        "may_move": bool(stages.available(found, person)),
        "stages": stage_steps(found),
        "sides": {side.value: owners.standing(found, side) for side in Side},
        "record": system_record.told(found),
        "intake": getattr(found, "intake", None),
    } | portfolio_of(found, person)


def stage_steps(found: AISystem) -> list[tuple[Any, bool]]:
    """The stages in their order, and which is the present one; a suspended system stands in one of its own."""
    path = stages.PATH if found.lifecycle_stage in stages.PATH else (*stages.PATH, found.lifecycle_stage)
    return [(Stage(stage), stage == found.lifecycle_stage) for stage in path]


def portfolio_of(found: AISystem, person: Any) -> dict[str, Any]:
    """What it rests on and what rests on it, as far as the reader may see."""
    rows = Dependence.objects.visible_to(person).standing().select_related("system__unit", "rests_on__unit")
    return {"below": rows.filter(system=found), "above": rows.filter(rests_on=found)}


def system_new(request: HttpRequest) -> HttpResponse:
    """Register a system."""
    access.require_anywhere(request.user, access.MODEL_CREATE)
    form = NewSystemForm(request.POST or None, person=request.user, initial={"business_owner": request.user.pk})
    if request.method == "POST" and form.carry_out(partial(inventory.register_system, actor=request.user)):
        messages.success(request, _("%s is registered. Next, add its model.") % form.result)
        return redirect(form.result)
    return refusals.answer(
        request,
        "registry/system_form.html",
        {
            "form": form,
            "title": _("Register a system"),
            "submit": _("Register"),
            "why": _("What may be left open now can be filled later; purpose, tier and owners are needed at once."),
            "parent_label": _("Systems"),
            "parent_url": reverse("systems"),
            "cancel": reverse("systems"),
        },
        form,
    )


def system_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a system."""
    found = get_object_or_404(AISystem.objects.visible_to(request.user), pk=pk)
    access.require(request.user, access.MODEL_EDIT, found)
    form = SystemForm(request.POST or None, initial=model_to_dict(found, fields=system_record.FIELDS))
    if request.method == "POST" and form.carry_out(partial(inventory.edit_system, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    return refusals.answer(
        request,
        "registry/system_form.html",
        {
            "form": form,
            "title": _("Edit %s") % found.name,
            "submit": _("Save"),
            "why": _("A change of purpose, uses, tier or these facts voids the sign-offs of its releases."),
            "parent_label": found.name,
            "parent_url": found.get_absolute_url(),
            "cancel": found.get_absolute_url(),
        },
        form,
    )


def system_stage(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Move a system to another stage, by the moves that are open to the person."""
    found = fetched(request.user, pk)
    moves = stages.available(found, request.user)
    form = MoveForm(request.POST or None, moves=moves)
    if request.method == "POST":
        # Who may make no move is refused by the action with a sentence that says why.
        form = form if moves else MoveForm(request.POST, moves=list(stages.MOVES.values()))
        if form.carry_out(partial(moving.move_system, found, actor=request.user)):
            messages.success(request, _("It is in the stage “%s” now.") % form.result.get_lifecycle_stage_display())
            return redirect(found)
    context = {"object": found, "form": form, "moves": moves, "stages": stage_steps(found)}
    return refusals.answer(request, "registry/system_stage.html", context, form)


def system_rest(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say on which other system this one rests."""
    found = fetched(request.user, pk)
    access.require(request.user, access.MODEL_EDIT, found)
    form = RestForm(request.POST or None, person=request.user, system=found)
    if request.method == "POST" and form.carry_out(partial(portfolio.rest_on, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {
        "form": form, "title": _("What does %s rest on?") % found.name, "submit": _("Save"), "cancel": found.get_absolute_url(),
        "why": _("A system rests on another when it does not work as it should without it."),
        "parent_label": found.name, "parent_url": found.get_absolute_url(),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


@require_POST
def system_rest_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a system does not rest on another any more."""
    row = get_object_or_404(Dependence.objects.visible_to(request.user).select_related("system__unit"), pk=pk)
    portfolio.end_dependence(row, actor=request.user)
    messages.success(request, _("Saved."))
    return redirect(row.system)


def system_opinion(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say in one's duty, before a system moves on, whether anything stands against it."""
    found = fetched(request.user, pk)
    access.require(request.user, access.APPROVAL_DECIDE, found)
    duties = sorted({grant.duty for grant in access.grants(request.user) if grant.reaches(found)})
    form = OpinionForm(request.POST or None, moves=list(stages.MOVES.values()), duties=duties,
                       initial={"verb": "develop"})  # fmt: skip
    if request.method == "POST" and form.carry_out(partial(policies.give_opinion, found, actor=request.user)):
        messages.success(request, _("Your opinion is recorded; the gate of the move reads it."))
        return redirect("system-stage", pk=found.pk)
    context = {
        "form": form, "title": _("Opinion on %s") % found.name, "submit": _("Give the opinion"),
        "cancel": reverse("system-stage", args=[found.pk]), "parent_label": found.name,
        "parent_url": found.get_absolute_url(),
        "why": _("It holds for the system as it is described now, and stands in the log under your name."),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)
