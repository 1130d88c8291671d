"""Acts on a release after its approval: renewal, roll-back, steps of a roll-out, and decisions on later runs."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, fallback, refusals, separation
from registry.actions import later_decisions, renewals, rollbacks, rollouts as stepping
from registry.errors import NotAllowed
from registry.forms.acts import ReasonForm
from registry.forms.release_life import LaterRunForm
from registry.models import LaterRun, Release, Review, User
from registry.release_life import rollouts
from registry.release_life.later_runs import later
from registry.views.deployments import acted


def told(found: Release, person: User) -> dict[str, Any]:
    """What the page of a release says of its life after the approval, and the acts that this person is offered."""
    published = found.status == Release.Status.PUBLISHED
    may_renew = published and access.allowed(person, access.APPROVAL_SUBMIT, found.version)
    may_stop = (published or found.is_suspended) and access.allowed(person, access.DEPLOYMENT_STOP, found)
    return seen_later(found) | {
        "rolled_out": [(row, rollouts.of(row)) for row in rollouts.in_progress(found)],
        "renew_form": ReasonForm(auto_id="renew_%s") if may_renew and found.approval_ends_on else None,
        "renewal": Review.objects.open().filter(release=found).first() if published else None,
        "back_form": ReasonForm(auto_id="back_%s") if may_stop and fallback.can_take_over(found) else None,
    }


def seen_later(found: Release) -> dict[str, Any]:
    """What came after the material was frozen, for the pages of the release and of its review."""
    return {
        "later": later(found)[:20],
        "held_against": found.later_runs.standing().select_related("evidence", "decided_by"),
        "immaterial": found.immaterial_changes,
    }


@require_POST
def release_renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the approval anew."""
    return act(request, pk, "renew", renewals.renew, _("Everybody is asked anew; until then the approval holds."))


@require_POST
def release_roll_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let everything of the release fall back."""
    return act(request, pk, "back", rollbacks.roll_back_release, _("Rolled back: nothing of it runs any more."))


def act(request: HttpRequest, pk: UUID, name: str, verb: Any, done: str) -> HttpResponse:
    """Carry out an act on the page of a release; a refusal comes back with what was typed."""
    from registry.views import releases

    found = releases.fetched(request.user, pk)
    form = ReasonForm(request.POST, auto_id=f"{name}_%s")
    if form.carry_out(partial(verb, found, actor=request.user)):
        messages.success(request, done)
        return redirect(found)
    context = releases.page_context(releases.fetched(request.user, pk), request.user)
    context |= {f"{name}_form": form, "refused": form}
    return refusals.answer(request, "registry/release.html", context, form)


# ---- steps of a roll-out


@require_POST
def deployment_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin the next step, or go on after a stop."""
    return acted(
        request, pk, form=ReasonForm, name="step_form", act=stepping.begin_step, prefix="step",
        done=lambda step: _("It has %(share)d %% of use now.") % {"share": step.share},
    )  # fmt: skip


@require_POST
def deployment_halt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop the roll-out."""
    return acted(
        request, pk, form=ReasonForm, name="halt_form", act=stepping.halt_rollout, prefix="halt",
        done=lambda _step: _("The roll-out is stopped."),
    )  # fmt: skip


# ---- later runs


def fetched(person: User, pk: UUID) -> LaterRun:
    """The later run with what its page names, or 404."""
    rows = LaterRun.objects.visible_to(person).select_related(
        "release__version__model__system", "release__system__unit", "release__rollback_to__version__model", "evidence",
        "decided_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def later_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What failed, what the policy did, and the decision."""
    return render(request, "registry/later_run.html", page_of(fetched(request.user, pk), request.user))


def page_of(found: LaterRun, person: User) -> dict[str, Any]:
    """What the page shows; the form, or why this person does not decide."""
    why_not = "" if found.status == LaterRun.Status.OVERTAKEN else refusal(found, person)
    offered = found.status != LaterRun.Status.OVERTAKEN and not why_not
    return {
        "object": found, "release": found.release, "why_not": why_not,
        "form": LaterRunForm(row=found) if offered else None,
    }  # fmt: skip


def refusal(found: LaterRun, person: User) -> str:
    """Why this person does not decide, or an empty string."""
    if not access.allowed(person, access.APPROVAL_REVOKE, found):
        return _("Waiting for a risk officer of %s.") % found.release.system.unit
    try:
        separation.require_no_part(person, found.release.version)
    except NotAllowed as reason:
        return str(reason)
    return ""


@require_POST
def later_run_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide what follows."""
    found = fetched(request.user, pk)
    form = LaterRunForm(request.POST, row=found)
    if form.carry_out(partial(later_decisions.decide_later_run, found, actor=request.user)):
        messages.success(request, _("Your decision is recorded: %s.") % form.result.get_choice_display())
        return redirect(found)
    context = page_of(fetched(request.user, pk), request.user) | {"form": form}
    return refusals.answer(request, "registry/later_run.html", context, form)
