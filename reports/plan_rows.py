"""Test plans, what they make of monitoring, and what was observed by it: read from plans, limits and looks."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from rai.models import MONITORING, ROWS_ARE, CheckRun, MetricBaseline, TestPlan
from registry.models import Evidence, JobStatus, Task
from reports import register_rows
from reports.facts import Fact, Member
from reports.scope import Scope, fields_of, subject_of

PROCEDURES = (
    "feedback_channels", "appeal_and_override", "decommission_criteria", "incident_process", "recovery_process",
    "change_process",
)  # fmt: skip
YEAR, FIRST_DAYS = timedelta(days=365), timedelta(days=7)


def plans(scope: Scope) -> Iterator[TestPlan]:
    """Every revision of the systems in sight."""
    for row in scope.rows(TestPlan).select_related("system"):
        if row.system_id in scope.system_ids:
            yield row


def limits_by_system(scope: Scope) -> dict[UUID, list[MetricBaseline]]:
    """The limits in force."""
    found: dict[UUID, list[MetricBaseline]] = defaultdict(list)
    for row in scope.rows(MetricBaseline).filter(status=MetricBaseline.Status.APPROVED).order_by("slug", "rule"):
        found[row.system_id].append(row)
    return found


def test_plans(scope: Scope) -> Iterator[Fact]:
    """One row a revision. Metrics, data and tools are read from its checks and their limits; nobody types them."""
    limits = scope.once("limits", lambda: limits_by_system(scope))
    roles = dict(ROWS_ARE)
    for row in plans(scope):
        planned = row.planned
        slugs = {one.slug for one in planned}
        fields = fields_of(
            row, "test_plan", tools=sorted(slugs), datasets=sorted({str(roles.get(one.role, one.role)) for one in planned}),
            metrics=[limit.metric for limit in limits[row.system_id] if limit.slug in slugs],
        )  # fmt: skip
        yield fact(row, fields)


def monitoring_plans(scope: Scope) -> Iterator[Fact]:
    """The part of a plan that looks at the running system, where it has one."""
    limits = scope.once("limits", lambda: limits_by_system(scope))
    procedures = register_rows.newest_about(scope, "monitoring_procedure", "system_id")
    for row in plans(scope):
        said = {**procedures.get(None, {}), **procedures.get(row.system_id, {})}
        slugs = {one.slug for one in row.planned if one.role == MONITORING}
        if slugs:
            held = [limit for limit in limits[row.system_id] if limit.slug in slugs]
            fields = fields_of(
                row, "monitoring_plan", owners=[str(row.owner_id)], metrics=[limit.metric for limit in held],
                alert_thresholds=[limit.rule for limit in held], cadence=row.days, **{name: said.get(name) for name in PROCEDURES},
            )  # fmt: skip
            yield fact(row, fields)


def fact(row: TestPlan, fields: dict[str, Any]) -> Fact:
    """A revision as a fact about its system."""
    return Fact(
        id=str(row.pk), label=str(row), subject=subject_of(row.system_id), url=row.get_absolute_url(), fields=fields
    )


def looks(scope: Scope) -> Iterator[tuple[CheckRun, Evidence, datetime | None]]:
    """Finished looks at the running systems, with their evidence and the moment at which their alarm was answered."""
    handled = dict(
        Task.objects.filter(kind=Task.Kind.ALARM).order_by().values_list("object_id").annotate(Max("done_at"))
    )
    open_ = set(Task.objects.waiting().filter(kind=Task.Kind.ALARM).values_list("object_id", flat=True))
    rows = scope.rows(CheckRun).filter(
        Q(evidence__withdrawn_at__isnull=True) | Q(evidence__withdrawn_at__gte=scope.until),
        predictions__role=MONITORING, status=JobStatus.FINISHED, evidence__isnull=False,
    )  # fmt: skip
    for run in rows.select_related("evidence", "version__model"):
        if run.evidence is not None and run.version.model.system_id in scope.system_ids:
            yield run, run.evidence, None if run.pk in open_ else handled.get(run.pk)


def observations(scope: Scope) -> Iterator[Fact]:
    """One row for every limit at every look: the value seen, whether it was an alarm, and when that was answered."""
    for run, evidence, handled_at in looks(scope):
        for number, entry in enumerate(evidence.outcome.get("thresholds", [])):
            breach = entry.get("verdict") == "fail"
            yield Fact(
                id=f"{run.pk}:{number}",
                label=f"{entry.get('rule')} – {run.version}",
                subject=("monitor_observation", f"{run.pk}:{number}"),
                also=frozenset({subject_of(run.version.model.system_id)}),
                url=run.get_absolute_url(),
                basis="process",
                fields=fields_of(
                    run, "monitor_observation", metric=str(entry.get("rule", "")).split("<=")[0].split(">=")[0],
                    value=entry.get("value"), observed_at=evidence.effective_at, breach=breach,
                    alert_handled_at=handled_at if breach else None,
                ),
            )  # fmt: skip


def breaches_of_the_year(scope: Scope) -> list[tuple[Member, frozenset[UUID]]]:
    """Alarms of the last year; one that waits for its answer is left out for its first seven days."""
    found = []
    for row in observations(scope):
        seen, answered = row.fields["observed_at"], row.fields["alert_handled_at"]
        is_fresh = answered is None and scope.until - seen < FIRST_DAYS
        if row.fields["breach"] and scope.until - YEAR <= seen < scope.until and not is_fresh:
            system = UUID(next(key for kind, key in row.subjects if kind == "system"))
            member = Member("monitor_observation", row.id, row.label, scope.tiers[system])
            found.append((member, frozenset({system})))
    return found
