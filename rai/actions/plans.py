"""Drafts test plans, puts them in force, runs them, and answers the alarms of monitoring."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rai import cadences, guidance, retraining
from rai.actions.checks import chosen_parameters, queued
from rai.catalogue import CHECKS
from rai.models import ROWS_ARE, CheckRun, MetricBaseline, PlannedCheck, PlanRun, Predictions, TestPlan
from registry import access, quotas, separation
from registry.actions import work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, AuditEntry, Duty, JobStatus, Task, User
from registry.transactions import retried

# What is copied from one revision to the next, and what a person may write in a draft.
TEXTS: Final = (
    "risks_covered", "priorities", "unmeasured", "environment", "deployment_similarity", "sample_size_rationale",
    "experimental_design", "construct_validity", "human_subjects",
)  # fmt: skip
LEAST_REASON, LEAST_WHY = 10, 20
MOST_MONTHS: Final = 120


@transaction.atomic
def draft_plan(system: AISystem, *, actor: User) -> TestPlan:
    """Begin a revision: the first, or a copy of the newest one to be changed."""
    access.require(actor, access.PLAN_EDIT, system)
    newest = TestPlan.objects.filter(system=system).order_by("-revision").first()
    if newest is not None and newest.is_draft:
        raise NotAllowed(_("%s is a draft already; edit that one.") % newest)
    copied = (
        {name: getattr(newest, name) for name in (*TEXTS, "checks", "guidance", "retraining", "cadence", "owner")}
        if newest
        else {}
    )
    first = {"cadence": cadences.of_tier(system.risk_tier), "owner": system.technical_owner}
    plan = TestPlan(
        system=system, revision=newest.revision + 1 if newest else 1, author=actor, **{**first, **copied}
    )  # fmt: skip
    plan.save()
    log.record(actor, "plan.drafted", plan)
    return plan


def opened(plan: TestPlan, actor: User) -> TestPlan:
    """The draft, locked for a change by somebody who may make it."""
    access.require(actor, access.PLAN_EDIT, plan)
    plan = TestPlan.objects.select_for_update(of=("self",)).select_related("system__unit").get(pk=plan.pk)
    if not plan.is_draft:
        raise NotAllowed(_("%s is no draft any more; begin a new revision to change it.") % plan)
    return plan


@transaction.atomic
def edit_plan(plan: TestPlan, *, cadence: str, owner: User, actor: User, **texts: str) -> TestPlan:
    """Change how often a draft runs, who answers for it and what it says."""
    plan = opened(plan, actor)
    if cadence not in dict(cadences.allowed(plan.system.risk_tier)):
        slowest = cadences.LABELS[cadences.of_tier(plan.system.risk_tier)]
        raise BadInput(
            _("A system of this tier is tested at least this often: %s. Choose that or a faster cadence.") % slowest,
            field="cadence",
        )
    plan.cadence, plan.owner = cadence, owner
    for name in TEXTS:
        setattr(plan, name, texts.get(name, getattr(plan, name)).strip())
    plan.save()
    log.record(actor, "plan.edited", plan)
    return plan


@transaction.atomic
def add_planned_check(
    plan: TestPlan, *, slug: str, role: str, reason: str, predictions: Predictions, parameters: Mapping[str, Any],
    actor: User,
) -> TestPlan:  # fmt: skip
    """Add a check to a draft. Its columns are chosen on a table of the system, so that they are known to exist."""
    plan = opened(plan, actor)
    check = CHECKS.get(slug)
    if check is None:
        raise BadInput(_("There is no check called “%s” in this installation.") % slug, field="check")
    if role not in dict(ROWS_ARE):
        raise BadInput(_("“%s” is no kind of rows.") % role, field="role")
    if len(reason.strip()) < LEAST_WHY:
        raise BadInput(_("Say in at least twenty characters what this check is to find out."), field="reason")
    if predictions.home_system.pk != plan.system_id:
        raise BadInput(_("%s was uploaded for another system.") % predictions, field="predictions")
    chosen = chosen_parameters(check, parameters, predictions, tables=Predictions.objects.visible_to(actor))
    taken = {one.key for one in plan.planned}
    key = next(name for number in range(1, len(taken) + 2) if (name := f"{slug}-{number}") not in taken)
    planned = PlannedCheck(key, slug, role, chosen, reason.strip())
    plan.checks = [*plan.checks, planned.to_json()]
    plan.save()
    log.record(actor, "plan.edited", plan)
    return plan


@transaction.atomic
def remove_planned_check(plan: TestPlan, *, key: str, actor: User) -> TestPlan:
    """Take a check out of a draft."""
    plan = opened(plan, actor)
    left = [one for one in plan.checks if one["key"] != key]
    if len(left) == len(plan.checks):
        raise BadInput(_("The plan has no check “%s”.") % key)
    plan.checks = left
    plan.save()
    log.record(actor, "plan.edited", plan)
    return plan


@transaction.atomic
def record_guidance(
    plan: TestPlan, *, answers: Mapping[str, str], chosen: Collection[str], reason: str, actor: User
) -> TestPlan:
    """Keep the five answers, what they advise, what the person chose, and why; a deviation needs its reason like any."""
    plan = opened(plan, actor)
    advice = guidance.advice(answers)
    unknown = sorted(set(chosen) - set(guidance.metrics()))
    if unknown or not chosen:
        raise BadInput(_("Choose at least one of the metrics that are offered."), field="chosen")
    if len(reason.strip()) < LEAST_WHY:
        raise BadInput(_("Say in at least twenty characters why these metrics fit this use."), field="reason")
    advised = [one.metric for one in advice.metrics]
    plan.guidance = {
        "version": guidance.version(), "answers": dict(answers), "advised": advised, "chosen": sorted(chosen),
        "deviates": not set(chosen) & set(advised), "reason": reason.strip(), "person": str(actor.pk),
    }  # fmt: skip
    plan.save()
    log.record(actor, "plan.guided", plan)
    return plan


@transaction.atomic
def record_retraining(
    plan: TestPlan, *, asked: retraining.Asked, months: int, reason: str, actor: User
) -> TestPlan:  # fmt: skip
    """Keep how often to retrain: the costs, the fall, the cheapest interval, what the person chose, and why."""
    plan = opened(plan, actor)
    if len(reason.strip()) < LEAST_WHY:
        raise BadInput(_("Say in at least twenty characters why this interval."), field="reason")
    if not 0 <= months <= MOST_MONTHS:
        raise BadInput(_("The interval is 0 to %d months; 0 is not by the calendar.") % MOST_MONTHS, field="months")
    found = retraining.answer(plan.system, asked)
    chosen = {"months": months, "reason": reason.strip(), "person": str(actor.pk)}
    plan.retraining = retraining.facts(found) | chosen
    plan.save()
    log.record(actor, "plan.retraining_chosen", plan)
    return plan


@transaction.atomic
def propose_plan(plan: TestPlan, *, actor: User) -> TestPlan:
    """Lay a draft before the risk officers of the unit."""
    plan = opened(plan, actor)
    require_whole(plan)
    log.record(actor, "plan.proposed", plan)
    work.open_task(
        plan, kind=Task.Kind.APPROVE_PLAN, system=plan.system, url=plan.get_absolute_url(), duty=Duty.RISK_OFFICER,
        actor=actor,
    )  # fmt: skip
    return plan


def require_whole(plan: TestPlan) -> None:
    """Refuse a plan that plans nothing, or does not say what it leaves out."""
    if not plan.checks:
        raise BadInput(_("The plan has no check yet. Add the first one."))
    if not plan.unmeasured:
        raise BadInput(_("Say in the plan what is not measured, and why; “nothing” is an answer too."))


@retried
def approve_plan(plan: TestPlan, *, reason: str, actor: User) -> TestPlan:
    """Put a revision in force: by a risk officer who wrote none of it and does not own the system."""
    separation.require_now(actor, access.PLAN_APPROVE, plan)
    if len(reason.strip()) < LEAST_REASON:
        raise BadInput(_("Say in at least ten characters why this plan is right."), field="reason")
    plan = TestPlan.objects.select_for_update(of=("self",)).select_related("system__unit").get(pk=plan.pk)
    if not plan.is_draft:
        raise NotAllowed(_("Only a draft is approved; this plan is %s.") % plan.get_status_display())
    barred = {*writers(plan), *plan.system.owner_ids}
    refusal = _("You wrote a part of this plan or own the system, so another risk officer must approve it.")
    separation.require_apart(actor, barred, refusal, action=access.PLAN_APPROVE, obj=plan)
    require_whole(plan)
    for before in TestPlan.objects.select_for_update().filter(system=plan.system).in_force():
        before.status = TestPlan.Status.SUPERSEDED
        before.save()
        log.record(actor, "plan.superseded", before, by=str(plan.pk))
    plan.status, plan.approved_by, plan.approved_at = TestPlan.Status.APPROVED, actor, timezone.now()
    plan.approval_reason, plan.limits = reason.strip(), limits_of(plan)
    plan.save()
    log.record(actor, "plan.approved", plan, reason=reason.strip())
    work.close_tasks(plan, actor=actor)
    return plan


def writers(plan: TestPlan) -> set[Any]:
    """Persons who wrote a part of the revision, read from the log."""
    acts = ("plan.drafted", "plan.edited", "plan.guided", "plan.retraining_chosen")
    rows = AuditEntry.objects.filter(object_id=plan.pk, action__in=acts, actor__isnull=False)
    return {plan.author_id, *rows.values_list("actor_id", flat=True)}


def limits_of(plan: TestPlan) -> list[dict[str, str]]:
    """The limits in force on the plan's checks: metric, principle, limit and reason."""
    rows = MetricBaseline.objects.filter(system=plan.system, status=MetricBaseline.Status.APPROVED)
    return [
        {
            "check": row.slug,
            "rule": row.rule,
            "metric": row.metric,
            "principle": row.principle,
            "rationale": row.rationale,
        }
        for row in rows.filter(slug__in={one.slug for one in plan.planned}).order_by("slug", "rule")
    ]


