"""The tab of a version on which everything measured about it stands."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rai.figures.regression import against_previous
from rai.models import CheckRun, MetricBaseline, Predictions
from registry import access
from registry.models import Evidence
from registry.record_checks import RECORD_CHECKS
from registry.views.paging import page_of
from registry.views.versions import fetched


def version_evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Uploads, evidence that stands or stood, every run (P9), the limits in force, and what the reader may do next."""
    found, person = fetched(request.user, pk), request.user
    runs = CheckRun.objects.visible_to(person).filter(version=found)
    uploads = Predictions.objects.visible_to(person).filter(version=found)
    evidence = Evidence.objects.visible_to(person).filter(version=found)
    limits = MetricBaseline.objects.visible_to(person).filter(
        system=found.home_system, status=MetricBaseline.Status.APPROVED
    )
    context = {
        "version": found,
        "uploads": uploads.select_related("blob", "requested_by"),
        "evidence": evidence.select_related("run"),
        "page": page_of(request, runs.select_related("predictions", "requested_by"), by="-created_at"),
        "limits": limits.select_related("approved_by"),
        "regression": against_previous(found),
        "may_upload": access.allowed(person, access.DATASET_UPLOAD, found),
        "may_run": access.allowed(person, access.CHECK_RUN, found),
        "record_checks": RECORD_CHECKS.values(),
    }
    return render(request, "rai/version_evidence.html", context)
