"""Plans the end of a version, works through its checklist, and refuses its retirement until both are done."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import consumers, work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import ModelVersion, PlanItem, RetirementPlan, Task, User, VersionStatus
from registry.retirement import readiness
from registry.retirement.rules import Line, rules
from registry.transactions import retried

LEAST = 10
TEXTS = {"reason", "plan", "user_communication", "data_disposition"}


@retried
def write_plan(version: ModelVersion, *, actor: User, residual_risks: str = "", **texts: str) -> RetirementPlan:
    """Write how the version ends, or write it anew; who is known to use it is entered beside it."""
    access.require(actor, access.MODEL_RETIRE_REQUEST, version)
    version = locked(version)
    require_not_over(version)
    if version.retirement_date is None:
        raise BadInput(_("%s has no retirement date. Set the date first; a plan leads up to it.") % version, field="")
    for name in sorted(TEXTS):
        if len(texts.get(name, "").strip()) < LEAST:
            raise BadInput(_("Write at least %d characters; it stands in the log and in reports.") % LEAST, field=name)
    row = readiness.plan_of(version) or RetirementPlan(version=version, written_by=actor)
    is_new = row._state.adding
    for name in TEXTS:
        setattr(row, name, texts[name].strip())
    row.residual_risks = residual_risks.strip()
    row.save()
    log.record(actor, "retirement_plan.written" if is_new else "retirement_plan.edited", row)
    work.close_tasks(version, actor=actor, kind=Task.Kind.NO_PLAN)
    consumers.enter_known(version, actor=actor)
    return row


def locked(version: ModelVersion) -> ModelVersion:
    """The row as it is now, held until the transaction ends."""
    rows = ModelVersion.objects.select_for_update(of=("self",)).select_related("model__system__unit")
    return rows.get(pk=version.pk)


def require_not_over(version: ModelVersion) -> None:
    """What has ended is planned no more."""
    if version.status == VersionStatus.RETIRED:
        raise NotAllowed(_("%s is retired already.") % version)


@retried
def do_line(version: ModelVersion, *, key: str, evidence: str, actor: User) -> PlanItem:
    """Say that a line of the checklist is done and what shows it; a second person is asked to sign it off."""
    access.require(actor, access.MODEL_RETIRE_REQUEST, version)
    version = locked(version)
    require_not_over(version)
    plan, line = planned(version), line_of(version, key)
    if len(evidence.strip()) < LEAST:
        raise BadInput(
            _("Say in at least %d characters what shows it: a ticket, a file, a message, or why it is not needed.")
            % LEAST,
            field="evidence",
        )
    row = PlanItem.objects.filter(plan=plan, key=line.id).first() or PlanItem(plan=plan, key=line.id)
    if row.signed_by_id is not None:
        raise NotAllowed(_("This line is signed off already; send it back first."))
    row.evidence, row.done_by, row.done_at = evidence.strip(), actor, timezone.now()
    row.save()
    log.record(actor, "retirement_line.done", row, reason=row.evidence)
    if plan.status == RetirementPlan.Status.PLANNED:
        move(plan, RetirementPlan.Status.IN_PROGRESS, "begun", actor=actor)
    for duty in ("business_owner", "risk_officer"):
        work.open_task(
            row, kind=Task.Kind.SIGN_CHECKLIST, system=row.home_system, url=row.get_absolute_url(), duty=duty, actor=actor,
            due_on=version.retirement_date,
        )  # fmt: skip
    return row


def planned(version: ModelVersion) -> RetirementPlan:
    """The plan, or a refusal that says to write it first."""
    found = readiness.plan_of(version)
    if found is None:
        raise NotAllowed(_("Write the plan of the retirement first; the checklist belongs to it."))
    return found


def line_of(version: ModelVersion, key: str) -> Line:
    """A line that the tier asks for."""
    for line in rules().of_tier(version.home_system.risk_tier):
        if line.id == key:
            return line
    raise BadInput(_("The checklist of this tier has no line “%s”.") % key[:40], field="key")


def move(plan: RetirementPlan, status: str, event: str, *, actor: Any) -> None:
    """One step of the plan's status."""
    plan.status = status
    plan.save()
    log.record(actor, f"retirement_plan.{event}", plan)


@retried
def sign_line(item: PlanItem, *, actor: User) -> PlanItem:
    """Say that one looked at what shows it; another person than the one who did it."""
    item = waiting_line(item, actor)
    refusal = _("You did this line, so somebody else must sign it off.")
    separation.require_apart(actor, {item.done_by_id}, refusal, action=access.MODEL_RETIRE_REQUEST, obj=item.version)
    item.signed_by, item.signed_at = actor, timezone.now()
    item.save()
    log.record(actor, "retirement_line.signed", item)
    work.close_tasks(item, actor=actor)
    return item


@retried
def send_line_back(item: PlanItem, *, reason: str, actor: User) -> PlanItem:
    """Say why what was handed in does not show it, or open a line again that was signed off."""
    access.require(actor, access.MODEL_RETIRE_REQUEST, item.version)
    if len(reason.strip()) < LEAST:
        raise BadInput(_("Say in at least %d characters what is missing.") % LEAST, field="reason")
    item = (
        PlanItem.objects.select_for_update(of=("self",)).select_related("plan__version__model__system").get(pk=item.pk)
    )
    require_not_over(item.version)
    item.signed_by = item.signed_at = None
    item.evidence = ""
    item.save()
    log.record(actor, "retirement_line.sent_back", item, reason=reason.strip())
    work.close_tasks(item, actor=actor)
    return item


def waiting_line(item: PlanItem, actor: User) -> PlanItem:
    """The locked row of a line that somebody did and nobody signed, for a person who may plan ends."""
    access.require(actor, access.MODEL_RETIRE_REQUEST, item.version)
    row = (
        PlanItem.objects.select_for_update(of=("self",))
        .select_related("plan__version__model__system__unit")
        .get(pk=item.pk)
    )
    require_not_over(row.version)
    if row.signed_by_id is not None or not row.evidence:
        raise NotAllowed(_("Nothing waits for a sign-off on this line."))
    return row


def complete(version: ModelVersion, *, actor: User) -> None:
    """What follows from the retirement: the plan is completed and its tasks end."""
    plan = readiness.plan_of(version)
    if plan is not None:
        plan.completed_at = timezone.now()
        move(plan, RetirementPlan.Status.COMPLETED, "completed", actor=actor)
    forget_dates(version, actor=actor)


def forget_dates(version: ModelVersion, *, actor: Any) -> None:
    """End the tasks that were due by a date which holds no more; reminders of the new date open them anew."""
    for kind in (Task.Kind.PLAN_RETIREMENT, Task.Kind.NO_PLAN):
        work.close_tasks(version, actor=actor, kind=kind)
    for row in version.consumers.standing():
        work.close_tasks(row, actor=actor)
