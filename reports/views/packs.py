"""Evidence packs: the list, the request, and the page of one with its download and how a stranger verifies it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import refusals
from registry.models import Attachment, User
from registry.views.downloads import saved
from registry.views.paging import page_of
from registry.views.versions import fetched
from reports import actions
from reports.forms import PackForm, ReportForm
from reports.models import Pack
from reports.packs import beside
from reports.packs.actions import may_take, request_wide_pack, require_take
from reports.packs.forms import StampForm, WidePackForm
from reports.views.downloads import download, filename
from reports.views.reports import version_page


def packs(request: HttpRequest) -> HttpResponse:
    """The packs that the reader may see, the newest first, and a form for one of a system, a unit or an engagement."""
    form = WidePackForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(asked, request.user)):
        messages.success(request, _("The pack is queued. It is handed out only once its own verifier accepts it."))
        return redirect(form.result)
    rows = Pack.objects.visible_to(request.user).select_related("system", "of_unit", "version__model", "requested_by")
    context = {
        "title": _("Evidence packs"), "page": page_of(request, rows, by="-created_at"), "form": form,
        "may_request": form.has_subjects,
    }  # fmt: skip
    return refusals.answer(request, "reports/pages/packs.html", context, form)


def asked(actor: User, *, subject: Any, **given: Any) -> Pack:
    """The subject from the form as the action takes it."""
    return request_wide_pack(subject, actor=actor, **given)


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
        "system__unit", "of_unit", "engagement", "version__model", "version__artifact", "blob", "requested_by"
    )
    return get_object_or_404(rows, pk=pk)


def pack(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The progress of a pack, then its download, the key's fingerprint and three commands."""
    return render(request, "reports/pages/pack.html", page_of_pack(request, found_pack(request.user, pk)))


def page_of_pack(request: HttpRequest, found: Pack) -> dict[str, Any]:
    """What the page of a pack shows."""
    may = may_take(request.user, found)
    return {
        "may_take": may, "object": found, "job": found, "filename": filename(found, ending="zip"),
        "signed_apart": settings.SIGN_BY_QUEUE, "beside": Attachment.objects.of(found).select_related("blob") if may else (),
        "stamp_form": StampForm(auto_id="stamp_%s") if may and found.blob else None,
    }  # fmt: skip


@require_POST
def pack_stamp(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what a time authority answered about the pack."""
    found = found_pack(request.user, pk)
    form = StampForm(request.POST, request.FILES, auto_id="stamp_%s")
    if form.carry_out(partial(beside.keep_stamp, found, actor=request.user)):
        messages.success(request, _("The stamp is kept beside the pack."))
        return redirect(found)
    return refusals.answer(
        request, "reports/pages/pack.html", page_of_pack(request, found) | {"stamp_form": form}, form
    )


def pack_beside(request: HttpRequest, pk: UUID, file: UUID) -> FileResponse:
    """A file beside the pack: a second signature, its key, a stamp."""
    found = found_pack(request.user, pk)
    require_take(request.user, found)
    kept = get_object_or_404(Attachment.objects.of(found).select_related("blob"), pk=file)
    return saved(kept.blob, name=kept.name)


def pack_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The pack itself."""
    found = found_pack(request.user, pk)
    require_take(request.user, found)
    return download(request, found, found.blob, ending="zip")
