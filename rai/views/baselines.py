"""The limits of a system: what holds, what waits for approval, what held before."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rai import actions
from rai.forms import LimitForm
from rai.models import MetricBaseline
from registry import access
from registry.forms.acts import ReasonForm
from registry.models import AISystem, User


def found_system(person: User, pk: UUID) -> AISystem:
    """The system with its unit and owners, or 404."""
    rows = AISystem.objects.visible_to(person).select_related("unit", "business_owner", "technical_owner")
    return get_object_or_404(rows, pk=pk)


def baselines(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The limits, and the form by which a risk officer proposes one."""
    system = found_system(request.user, pk)
    form = LimitForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.propose_baseline, system, actor=request.user)):
        messages.success(request, _("%s is proposed. It holds once somebody else has approved it.") % form.result.rule)
        return redirect("baselines", pk=system.pk)
    return baselines_page(request, system, form=form, status=422 if form.errors else 200)


def baselines_page(
    request: HttpRequest, system: AISystem, *, form: LimitForm, status: int = 200,
    stop_form: ReasonForm | None = None, stopping: UUID | None = None,
) -> HttpResponse:  # fmt: skip
    """The page with forms that are empty or were refused."""
    rows = MetricBaseline.objects.visible_to(request.user).filter(system=system)
    context = {
        "system": system,
        "limits": rows.select_related("owner", "approved_by").order_by("status", "slug", "rule"),
        "form": form,
        "stop_form": stop_form or ReasonForm(auto_id="stop_%s"),
        "stopping": stopping,
        "may_edit": access.allowed(request.user, access.THRESHOLDS_EDIT, system),
        "may_approve": access.allowed(request.user, access.THRESHOLDS_APPROVE, system),
    }
    return render(request, "rai/baselines.html", context, status=status)


def found_limit(person: User, pk: UUID) -> MetricBaseline:
    """The limit with its system, or 404."""
    return get_object_or_404(MetricBaseline.objects.visible_to(person).select_related("system__unit", "owner"), pk=pk)


def baseline_approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a limit in force, with a reason; the page names the limit and what follows."""
    limit = found_limit(request.user, pk)
    access.require(request.user, access.THRESHOLDS_APPROVE, limit)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.approve_baseline, limit, actor=request.user)):
        messages.success(request, _("%s is in force: every later run is held to it.") % limit.rule)
        return redirect("baselines", pk=limit.system_id)
    place = reverse("baselines", args=[limit.system_id])
    context = {
        "form": form,
        "object": limit,
        "consequence": _(
            "%(owner)s set it: %(rationale)s Once in force, every later run of its check is held to it, and sign-offs "
            "that rest on other limits are voided."
        )
        % {"owner": limit.owner, "rationale": limit.rationale},
        "title": _("Put this limit in force"),
        "submit": _("Approve"),
        "parent_label": _("Limits of %s") % limit.system,
        "parent_url": place,
        "cancel": place,
    }
    return render(request, "generic/confirm.html", context, status=422 if form.errors else 200)


@require_POST
def baseline_supersede(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a limit out of force, with a reason."""
    limit = found_limit(request.user, pk)
    form = ReasonForm(request.POST, auto_id="stop_%s")
    if form.carry_out(partial(actions.supersede_baseline, limit, actor=request.user)):
        messages.success(request, _("%s is out of force. It stays here with your reason in the log.") % limit.rule)
        return redirect("baselines", pk=limit.system_id)
    system = found_system(request.user, limit.system_id)
    return baselines_page(request, system, form=LimitForm(), status=422, stop_form=form, stopping=limit.pk)
