"""Which fairness metric fits: five questions on one page, the advice under them, and the choice that a plan keeps."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rai import actions, guidance
from rai.models import TestPlan
from rai.plan_forms import ChoiceForm, QuestionsForm
from rai.views.plans import found_plan
from registry import access
from registry.models import User


def plan_guidance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The questions; with their answers in the address the advice, and the form that records the choice."""
    found = found_plan(request.user, pk)
    access.require(request.user, access.PLAN_EDIT, found)
    asked = QuestionsForm(request.GET if "effect" in request.GET else None, initial=found.guidance.get("answers", {}))
    advice = guidance.advice(asked.cleaned_data) if asked.is_bound and asked.is_valid() else None
    form = ChoiceForm(request.POST or None, advised=[one.metric for one in advice.metrics]) if advice else None
    if request.method == "POST" and form and form.carry_out(partial(kept, found, asked.cleaned_data, request.user)):
        messages.success(request, _("Your choice and its reason are kept with the plan."))
        return redirect(found)
    context = {"object": found, "questions": asked, "advice": advice, "form": form}
    status = 422 if asked.errors or (form and form.errors) else 200
    return render(request, "rai/plan_guidance.html", context, status=status)


def kept(found: TestPlan, answers: dict[str, str], actor: User, *, chosen: list[str], reason: str) -> TestPlan:
    """The form's fields as the action's parameters."""
    return actions.record_guidance(found, answers=answers, chosen=chosen, reason=reason, actor=actor)