@transaction.atomic
def run_plan(plan: TestPlan, *, predictions: Predictions, actor: User) -> PlanRun:
    """Ask for every check that the plan has for this kind of rows, on one table, in one act."""
    access.require(actor, access.CHECK_RUN, predictions.version)
    plan = TestPlan.objects.select_related("system__unit").get(pk=plan.pk)
    if plan.status != TestPlan.Status.APPROVED:
        raise NotAllowed(_("Only a plan in force is run; this one is %s.") % plan.get_status_display())
    if predictions.home_system.pk != plan.system_id:
        raise BadInput(_("%s was uploaded for another system.") % predictions, field="predictions")
    if predictions.status != JobStatus.FINISHED:
        raise BadInput(_("The columns of %s have not been read yet.") % predictions, field="predictions")
    wanted = [one for one in plan.planned if one.role == predictions.role]
    if not wanted:
        raise BadInput(
            _("The plan has no check for this kind of rows: %s.") % predictions.get_role_display(), field="predictions"
        )
    run = PlanRun(plan=plan, system=plan.system, requested_by=actor)
    run.save()
    log.record(actor, "plan.run", run)
    tables = Predictions.objects.visible_to(actor)
    for one in wanted:
        quotas.require_room(actor, plan.unit)
        check_of(run, one, predictions, tables=tables, requested_by=actor, actor=actor)
    return run


