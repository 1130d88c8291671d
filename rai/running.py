"""What a worker does for predictions and checks: hand the bytes to the child, judge, draw, record in one transaction."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from rai import counting
from rai.catalogue import CHECKS, CheckType
from rai.models import CheckRun, MetricBaseline, Predictions
from registry import blobs, faults, jobs, policy
from registry.audit import log
from registry.errors import BadInput
from registry.models import Attachment, Evidence, Job, JobStatus, Verdict
from registry.plugins import resolved

MOST_ROWS_EXPLAINED = 200_000


def in_child(job: Job, task: str, request: dict[str, Any], files: dict[str, Any], **more: Any) -> Any:
    """Run a task of the sandbox on blobs, with progress on the job's page; its refusals become sentences for people."""
    from rai.checks.contract import InputError
    from rai.sandbox import launcher

    try:
        return launcher.run(
            task, request, files={name: blob.path for name, (blob, _title) in files.items()},
            titles={name: title for name, (_blob, title) in files.items()},
            progress=partial(jobs.report_progress, job), **more,
        )  # fmt: skip
    except (InputError, launcher.SandboxError) as error:
        raise BadInput(str(error)) from error


def read_columns(job: Predictions) -> None:
    """Profile the columns of an uploaded table in the child."""
    found = in_child(job, "columns", {"caps": upload_caps()}, {"data": (job.blob, job.name)}).json
    with transaction.atomic():
        job.rows, job.columns = found["rows"], found["columns"]
        jobs.finish(job)
        log.record(None, "predictions.read", job)


def upload_caps() -> dict[str, Any]:
    """The caps for uploads."""
    from rai.sandbox.limits import Caps

    return asdict(Caps())


def run_check(job: CheckRun) -> None:
    """Compute a check and record what it found; a crash records nothing but its reason."""
    check = CHECKS[job.slug]
    outcome = resolved(check.compute)(job)
    faults.point("check.computed")
    jobs.report_progress(job, 90, "draw")
    record_outcome(job, check, outcome, drawn(check, outcome))


def group_fairness(job: CheckRun) -> dict[str, Any]:
    """Counts in the child, verdicts here: the judging code sees numbers only."""
    from rai.checks import group_fairness as check
    from rai.engine.cube import Cube

    wanted = job.parameters
    prediction = wanted["prediction"] + wanted.get("cut", "")
    read = {"target": wanted["target"], "prediction": prediction, "sensitive": wanted["sensitive"],
            "positive": wanted["positive"]}  # fmt: skip
    found = counting.counted(job, read)
    outcome = judged(
        check.run, Cube.from_json(found.json), thresholds=rules(job), intersections=wanted["intersections"],
        min_group=wanted["min_group"], attempt=attempt(job), role=job.predictions.role,
    )  # fmt: skip
    return bound(outcome, job, ("duckdb", "numpy"), found.level)


def feature_attribution(job: CheckRun) -> dict[str, Any]:
    """SHAP values in the child, statistics here."""
    from rai.checks import feature_attribution as check
    from rai.engine import attribution

    model = (job.version.artifact, job.version.artifact_name)
    info = in_child(job, "model_info", {}, {"model": model}).json
    groups = [job.parameters["groups"]] if job.parameters.get("groups") else []
    most = min(job.predictions.rows or 0, MOST_ROWS_EXPLAINED)
    files = {"model": model, "data": (job.predictions.blob, job.predictions.name)}
    size = attribution.array_size(most, features=len(info["features"]), groups=len(groups))
    found = in_child(job, "attribute", {"seed": 0, "groups": groups, "caps": upload_caps()}, files, array=size)
    outcome = judged(
        check.run, attribution.from_reply(found.json, found.array), thresholds=rules(job), attempt=attempt(job)
    )
    return bound(outcome, job, ("lightgbm", "xgboost-cpu", "numpy", "shap"), found.level)


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


def drawn(check: CheckType, outcome: dict[str, Any]) -> dict[str, bytes]:
    """The chart in every language of the installation."""
    draw = resolved(check.chart)
    charts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            charts[language] = draw(outcome)
    return charts


def record_outcome(job: CheckRun, check: CheckType, outcome: dict[str, Any], charts: dict[str, bytes]) -> None:
    """Evidence, charts and the finished job in one transaction: all of it, or none."""
    days = policy.of_tier(job.version.home_system.risk_tier).body["evidence_valid_days"]
    now = timezone.now()
    with transaction.atomic():
        evidence = Evidence(
            version=job.version, kind=Evidence.Kind.CHECK, check_slug=job.slug,
            shows=check.shows_with({**job.parameters, "role": job.predictions.role}),
            digest=outcome["digest"], outcome=outcome, verdict=outcome["verdict"], effective_at=now, received_at=now,
            valid_until=now + timedelta(days=days), requested_by=job.requested_by,
        )  # fmt: skip
        evidence.save()
        log.record(None, "evidence.recorded", evidence)
        for language, svg in charts.items():
            attach(evidence, svg, language)
        counting.keep(job, evidence)
        job.verdict, job.evidence = outcome["verdict"], evidence
        jobs.finish(job)
        log.record(None, "check.finished", job, verdict=job.verdict, digest=evidence.digest)


def attach(evidence: Evidence, svg: bytes, language: str) -> None:
    """Keep a chart beside its evidence."""
    chart = Attachment(
        blob=blobs.store(svg, "image/svg+xml"), name=f"{evidence.check_slug}-{language}.svg", role=f"chart:{language}",
        object_type=Evidence._meta.label, object_id=evidence.pk,
    )  # fmt: skip
    chart.save()
    log.record(None, "chart.drawn", chart)
