"""Uploads of predictions: the form, the columns as a worker read them, and the forms that ask for a check."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from rai import actions
from rai.catalogue import CHECKS
from rai.forms import CheckForm, PredictionsForm
from rai.models import CheckRun, Predictions
from rai.wording.refusals import reason_of
from registry import access, quotas, refusals
from registry.models import Job, JobStatus, ModelVersion, User
from registry.views.versions import fetched


def predictions_upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Upload a table of predictions for a version."""
    version = fetched(request.user, pk)
    access.require(request.user, access.DATASET_UPLOAD, version)
    form = PredictionsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.carry_out(partial(uploaded, version, request.user)):
        messages.success(
            request, _("%s is stored under the digest of its bytes. Its columns are being read.") % form.result
        )
        return redirect(form.result)
    context = {
        "form": form,
        "title": _("Upload predictions for %s") % version,
        "submit": _("Upload"),
        "why": _("One row for each case: what really happened, what the model said, and the groups to compare."),
        "parent_label": str(version),
        "parent_url": reverse("version-evidence", args=[version.pk]),
        "cancel": reverse("version-evidence", args=[version.pk]),
    }
    return refusals.answer(request, "rai/predictions_upload.html", context, form)


def uploaded(version: ModelVersion, actor: User, *, file: list[Any], role: str) -> Predictions:
    """The uploaded files as names and chunks, as the action takes them."""
    quotas.require_upload(actor)
    return actions.upload_parts(version, files=[(one.name, one.chunks()) for one in file], role=role, actor=actor)


MOST_TABLES = 200
# What a worker reports while it reads or computes, as people read it; anything else comes as it is.
STEPS = {
    "columns": gettext_lazy("Reading the columns"),
    "compare": gettext_lazy("Comparing the tables"),
    "look": gettext_lazy("Looking over every cell"),
    "pair": gettext_lazy("Matching the rows of both versions"),
    "parts": gettext_lazy("Counting each part"),
    "labelled": gettext_lazy("Counting rows with and without a true outcome"),
    "draw": gettext_lazy("Drawing the charts"),
}


def with_step(job: Job) -> Job:
    """The job whose step, and whose refusal, is told in the reader's language."""
    job.message = str(STEPS.get(job.message, job.message))
    job.reason = reason_of(job)
    return job


def found_predictions(person: User, pk: Any) -> Predictions:
    """The table with what its page names, or 404."""
    rows = Predictions.objects.visible_to(person).select_related(
        "version__model__system__unit", "version__artifact", "blob", "requested_by"
    )
    return get_object_or_404(rows, pk=pk)


def predictions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The progress of reading the columns, then the columns and the form of a check."""
    found = found_predictions(request.user, pk)
    slug = request.GET.get("check", "")
    slug = slug if slug in CHECKS else next(iter(CHECKS))
    return predictions_page(request, found, slug=slug, before=chosen_before(request, found, slug))


def chosen_before(request: HttpRequest, found: Predictions, slug: str) -> dict[str, Any] | None:
    """What the run named by `?again=` was asked with on this table, so that one choice is mended and not all made anew."""
    try:
        runs = CheckRun.objects.visible_to(request.user).filter(predictions=found, slug=slug)
        run = runs.filter(pk=UUID(request.GET.get("again", ""))).first()
    except ValueError:
        return None
    return None if run is None else run.parameters


def tables_beside(person: User, found: Predictions, slug: str) -> list[tuple[str, str]]:
    """Id and name of other tables of the system, newest first, where the check compares two tables."""
    if all(parameter.kind != "predictions" for parameter in CHECKS[slug].parameters):
        return []
    rows = Predictions.objects.visible_to(person).filter(
        version__model__system=found.version.model.system_id, status=JobStatus.FINISHED
    )
    others = rows.exclude(pk=found.pk).select_related("version__model")[:MOST_TABLES]
    return [(str(row.pk), f"{row.name} – {row.version} – {row.created_at:%Y-%m-%d}") for row in others]


def predictions_page(
    request: HttpRequest,
    found: Predictions,
    *,
    slug: str,
    form: CheckForm | None = None,
    before: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page with a form that is empty, holds what an earlier run was asked with, or was refused."""
    columns = [column["name"] for column in found.columns]
    context = {
        "object": found,
        "files": found.files,
        "job": with_step(found),
        "version": found.version,
        "check": CHECKS[slug],
        "checks": CHECKS.values(),
        "form": form
        or CheckForm(
            check=CHECKS[slug], columns=columns, tables=tables_beside(request.user, found, slug), before=before
        ),
        "may_download": access.allowed(request.user, access.DATASET_DOWNLOAD_RAW, found),
        "may_run": form is not None or access.allowed(request.user, access.CHECK_RUN, found.version),
        "runs": CheckRun.objects.visible_to(request.user).filter(predictions=found).select_related("requested_by"),
    }
    page = render(request, "rai/predictions.html", context, status=422 if form is not None else 200)
    return page if form is None else refusals.marked(page, form)
