"""What every check is judged by and bound to: the approved limits, the attempt, the exact bytes and the environment."""

from collections.abc import Callable
from typing import Any

from rai.models import CheckRun, MetricBaseline
from registry.errors import BadInput
from registry.models import JobStatus, Verdict


def judged(run: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """The check's outcome; parameters that it cannot work with become a sentence for people."""
    from rai.checks.contract import InputError

    try:
        return run(*args, **more)
    except InputError as error:
        raise BadInput(str(error)) from error


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


def attempt(job: CheckRun) -> int:
    """One more than the earlier verdicts of this check on this version or these rows; an identical run is none."""
    if job.replayed is not None:
        return int(job.replayed.get("attempt", 1))
    earlier = CheckRun.objects.filter(
        slug=job.slug, status=JobStatus.FINISHED, created_at__lt=job.created_at,
        verdict__in=[Verdict.PASS, Verdict.FAIL, Verdict.INSUFFICIENT],
    )  # fmt: skip
    shares = earlier.filter(version=job.version) | earlier.filter(predictions__blob=job.predictions.blob)
    asked = {
        (run.version_id, run.predictions.blob_id, str(run.parameters)) for run in shares.select_related("predictions")
    }
    return 1 + len(asked - {(job.version_id, job.predictions.blob_id, str(job.parameters))})
