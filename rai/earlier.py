"""Finds by itself what a check is held against: the golden set of the previous release, the test evidence of a version."""

from django.db.models import QuerySet

from rai.models import MONITORING, CheckRun, Predictions
from registry.models import Evidence, JobStatus, ModelVersion, VersionStatus

# A version that was in use is what the next one replaces; one that never was comes second.
IN_USE = (VersionStatus.APPROVED, VersionStatus.PUBLISHED, VersionStatus.SUSPENDED, VersionStatus.DEPRECATED, VersionStatus.RETIRED)  # fmt: skip


def golden_predictions(version: ModelVersion, tables: QuerySet[Predictions]) -> Predictions | None:
    """Of these tables the one that golden_set was last run on for the newest earlier version of the same model; else none."""
    runs = CheckRun.objects.filter(
        slug="golden_set", status=JobStatus.FINISHED, predictions__in=tables, version__model=version.model_id,
        version__created_at__lt=version.created_at, evidence__withdrawn_at__isnull=True,
    )  # fmt: skip
    newest = runs.select_related("predictions").order_by("-version__created_at", "-created_at")
    run = newest.filter(version__status__in=IN_USE).first() or newest.first()
    return None if run is None else run.predictions


def test_evidence(version: ModelVersion) -> Evidence | None:
    """The newest standing evidence of performance on test rows of this very version; else none."""
    runs = CheckRun.objects.filter(
        slug="performance", status=JobStatus.FINISHED, version=version, predictions__role="test",
        evidence__withdrawn_at__isnull=True, evidence__superseded_by__isnull=True,
    )  # fmt: skip
    run = runs.select_related("evidence").order_by("-created_at").first()
    return None if run is None else run.evidence


def approved_attribution(version: ModelVersion) -> Evidence | None:
    """The standing explanation of the version of this model that was approved last: what it was approved with; else none.

    That may be the version itself, once it is in use. Looks at the running system explain no approval.
    """
    runs = CheckRun.objects.filter(
        slug="feature_attribution", status=JobStatus.FINISHED, version__model=version.model_id, version__status__in=IN_USE,
        version__created_at__lte=version.created_at, evidence__withdrawn_at__isnull=True,
    ).exclude(predictions__role=MONITORING)  # fmt: skip
    run = runs.select_related("evidence").order_by("-version__created_at", "-created_at").first()
    return None if run is None else run.evidence
