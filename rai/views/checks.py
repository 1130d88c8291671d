"""Runs of checks: the list, the request, the run's page with its chart and figures, and taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import get_valid_filename
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_POST

from rai import actions
from rai.catalogue import CHECKS, Parameter
from rai.charts.night import at_night
from rai.figures import lines
from rai.forms import CheckForm
from rai.models import CheckRun, Predictions
from rai.views.predictions import found_predictions, predictions_page, tables_beside, with_step
from rai.wording import sentences
from rai.wording.privacy import handling_label
from registry import access
from registry.models import Attachment, Evidence, JobStatus, ModelVersion, Task, User, Verdict
from registry.views.paging import page_of
from registry.views.versions import fetched

# A chart is somebody's words drawn by our worker: it may show itself and do nothing else.
CHART_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def checks(request: HttpRequest) -> HttpResponse:
    """The runs that the reader may see, the newest first, by status or verdict where asked."""
    rows = CheckRun.objects.visible_to(request.user)
    by_status = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    by_verdict = dict(rows.order_by().values_list("verdict").annotate(Count("pk")))
    status, verdict = request.GET.get("status", ""), request.GET.get("verdict", "")
    if status in JobStatus.values:
        rows = rows.filter(status=status)
    if verdict in Verdict.values:
        rows = rows.filter(verdict=verdict)
    rows = rows.select_related("version__model__system", "requested_by")
    context = {
        "title": _("Checks"),
        "page": page_of(request, rows, by="-created_at"),
        "statuses": [(value, label, by_status.get(value, 0)) for value, label in JobStatus.choices],
        "verdicts": [(value, label, by_verdict.get(value, 0)) for value, label in Verdict.choices],
        "status": status,
        "verdict": verdict,
    }
    return render(request, "rai/checks.html", context)


def check_request(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a check of a version. Who reloads a refused request as a page is led to the version's evidence."""
    version = fetched(request.user, pk)
    if request.method != "POST":
        return redirect("version-evidence", pk=version.pk)
    table = found_predictions(request.user, posted_id(request, "predictions"))
    slug = request.POST.get("check", "")
    if slug not in CHECKS:
        raise Http404
    columns = [column["name"] for column in table.columns]
    tables = tables_beside(request.user, table, slug)
    form = CheckForm(request.POST, check=CHECKS[slug], columns=columns, tables=tables)
    if form.carry_out(lambda **chosen: asked(version, slug, table, request.user, chosen)):
        messages.success(request, _("The check is queued. It runs in a worker; you may leave this page."))
        return redirect(form.result)
    return predictions_page(request, table, slug=slug, form=form)


def posted_id(request: HttpRequest, name: str) -> UUID:
    """An id that a hidden field carries; one that was tampered with leads to nothing."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as error:
        raise Http404 from error


def asked(version: ModelVersion, slug: str, table: Predictions, actor: User, chosen: dict[str, Any]) -> CheckRun:
    """The chosen values as the action's parameters."""
    return actions.request_check(version, slug=slug, predictions=table, parameters=chosen, actor=actor)


def found_run(person: User, pk: UUID) -> CheckRun:
    """The run with what its page names, or 404."""
    rows = CheckRun.objects.visible_to(person).select_related(
        "version__model__system__unit",
        "version__artifact",
        "predictions__blob",
        "evidence",
        "requested_by",
        "plan_run__plan__system",
    )
    return get_object_or_404(rows, pk=pk)


def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A run: its progress, then verdict, sentences, chart, figures and inputs, or why it failed and how to mend it."""
    run = found_run(request.user, pk)
    context: dict[str, Any] = {"run": run, "job": with_step(run), "version": run.version, "check": CHECKS.get(run.slug)}
    context["asked"] = asked_for(run)
    context["may_run"] = access.allowed(request.user, access.CHECK_RUN, run.version)
    context["alarm_waits"] = Task.objects.waiting().filter(object_id=run.pk, kind=Task.Kind.ALARM).exists()
    if run.evidence is not None:
        context |= shown_outcome(run.evidence)
    return render(request, "rai/check.html", context)


def asked_for(run: CheckRun) -> list[tuple[str, str]]:
    """Label and value of each parameter that was chosen."""
    known = {one.name: one for one in CHECKS[run.slug].parameters} if run.slug in CHECKS else {}
    return [
        (str(known[name].label) if name in known else name, chosen_words(known.get(name), value))
        for name, value in run.parameters.items()
        if value not in (None, "", [])
    ]


def chosen_words(parameter: Parameter | None, value: Any) -> str:
    """A chosen value as people read it: a table by name and digest, a choice by its label."""
    if parameter is not None and parameter.kind == "predictions":
        table = Predictions.objects.filter(pk=value).select_related("blob").first()
        return f"{table.name} ({table.blob.digest})" if table else str(value)
    if parameter is not None and parameter.kind == "evidence":
        held = Evidence.objects.filter(pk=value).first()
        return f"{held} ({held.digest})" if held else str(value)
    if parameter is not None and parameter.kind == "record":
        return ", ".join(f"{one['column']}: {handling_label(one['handling'])}" for one in value)
    if parameter is not None and parameter.kind == "choice":
        return str(dict(parameter.choices).get(value, value))
    return ", ".join(value) if isinstance(value, list) else str(value)


def shown_outcome(evidence: Evidence) -> dict[str, Any]:
    """What a page shows of an outcome."""
    outcome = evidence.outcome
    return {
        "evidence": evidence,
        "outcome": outcome,
        "sentences": sentences(outcome),
        "has_chart": chart_of(evidence) is not None,
        "groupings": lines.groupings(outcome),
        "environment": lines.environment(outcome),
        "isolation": lines.isolation(outcome),
    }


def chart_of(evidence: Evidence) -> Attachment | None:
    """The chart in the reader's language, else in English, else none."""
    charts = Attachment.objects.of(evidence).filter(role__startswith="chart:").select_related("blob")
    by_role = {chart.role: chart for chart in charts}
    return by_role.get(f"chart:{get_language()}") or by_role.get("chart:en")


@require_POST
def check_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back a check that waits or runs."""
    run = found_run(request.user, pk)
    actions.cancel_check(run, actor=request.user)
    messages.success(request, _("The check is cancelled. The list of runs keeps it."))
    return redirect(run)


def check_chart(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The chart that the worker drew, as a picture that can do nothing."""
    run = found_run(request.user, pk)
    chart = chart_of(run.evidence) if run.evidence else None
    if chart is None:
        raise Http404
    response = HttpResponse(at_night(chart.blob.read()), content_type="image/svg+xml")
    response["Content-Security-Policy"] = CHART_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private"
    return response


def check_figures(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every figure of the outcome as CSV."""
    run = found_run(request.user, pk)
    if run.evidence is None:
        raise Http404
    # The mark at the start makes spreadsheets read UTF-8 as UTF-8.
    response = HttpResponse("\ufeff" + lines.as_csv(run.evidence.outcome), content_type="text/csv; charset=utf-8")
    name = get_valid_filename(f"{run.slug}-{run.version.model.slug}-{run.version.version}.csv")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
