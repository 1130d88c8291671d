"""Test plans: the revisions of a system, one revision with what it owes, and every act on it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rai import actions, guidance
from rai.actions.plans import TEXTS
from rai.catalogue import CHECKS
from rai.models import ROWS_ARE, CheckRun, MetricBaseline, Predictions, TestPlan
from rai.plan_forms import PlanForm, TableForm, planned_form
from rai.running import schedules
from rai.views.baselines import found_system
from rai.views.checks import chosen_words
from rai.views.predictions import tables_beside
from rai.wording import retraining
from registry import access
from registry.errors import DomainError
from registry.forms.acts import ReasonForm
from registry.models import JobStatus, User

SHOWN = 50


def plans(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The revisions of a system's plan; a POST begins the next one."""
    system = found_system(request.user, pk)
    if request.method == "POST":
        plan = actions.draft_plan(system, actor=request.user)
        messages.success(request, _("%s is a draft. It runs nothing until a risk officer has approved it.") % plan)
        return redirect(plan)
    rows = TestPlan.objects.visible_to(request.user).filter(system=system)
    context = {
        "system": system,
        "plans": rows.select_related("system", "owner", "author", "approved_by").order_by("-revision"),
        "may_draft": access.allowed(request.user, access.PLAN_EDIT, system)
        and not rows.filter(status="draft").exists(),
    }
    return render(request, "rai/plans.html", context)


def found_plan(person: User, pk: UUID) -> TestPlan:
    """The plan with what its page names, or 404."""
    rows = TestPlan.objects.visible_to(person).select_related("system__unit", "owner", "author", "approved_by")
    return get_object_or_404(rows, pk=pk)


