"""Sets limits, puts them in force, takes them out of force."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rai.catalogue import limited
from rai.models import MetricBaseline
from rai.wording.refusals import refused
from registry import access, separation
from registry.actions import rounds, work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Duty, Task, User
from registry.plugins import resolved
from registry.transactions import hold, retried


@transaction.atomic
def propose_baseline(
    system: AISystem, *, slug: str, rule: str, rationale: str, actor: User, **more: Any
) -> MetricBaseline:
    """Set a limit; it holds when somebody else has approved it."""
    access.require(actor, access.THRESHOLDS_EDIT, system)
    if slug not in limited():
        raise BadInput(_("There is no check called “%s” in this installation.") % slug, field="slug")
    if len(rationale.strip()) < 20:
        raise BadInput(_("Say in at least twenty characters why this limit fits this use."), field="rationale")
    rule = require_rule(slug, rule)
    kept = (MetricBaseline.Status.DRAFT, MetricBaseline.Status.APPROVED)
    if MetricBaseline.objects.filter(system=system, slug=slug, rule=rule, status__in=kept).exists():
        raise BadInput(_("This limit is proposed or in force already."), field="rule")
    row = MetricBaseline(system=system, slug=slug, rule=rule, rationale=rationale.strip(), owner=actor, **more)
    row.full_clean()
    row.save()
    log.record(actor, "baseline.proposed", row)
    work.open_task(
        row, kind=Task.Kind.APPROVE_BASELINE, system=system, url=row.get_absolute_url(), duty=Duty.APPROVER, actor=actor
    )
    return row


def require_rule(slug: str, rule: str) -> str:
    """The rule without spaces, when the check can judge it."""
    from rai.checks.contract import InputError

    text = "".join(rule.split())
    try:
        resolved(limited()[slug].read_rule)(text)
    except InputError as error:
        raise refused(error, field="rule") from error
    return text


@retried
def approve_baseline(baseline: MetricBaseline, *, reason: str, actor: User) -> None:
    """Put a limit in force (R6: not by whoever set it)."""
    separation.require_now(actor, access.THRESHOLDS_APPROVE, baseline)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why this limit is right."), field="reason")
    baseline = MetricBaseline.objects.select_for_update().get(pk=baseline.pk)
    if baseline.status != MetricBaseline.Status.DRAFT:
        raise NotAllowed(_("Only a draft limit is approved; this one is %s.") % baseline.get_status_display())
    separation.require_second_setter(actor, setter_id=baseline.owner_id, system=baseline.system)
    baseline.status, baseline.approved_by, baseline.approved_at = MetricBaseline.Status.APPROVED, actor, timezone.now()
    baseline.save()
    log.record(actor, "baseline.approved", baseline, reason=reason.strip())
    work.close_tasks(baseline, actor=actor)
    rounds.void_stale(baseline.system, actor=actor, because=_("the limit %s was put in force") % baseline.rule)


@retried
def supersede_baseline(baseline: MetricBaseline, *, reason: str, actor: User) -> None:
    """Take a limit out of force."""
    hold(baseline)
    access.require(actor, access.THRESHOLDS_EDIT, baseline)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why the limit no longer holds."), field="reason")
    if baseline.status == MetricBaseline.Status.SUPERSEDED:
        raise NotAllowed(_("This has ended already."))
    baseline.status = MetricBaseline.Status.SUPERSEDED
    baseline.save()
    log.record(actor, "baseline.superseded", baseline, reason=reason)
    rounds.void_stale(baseline.system, actor=actor, because=_("the limit %s was taken out of force") % baseline.rule)
