"""Reports: the list with a request, a version's own tab, and the page of one with its downloads."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from registry import access, refusals
from registry.models import BusinessUnit, ModelVersion, User
from registry.views.paging import page_of
from registry.views.versions import fetched
from reports import actions
from reports.catalogue import REPORTS
from reports.formats import kept
from reports.forms import PackForm, ReportForm, ReportOnForm, UnitReportForm
from reports.models import Pack, Report
from reports.views.downloads import buttons, download

SHOWN = 20


def reports(request: HttpRequest) -> HttpResponse:
    """The reports that the reader may see, and a form for one more."""
    form = ReportOnForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(asked, request.user)):
        messages.success(request, _("The report is queued. You may leave this page; it will stand in the list."))
        return redirect(form.result)
    rows = Report.objects.visible_to(request.user).select_related("system", "version__model", "of_unit", "requested_by")
    context = {
        "title": _("Reports"),
        "page": page_of(request, rows, by="-created_at"),
        "form": form,
        "may_request": access.may_anywhere(request.user, access.REPORT_GENERATE),
    }
    return refusals.answer(request, "reports/pages/reports.html", context, form)


def asked(actor: User, *, version: ModelVersion, kind: str, language: str) -> Report:
    """The version from the form as the action takes it."""
    return actions.request_report(version, kind=kind, language=language, actor=actor)


def unit_reports(request: HttpRequest) -> HttpResponse:
    """The reports on units that the reader may see, and a form for one more; `unit` in the address chooses one already."""
    form = UnitReportForm(request.POST or None, person=request.user, initial={"unit": request.GET.get("unit")})
    if request.method == "POST" and form.carry_out(partial(asked_of_unit, request.user)):
        messages.success(request, _("The report is queued. You may leave this page; it will stand in the list."))
        return redirect(form.result)
    rows = Report.objects.visible_to(request.user).filter(of_unit__isnull=False)
    context = {
        "title": _("Reports on units"),
        "page": page_of(request, rows.select_related("of_unit", "requested_by"), by="-created_at"),
        "form": form,
        "may_request": form.has_units,
    }
    return refusals.answer(request, "reports/pages/unit_reports.html", context, form)


def asked_of_unit(actor: User, *, unit: BusinessUnit, kind: str, language: str) -> Report:
    """The unit from the form as the action takes it."""
    return actions.request_report_of_unit(unit, kind=kind, language=language, actor=actor)


def version_reports(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A version's reports and packs; posted, ask for a report on it."""
    version = fetched(request.user, pk)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.request_report, version, actor=request.user)):
        messages.success(request, _("The report is queued. You may leave this page; it will stand in the list."))
        return redirect(form.result)
    return version_page(request, version, report_form=form, pack_form=PackForm(auto_id="pack_%s"))


def version_page(
    request: HttpRequest, version: ModelVersion, *, report_form: ReportForm, pack_form: PackForm
) -> HttpResponse:
    """The tab with forms that are empty or were refused."""
    person = request.user
    refused = bool(report_form.errors or pack_form.errors)
    context = {
        "version": version,
        "reports": Report.objects.visible_to(person).filter(version=version).select_related("requested_by"),
        "packs": Pack.objects.visible_to(person).filter(version=version).select_related("requested_by"),
        "report_form": report_form if refused or access.allowed(person, access.REPORT_GENERATE, version) else None,
        "pack_form": pack_form if refused or access.allowed(person, access.PACK_GENERATE, version) else None,
    }
    return refusals.answer(request, "reports/pages/version_reports.html", context, report_form, pack_form)


def found_report(person: User, pk: UUID) -> Report:
    """The report with what its page names, or 404."""
    rows = Report.objects.visible_to(person).select_related(
        "system__unit", "of_unit", "version__model", "version__artifact", "blob", "data", "requested_by"
    )
    return get_object_or_404(rows, pk=pk)


def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The progress of a report, then its downloads, digest and code."""
    found = found_report(request.user, pk)
    kind = REPORTS.get(found.kind)
    context = {
        "object": found, "job": found, "title": kind.title if kind else found.kind, "files": buttons(found, "report")
    }  # fmt: skip
    return render(request, "reports/pages/report.html", context)


def report_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The PDF."""
    found = found_report(request.user, pk)
    return download(request, found, found.blob, ending="pdf")


def report_data(request: HttpRequest, pk: UUID) -> FileResponse:
    """The data that the PDF prints, as JSON."""
    found = found_report(request.user, pk)
    return download(request, found, found.data, ending="json")


def report_format(request: HttpRequest, pk: UUID, form: str) -> FileResponse:
    """The report in another format."""
    found = found_report(request.user, pk)
    return download(request, found, kept(found).get(form), ending=form)


def row_reports(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """The reports on one assessment or incident; posted, ask for another."""
    subject = get_object_or_404(REPORTS[kind].rows().visible_to(request.user).select_related("system__unit"), pk=pk)
    form = PackForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.request_report_on, subject, actor=request.user)):
        messages.success(request, _("The report is queued. You may leave this page; it will stand in the list."))
        return redirect(form.result)
    rows = Report.objects.visible_to(request.user).filter(kind=kind, subject_id=subject.pk)
    context = {
        "title": REPORTS[kind].title, "subject": subject, "form": form,
        "reports": rows.select_related("system", "version__model", "requested_by")[:SHOWN],
        "may_ask": access.allowed(request.user, access.REPORT_GENERATE, subject),
    }  # fmt: skip
    return refusals.answer(request, "reports/pages/row_reports.html", context, form)