def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A revision: its checks with their limits, when it is due, what it waits for, its runs."""
    return plan_page(request, found_plan(request.user, pk))


def plan_page(request: HttpRequest, found: TestPlan, *, form: TableForm | None = None, said: str = "") -> HttpResponse:
    """The page with an empty form, or with one that was refused."""
    person = request.user
    limits = MetricBaseline.objects.filter(system=found.system, status=MetricBaseline.Status.APPROVED)
    runs = CheckRun.objects.visible_to(person).filter(plan_run__plan=found)
    last = schedules.last_due(found.system)
    is_in_force = found.status == TestPlan.Status.APPROVED
    context = {
        "object": found,
        "system": found.system,
        "checks": [shown_check(one, limits) for one in found.planned],
        "texts": [(name_of(name), getattr(found, name)) for name in TEXTS if getattr(found, name)],
        "left_open": [name_of(name) for name in TEXTS if not getattr(found, name)],
        "guidance": shown_guidance(found),
        "retraining": shown_retraining(found.retraining),
        "next_day": schedules.next_day(found, last) if is_in_force else None,
        "waits": list(schedules.wanted(last)) if is_in_force and last and last.plan_id == found.pk else [],
        "runs": runs.select_related("version__model__system", "requested_by", "plan_run")[:SHOWN],
        "tables": form or (TableForm(tables=tables_of(person, found)) if is_in_force else None),
        "said": said,
        "may_edit": found.is_draft and access.allowed(person, access.PLAN_EDIT, found),
        "may_approve": found.is_draft and access.allowed(person, access.PLAN_APPROVE, found),
        "may_run": is_in_force and access.allowed(person, access.CHECK_RUN, found),
    }
    return render(request, "rai/plan.html", context, status=422 if said or (form and form.errors) else 200)


def name_of(column: str) -> str:
    """What a text of a plan is called."""
    field: Any = TestPlan._meta.get_field(column)
    return str(field.verbose_name)


def shown_check(planned: Any, limits: Any) -> dict[str, Any]:
    """A planned check as its row reads: what it is called, on which rows, what was chosen, which limits hold."""
    check = CHECKS.get(planned.slug)
    known = {one.name: one for one in check.parameters} if check else {}
    chosen = [
        (known[name].label if name in known else name, chosen_words(known.get(name), value))
        for name, value in planned.parameters.items()
        if value not in (None, "", [])
    ]
    role = dict(ROWS_ARE).get(planned.role, planned.role)
    own = [limit for limit in limits if limit.slug == planned.slug]
    return {
        "planned": planned,
        "label": check.label if check else planned.slug,
        "role": role,
        "chosen": chosen,
        "limits": own,
    }


def shown_guidance(found: TestPlan) -> dict[str, Any] | None:
    """The five answers, what they advise, what was chosen and why; None where nobody asked yet."""
    kept = found.guidance
    if not kept:
        return None
    known = guidance.metrics()
    return {
        "answers": guidance.told(kept), "advised": guidance.titles(kept["advised"]), "reason": kept["reason"],
        "chosen": [known[name] for name in kept["chosen"] if name in known], "deviates": kept["deviates"],
    }  # fmt: skip


def shown_retraining(kept: dict[str, Any]) -> dict[str, Any] | None:
    """How often to retrain: what the costs lead to, what was chosen and why; None where nobody weighed it yet."""
    if not kept:
        return None
    return {"sentences": retraining.sentences(kept), "chosen": retraining.chosen(kept), "reason": kept["reason"]}


def tables_of(person: User, found: TestPlan) -> list[tuple[str, str]]:
    """Id and name of the tables of the system whose columns were read, for the kinds of rows that the plan names."""
    roles = {one.role for one in found.planned}
    rows = Predictions.objects.visible_to(person).filter(
        version__model__system=found.system, status=JobStatus.FINISHED, role__in=roles
    )
    rows = rows.select_related("version__model").order_by("-created_at")[:SHOWN]
    return [(str(row.pk), f"{row.name} – {row.version} – {row.get_role_display()}") for row in rows]


def plan_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a draft."""
    found = found_plan(request.user, pk)
    access.require(request.user, access.PLAN_EDIT, found)
    form = PlanForm(request.POST or None, plan=found)
    if request.method == "POST" and form.carry_out(partial(actions.edit_plan, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    why = _("What is left open here stays open in reports: rules that ask for it are met in part only.")
    return form_page(request, found, form, title=_("Edit %s") % found, submit=_("Save"), why=why)


def form_page(request: HttpRequest, found: TestPlan, form: Any, **more: Any) -> HttpResponse:
    """One form about a plan."""
    place = found.get_absolute_url()
    context = {"form": form, "parent_label": str(found), "parent_url": place, "cancel": place, **more}
    return render(request, "generic/form.html", context, status=422 if form.errors else 200)


def plan_check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a check to a draft: first which check and on which table its columns are chosen, then the columns."""
    found = found_plan(request.user, pk)
    access.require(request.user, access.PLAN_EDIT, found)
    asked = request.POST or request.GET
    slug, table = asked.get("check", ""), table_of(request.user, found, asked.get("table", ""))
    if slug not in CHECKS or table is None:
        return chooser_page(request, found)
    form = planned_form(
        request.POST or None, check=CHECKS[slug], table=table, tables=tables_beside(request.user, table, slug)
    )
    if request.method == "POST" and form.carry_out(partial(added, found, slug, table, request.user)):
        messages.success(request, _("%s is planned.") % CHECKS[slug].label)
        return redirect(found)
    title = _("Plan: %s") % CHECKS[slug].label
    return form_page(request, found, form, title=title, submit=_("Add to the plan"), why=CHECKS[slug].what)


def table_of(person: User, found: TestPlan, pk: str) -> Predictions | None:
    """A table of the plan's system by its id; None where nothing was chosen yet."""
    if not pk:
        return None
    try:
        rows = Predictions.objects.visible_to(person).filter(version__model__system=found.system)
        return get_object_or_404(rows.select_related("version__model__system__unit", "blob"), pk=UUID(pk))
    except ValueError as error:
        raise Http404 from error


def chooser_page(request: HttpRequest, found: TestPlan) -> HttpResponse:
    """Which check, and on which table its columns are chosen."""
    rows = Predictions.objects.visible_to(request.user).filter(
        version__model__system=found.system, status=JobStatus.FINISHED
    )
    context = {
        "object": found,
        "checks": CHECKS.values(),
        "tables": rows.select_related("version__model").order_by("-created_at")[:SHOWN],
    }
    return render(request, "rai/plan_check.html", context)


def added(found: TestPlan, slug: str, table: Predictions, actor: User, **chosen: Any) -> TestPlan:
    """The form's fields as the action's parameters."""
    role, reason = chosen.pop("role"), chosen.pop("reason")
    return actions.add_planned_check(
        found, slug=slug, role=role, reason=reason, predictions=table, parameters=chosen, actor=actor
    )


@require_POST
def plan_check_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a check out of a draft."""
    found = found_plan(request.user, pk)
    actions.remove_planned_check(found, key=request.POST.get("key", ""), actor=request.user)
    messages.success(request, _("The check is no longer planned."))
    return redirect(found)


@require_POST
def plan_propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lay a draft before the risk officers."""
    found = found_plan(request.user, pk)
    actions.propose_plan(found, actor=request.user)
    messages.success(request, _("The risk officers of %s have it in their work.") % found.unit)
    return redirect(found)


def plan_approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a revision in force, with a reason."""
    found = found_plan(request.user, pk)
    access.require(request.user, access.PLAN_APPROVE, found)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.approve_plan, found, actor=request.user)):
        messages.success(request, _("%s is in force. What it plans is run when it is due.") % found)
        return redirect(found)
    context = {
        "form": form,
        "object": found,
        "consequence": _(
            "The revision before it is superseded and stays readable. This one is never changed any more."
        ),
        "title": _("Put this plan in force"),
        "submit": _("Approve"),
        "parent_label": str(found),
        "parent_url": found.get_absolute_url(),
        "cancel": found.get_absolute_url(),
    }
    return render(request, "generic/confirm.html", context, status=422 if form.errors else 200)


@require_POST
def plan_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for every check of the plan on the chosen table."""
    found = found_plan(request.user, pk)
    table = table_of(request.user, found, request.POST.get("predictions", ""))
    form = TableForm(request.POST, tables=tables_of(request.user, found))
    if table is None:
        form.add_error("predictions", _("Choose a table."))
        return plan_page(request, found, form=form)
    try:
        actions.run_plan(found, predictions=table, actor=request.user)
    except DomainError as refusal:
        form.add_error("predictions", str(refusal))
        return plan_page(request, found, form=form)
    messages.success(request, _("The checks of the plan are queued. They run in a worker; you may leave this page."))
    return redirect(reverse("plan", args=[found.pk]) + "#runs")
