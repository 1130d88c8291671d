"""Board packs: the list with a request, and the page of one with its downloads."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from registry import refusals
from registry.models import User
from registry.views.paging import page_of
from reports import actions
from reports.formats import kept
from reports.forms import BoardPackForm
from reports.models import BoardPack
from reports.views.downloads import buttons, download


def board_packs(request: HttpRequest) -> HttpResponse:
    """The board packs that the reader may see, and a form for one more."""
    form = BoardPackForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(asked, request.user)):
        messages.success(request, _("The board pack is queued. You may leave this page; it will stand in the list."))
        return redirect(form.result)
    rows = BoardPack.objects.visible_to(request.user).select_related("of_unit", "requested_by")
    context = {
        "title": _("Board packs"),
        "page": page_of(request, rows, by="-created_at"),
        "form": form,
        "may_request": form.has_units,
    }
    return refusals.answer(request, "reports/pages/board_packs.html", context, form)


def asked(actor: User, *, unit: Any, language: str) -> BoardPack:
    """The unit from the form as the action takes it."""
    return actions.request_board_pack(unit, language=language, actor=actor)


def found_pack(person: User, pk: UUID) -> BoardPack:
    """The board pack with what its page names, or 404."""
    rows = BoardPack.objects.visible_to(person).select_related("of_unit", "blob", "data", "requested_by")
    return get_object_or_404(rows, pk=pk)


def board_pack(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The progress of a board pack, then its downloads, digest and code."""
    found = found_pack(request.user, pk)
    context = {
        "object": found, "job": found, "title": _("Board pack of %s") % found, "files": buttons(found, "board-pack")
    }  # fmt: skip
    return render(request, "reports/pages/board_pack.html", context)


def board_pack_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The PDF."""
    found = found_pack(request.user, pk)
    return download(request, found, found.blob, ending="pdf")


def board_pack_data(request: HttpRequest, pk: UUID) -> FileResponse:
    """The data that the PDF prints, as JSON."""
    found = found_pack(request.user, pk)
    return download(request, found, found.data, ending="json")


def board_pack_format(request: HttpRequest, pk: UUID, form: str) -> FileResponse:
    """The board pack in another format."""
    found = found_pack(request.user, pk)
    return download(request, found, kept(found).get(form), ending=form)
