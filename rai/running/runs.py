"""What a worker does for predictions and checks: hand the bytes to the child, judge, draw, record in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from rai.catalogue import CHECKS, CheckType
from rai.models import CheckRun, OfVersion, Predictions
from rai.running import counting, schedules
from rai.running.child import in_child, upload_caps
from rai.wording.refusals import made_of
from registry import blobs, faults, jobs, policy
from registry.actions import later_runs
from registry.audit import log
from registry.errors import BadInput
from registry.models import Attachment, Evidence, Verdict
from registry.plugins import resolved


@contextmanager
def refusals_kept(job: OfVersion) -> Iterator[None]:
    """Keep what a refusal is made of with the job, so that each reader has it in their language."""
    try:
        yield
    except BadInput as error:
        job.refusal = made_of(error)
        raise


def read_columns(job: Predictions) -> None:
    """Profile the columns of an uploaded table in the child."""
    with refusals_kept(job):
        found = in_child(job, "columns", {"caps": upload_caps()}, {"data": job.files}).json
    with transaction.atomic():
        job.rows, job.columns = found["rows"], found["columns"]
        jobs.finish(job)
        log.record(None, "predictions.read", job)


def run_check(job: CheckRun) -> None:
    """Compute a check and record what it found; a crash records nothing but its reason."""
    check = CHECKS[job.slug]
    with refusals_kept(job):
        outcome = resolved(check.compute)(job)
    faults.point("check.computed")
    jobs.report_progress(job, 90, "draw")
    record_outcome(job, check, outcome, drawn(check, outcome))


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
        later_runs.landed(evidence, is_alarm=job.is_look)
        if job.is_look and job.verdict == Verdict.FAIL:
            schedules.raise_alarm(job)


def attach(evidence: Evidence, svg: bytes, language: str) -> None:
    """Keep a chart beside its evidence."""
    chart = Attachment(
        blob=blobs.store(svg, "image/svg+xml"), name=f"{evidence.check_slug}-{language}.svg", role=f"chart:{language}",
        object_type=Evidence._meta.label, object_id=evidence.pk,
    )  # fmt: skip
    chart.save()
    log.record(None, "chart.drawn", chart)
