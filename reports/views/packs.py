"""Evidence packs: the list, the request, and the page of one with its download and how a stranger verifies it."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access
from registry.models import User
from registry.views.paging import page_of
from registry.views.versions import fetched
from reports import actions
from reports.forms import PackForm, ReportForm
from reports.models import Pack
from reports.views.downloads import download, filename
from reports.views.reports import version_page


def packs(request: HttpRequest) -> HttpResponse:
    """The packs that the reader may see, the newest first."""
    rows = Pack.objects.visible_to(request.user).select_related("system", "version__model", "requested_by")
    context = {"title": _("Evidence packs"), "page": page_of(request, rows, by="-created_at")}
    return render(request, "reports/pages/packs.html", context)


@require_POST
def pack_request(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a pack of a version."""
    version = fetched(request.user, pk)
    form = PackForm(request.POST, auto_id="pack_%s")
    if form.carry_out(partial(actions.request_pack, version, actor=request.user)):
        messages.success(request, _("The pack is queued. It is handed out only once its own verifier accepts it."))
        return redirect(form.result)
    return version_page(request, version, report_form=ReportForm(), pack_form=form)


def found_pack(person: User, pk: UUID) -> Pack:
    """The pack with what its page names, or 404."""
    rows = Pack.objects.visible_to(person).select_related(
        "system__unit", "version__model", "version__artifact", "blob", "requested_by"
    )
    return get_object_or_404(rows, pk=pk)


def pack(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The progress of a pack, then its download, the key's fingerprint and three commands."""
    found = found_pack(request.user, pk)
    context = {
        "may_take": access.allowed(request.user, access.PACK_GENERATE, found), "object": found, "job": found, "filename": filename(found, ending="zip"),
        "signed_apart": settings.SIGN_BY_QUEUE,
    }  # fmt: skip
    return render(request, "reports/pages/pack.html", context)


def pack_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The pack itself."""
    found = found_pack(request.user, pk)
    access.require(request.user, access.PACK_GENERATE, found)
    return download(request, found, found.blob, ending="zip")
