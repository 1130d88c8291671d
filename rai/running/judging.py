"""What every check is judged by and bound to: the approved limits, the attempt, the exact bytes and the environment."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from rai import cadences
from rai.catalogue import CHECKS
from rai.models import MONITORING, CheckRun, MetricBaseline, TestPlan
from rai.wording.refusals import refused
from registry.models import JobStatus, Verdict


def judged(run: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """The check's outcome; parameters that it cannot work with become a sentence for people."""
    from rai.checks.contract import InputError

    try:
        return run(*args, **more)
    except InputError as error:
        raise refused(error) from error


def bound(outcome: Any, job: CheckRun, packages: tuple[str, ...], level: str) -> dict[str, Any]:
    """The outcome bound to the exact bytes, the environment and the walls that it was computed in, as JSON."""
    from rai.engine.environment import environment

    data = job.predictions.blob.digest
    return outcome.bound(data=data, environment={**environment(packages), "isolation": level}, timings={}).to_json()


def rules(job: CheckRun) -> tuple[str, ...]:
    """The approved limits of the system for this check: nobody chooses a limit for one run. A replay takes those of then."""
    if job.replayed is not None:
        return tuple(job.replayed["thresholds"])
    return tuple(MetricBaseline.objects.in_force(job.version.home_system, job.slug).values_list("rule", flat=True))


def looks(job: CheckRun) -> int | None:
    """How many looks a year share the budget of false alarms, for rows of the running system; None for other rows.

    The plan of the system says how often it is looked at; without a plan its tier does.
    """
    if job.replayed is not None:
        return job.replayed.get("looks")
    if not job.is_look:
        return None
    system = job.version.home_system
    plan = TestPlan.objects.in_force().filter(system=system).select_related("system").first()
    return plan.looks if plan else cadences.looks(cadences.days_of(cadences.of_tier(system.risk_tier)))


def attempt(job: CheckRun) -> int:
    """One more than the earlier verdicts of this check on this version or these rows; an identical run is none."""
    if job.replayed is not None:
        return int(job.replayed.get("attempt", 1))
    if job.is_look:
        return look_attempt(job)
    earlier = CheckRun.objects.filter(
        slug=job.slug, status=JobStatus.FINISHED, created_at__lt=job.created_at,
        verdict__in=[Verdict.PASS, Verdict.FAIL, Verdict.INSUFFICIENT],
    )  # fmt: skip
    # Looks at the running system have a budget of their own and are no attempts of a release.
    earlier = earlier.exclude(predictions__role=MONITORING)
    shares = earlier.filter(version=job.version) | earlier.filter(predictions__blob=job.predictions.blob)
    asked = {(run.version_id, run.predictions.blob_id, question(run)) for run in shares.select_related("predictions")}
    return 1 + len(asked - {(job.version_id, job.predictions.blob_id, question(job))})


def look_attempt(job: CheckRun) -> int:
    """One more than the earlier verdicts on the same rows with other parameters: a look at new rows is a first attempt.

    A look beyond those that the year has room for is a further attempt, too: looking more often must not pay.
    """
    if job.replayed is not None:
        return int(job.replayed.get("attempt", 1))
    earlier = CheckRun.objects.filter(
        slug=job.slug, status=JobStatus.FINISHED, created_at__lt=job.created_at,
        verdict__in=[Verdict.PASS, Verdict.FAIL, Verdict.INSUFFICIENT],
    )  # fmt: skip
    same = earlier.filter(predictions__blob=job.predictions.blob)
    return 1 + len({question(run) for run in same} - {question(job)}) + looks_too_many(job, earlier)


def looks_too_many(job: CheckRun, earlier: Any) -> int:
    """By how many the looks of the past year, this one among them, exceed those planned."""
    planned = looks(job)
    if planned is None or not job.is_look:
        return 0
    year = earlier.filter(
        version__model__system=job.version.home_system, predictions__role=MONITORING,
        created_at__gte=job.created_at - timedelta(days=cadences.DAYS_A_YEAR),
    )  # fmt: skip
    tables = set(year.order_by().values_list("predictions__blob", flat=True)) | {job.predictions.blob_id}
    return max(0, len(tables) - planned)


def question(run: CheckRun) -> str:
    """What a run asked, in one order; what it was not asked, because it is older than the parameter, is the default."""
    defaults = {one.name: one.default for one in CHECKS[run.slug].parameters}
    return str(sorted((defaults | run.parameters).items()))
