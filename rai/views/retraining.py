"""How often to retrain: costs on one page, the cheapest interval and its curve under them, and the choice that a plan keeps."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rai import actions, retraining
from rai.models import TestPlan
from rai.plan_forms import CostForm, IntervalForm
from rai.views.plans import found_plan
from rai.wording import retraining as words
from registry import access
from registry.errors import BadInput
from registry.models import User

WIDTH, HEIGHT, EDGE = 640, 240, 40


def plan_retraining(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The costs; with them in the address what they lead to, and the form that records the choice."""
    found = found_plan(request.user, pk)
    access.require(request.user, access.PLAN_EDIT, found)
    costs = CostForm(
        request.GET if "metric" in request.GET else None, initial=retraining.asked_before(found.retraining)
    )
    answer = answered(found, costs)
    form = IntervalForm(request.POST or None, initial={"months": nearest(answer)}) if answer else None
    if (
        request.method == "POST"
        and answer
        and form
        and form.carry_out(partial(kept, found, answer.asked, request.user))
    ):
        messages.success(request, _("The interval and its reason are kept with the plan."))
        return redirect(found)
    context = {
        "object": found, "costs": costs, "answer": answer, "form": form, "drawing": drawing(answer),
        "sentences": words.sentences(retraining.facts(answer)) if answer else [],
    }  # fmt: skip
    status = 422 if costs.errors or (form and form.errors) else 200
    return render(request, "rai/plan_retraining.html", context, status=status)


def answered(found: TestPlan, costs: CostForm) -> retraining.Answer | None:
    """What the costs lead to; None while they are not given, or refused with a sentence at the field."""
    if not costs.is_bound or not costs.is_valid():
        return None
    try:
        return retraining.answer(found.system, retraining.Asked(**costs.cleaned_data))
    except BadInput as refusal:
        costs.add_error(refusal.field, str(refusal))
        return None


def nearest(answer: retraining.Answer | None) -> int | None:
    """The cheapest interval in whole months, at least one; none where there is no cheapest."""
    best = answer.weighed.cheapest if answer else None
    return max(1, round(best.months)) if best else None


def kept(found: TestPlan, asked: retraining.Asked, actor: User, *, months: int, reason: str) -> TestPlan:
    """The form's fields as the action's parameters."""
    return actions.record_retraining(found, asked=asked, months=months, reason=reason, actor=actor)


def drawing(answer: retraining.Answer | None) -> dict[str, Any] | None:
    """The curve as points of a picture: cost of a month over the interval, with the cheapest marked."""
    from rai.engine.retraining import at

    best = answer.weighed.cheapest if answer else None
    if answer is None or best is None:
        return None
    asked, last, top = answer.asked, 3 * best.months, 2 * best.together
    steps = [best.months * (0.27 + 0.03 * step) for step in range(92)]
    found = [at(months, asked.retraining_cost, asked.point_cost, answer.decay.value) for months in steps]

    def place(months: float, cost: float) -> str:
        x = EDGE + (WIDTH - 2 * EDGE) * months / last
        return f"{x:.1f},{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(cost / top, 1):.1f}"

    lines = {
        name: " ".join(place(one.months, getattr(one, name)) for one in found)
        for name in ("together", "retraining", "lost")
    }
    x, y = place(best.months, best.together).split(",")
    frame = {"width": WIDTH, "height": HEIGHT, "floor": HEIGHT - EDGE, "edge": EDGE, "right": WIDTH - EDGE}
    return {**lines, **frame, "x": x, "y": y, "best": words.number(best.months)}
