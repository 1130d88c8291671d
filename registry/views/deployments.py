"""One deployment: where it runs, what it serves, whom it shares its endpoint with, and the acts open to the reader."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, parts, refusals, serving
from registry.actions import deployments as actions, observing
from registry.forms.acts import ReasonForm
from registry.forms.deployments import FACTS, FactsForm, NoteForm, ObservedForm, RedeployForm
from registry.models import Deployment, User
from registry.release_life import rollouts

FETCHED = (
    "release__version__model", "release__version__artifact", "release__system__unit", "release__system__business_owner",
    "release__system__technical_owner", "release__rollback_to__version__model", "business_owner", "technical_owner",
    "replaces__release__version__model",
)  # fmt: skip


def fetched(person: User, pk: UUID) -> Deployment:
    """The deployment with what its page names, or 404."""
    return get_object_or_404(Deployment.objects.visible_to(person).select_related(*FETCHED), pk=pk)


def deployment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of one deployment."""
    found = fetched(request.user, pk)
    return render(request, "registry/deployment.html", page_context(found, request.user))


def page_context(found: Deployment, person: User) -> dict[str, Any]:
    """What the page shows, and a form for each act that this person is offered."""
    sharing = list(serving.others_at(found, person)) if is_running(found) else []
    return {
        "object": found,
        "release": found.release,
        "owners": found.owners,
        "sharing": sharing,
        "differences": serving.differences([found, *sharing]) if sharing else [],
        "observed": observed(found, person),
        "unseen": serving.unseen(found, found.observed_digests) if found.observed_at else [],
        "store_overdue": serving.is_overdue(found),
        "rollout": rollouts.of(found),
        **(forms_for(found, person) if is_running(found) else {}),
    }


def is_running(found: Deployment) -> bool:
    """It serves now."""
    return found.status == Deployment.Status.RUNNING


def forms_for(found: Deployment, person: User) -> dict[str, Any]:
    """The acts that are offered on something that runs."""
    may_start, may_stop, may_report = (
        access.allowed(person, action, found)
        for action in (access.DEPLOYMENT_START, access.DEPLOYMENT_STOP, access.DEPLOYMENT_REPORT)
    )
    here = {"environment": found.environment, "region": found.region, "endpoint": found.endpoint}
    return {
        "may_edit": may_start,
        "redeploy_form": RedeployForm(auto_id="redeploy_%s", initial=here) if may_start else None,
        "stop_form": ReasonForm(auto_id="stop_%s") if may_stop else None,
        "back_form": ReasonForm(auto_id="back_%s") if may_stop and found.release.rollback_to_id else None,
        "observed_form": ObservedForm() if may_report else None,
        **step_forms(found, may_start=may_start, may_stop=may_stop),
        "store_form": NoteForm(auto_id="store_%s") if may_report and found.log_write_once else None,
    }


def step_forms(found: Deployment, *, may_start: bool, may_stop: bool) -> dict[str, Any]:
    """The next step of a roll-out where it may begin now, and its stop while it goes on."""
    rollout = rollouts.of(found)
    if rollout is None:
        return {}
    may_begin = may_start and rollout.next_share is not None and not rollout.waits_for
    may_halt = may_stop and not rollout.last.is_halted
    return {
        "step_form": ReasonForm(auto_id="step_%s") if may_begin else None,
        "halt_form": ReasonForm(auto_id="halt_%s") if may_halt else None,
    }


def observed(found: Deployment, person: User) -> list[dict[str, Any]]:
    """Each digest of the last report: the part that has it, or the registered version that it is of."""
    known = parts.digests(found.release)
    return [
        {"digest": digest, "part": known.get(digest, ""), "other": None if digest in known else serving.whose(digest, person)}
        for digest in found.observed_digests
    ]  # fmt: skip


def acted(
    request: HttpRequest, pk: UUID, *, form: type, name: str, act: Callable[..., Any], done: Callable[[Any], str],
    prefix: str = "",
) -> HttpResponse:  # fmt: skip
    """Carry out an act of the page; a refusal comes back with what was typed."""
    found = fetched(request.user, pk)
    typed = form(request.POST, auto_id=f"{prefix}_%s" if prefix else "id_%s")
    if typed.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, done(typed.result))
        return redirect(typed.result if isinstance(typed.result, Deployment) else found)
    context = page_context(fetched(request.user, pk), request.user) | {name: typed, "refused": typed}
    return refusals.answer(request, "registry/deployment.html", context, typed)


@require_POST
def deployment_stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a running instance."""
    return acted(
        request, pk, form=ReasonForm, name="stop_form", act=actions.stop_deployment, prefix="stop",
        done=lambda _none: _("It is stopped."),
    )  # fmt: skip


@require_POST
def deployment_redeploy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Start the same release anew, here or elsewhere."""
    return acted(
        request, pk, form=RedeployForm, name="redeploy_form", act=actions.redeploy, prefix="redeploy",
        done=lambda row: _("%s is entered as running; the deployment before it is stopped.") % row,
    )  # fmt: skip


@require_POST
def deployment_roll_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fall back to the release that was named at publication."""
    return acted(
        request, pk, form=ReasonForm, name="back_form", act=actions.roll_back, prefix="back",
        done=lambda row: _("Fallen back: %s runs now.") % row,
    )  # fmt: skip


@require_POST
def deployment_observed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a report on the bytes that it serves."""
    return acted(
        request, pk, form=ObservedForm, name="observed_form", act=observing.report_observed,
        done=lambda row: _("Kept: it serves other bytes than were released.") if row.drift_since
        else _("Kept: what was observed is what was released."),
    )  # fmt: skip


@require_POST
def deployment_store_verified(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record that the store of its output was verified."""
    return acted(
        request, pk, form=NoteForm, name="store_form", act=observing.verify_write_once, prefix="store",
        done=lambda _row: _("The store is recorded as verified."),
    )  # fmt: skip


def deployment_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a running instance."""
    found = fetched(request.user, pk)
    access.require(request.user, access.DEPLOYMENT_START, found)
    initial = model_to_dict(found, fields=(*FACTS, "quotas"))
    form = FactsForm(request.POST or None, person=request.user, initial=initial)
    if request.method == "POST" and form.carry_out(partial(actions.edit_deployment, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {
        "form": form, "title": _("Edit %s") % found, "submit": _("Save"), "parent_label": str(found),
        "parent_url": found.get_absolute_url(), "cancel": found.get_absolute_url(),
        "why": _("Environment, region and endpoint stay as they are: moving it makes a new deployment."),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)