def check_of(
    run: PlanRun, planned: PlannedCheck, table: Predictions, *, tables: Any, requested_by: User, actor: User | None
) -> CheckRun:
    """Ask for one check of a plan on a table; raises BadInput where the table has not what the plan names."""
    chosen = chosen_parameters(CHECKS[planned.slug], planned.parameters, table, tables=tables)
    row = CheckRun(
        version=table.version, slug=planned.slug, predictions=table, parameters=chosen, requested_by=requested_by,
        plan_run=run, planned=planned.key,
    )  # fmt: skip
    return queued(row, actor=actor)


@transaction.atomic
def answer_alarm(run: CheckRun, *, reason: str, actor: User) -> None:
    """Say what was found behind an alarm and what is done about it; its tasks are done."""
    access.require(actor, access.CHECK_RUN, run)
    if len(reason.strip()) < LEAST_WHY:
        raise BadInput(_("Say in at least twenty characters what was found and what is done about it."), field="reason")
    if not Task.objects.waiting().filter(object_id=run.pk, kind=Task.Kind.ALARM).exists():
        raise NotAllowed(_("No alarm of this run waits for an answer."))
    log.record(actor, "alarm.answered", run, reason=reason.strip())
    work.close_tasks(run, actor=actor, kind=Task.Kind.ALARM)
