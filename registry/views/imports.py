"""Imports: a sheet is checked, its faults are shown and given back as a sheet, and a faultless one is carried out."""

from collections import defaultdict, namedtuple
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from registry import access, refusals
from registry.actions import imports as actions
from registry.forms.imports import SheetForm
from registry.imports import KINDS, Kind
from registry.imports.told import passed_over
from registry.lists import LISTS, Column
from registry.lists.exports import FORMATS, as_csv_lines
from registry.models import Import

SHOWN = 100
Fault = namedtuple("Fault", ("row", "column", "value", "reason"))
# More rows than these outlast a browser's patience; the command has no such limit.
MOST_ROWS_HERE = 2000


def import_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Give a sheet to be checked."""
    if kind not in KINDS:
        raise Http404
    wanted = KINDS[kind]
    access.require_anywhere(request.user, wanted.action)
    form = SheetForm(request.POST or None, request.FILES or None)

    def check(file: Any) -> Import:
        return actions.check_sheet(wanted, name=file.name, content=file.read(), actor=request.user)

    if request.method == "POST" and form.carry_out(check):
        return redirect(form.result)
    context = {
        "form": form,
        "title": _("Import %s") % wanted.label,
        "submit": _("Check the sheet"),
        "why": _("Nothing is entered yet. You see how many rows are right and what is wrong with the others."),
        "note": wanted.note,
        "columns": columns_of(wanted, request.user),
        "told": told_of(wanted, request.user),
        "parent_label": wanted.label,
        "parent_url": LISTS[kind].url,
        "cancel": LISTS[kind].url,
    }
    return refusals.answer(request, "registry/import_new.html", context, form)


def columns_of(kind: Kind, person: Any) -> list[tuple[str, Any, bool]]:
    """The columns that a sheet may have: name, what it is, and whether it must be filled."""
    return [(name, field.label or "", field.required) for name, field in kind.form(person).fields.items()]


def told_of(kind: Kind, person: Any) -> list[tuple[Any, list[str]]]:
    """The columns of the export that are read past, by why nobody types them."""
    found: dict[Any, list[str]] = defaultdict(list)
    for name, field in passed_over(kind, set(kind.form(person).fields)).items():
        found[field.label].append(name)
    return list(found.items())


def import_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was found in a sheet, and what became of it."""
    found = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    return render(request, "registry/import.html", {
        "object": found,
        "title": found.name,
        "faults": found.faults[:SHOWN],
        "wrong_rows": len({fault["row"] for fault in found.faults}),
        "parent_label": _("Import"),
        "parent_url": reverse("import-new", args=[found.kind]),
        "list_url": LISTS[found.kind].url,
        "may_carry_out": found.status == Import.Status.CHECKED and found.rows <= MOST_ROWS_HERE,
        "is_long": found.status == Import.Status.CHECKED and found.rows > MOST_ROWS_HERE,
    })  # fmt: skip


@require_safe
def import_faults(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The faults as a sheet: row, column, value, reason; as a workbook where the address asks for it."""
    found = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    names = ("row", "column", "value", "reason")
    if request.GET.get("as") == "xlsx":
        media_type, write = FORMATS["xlsx"]
        book = write(
            tuple(Column(name, name) for name in names), [[Fault(**fault) for fault in found.faults]], media_type
        )
        book["Content-Disposition"] = 'attachment; filename="faults.xlsx"'
        return book
    rows = ([fault[name] for name in names] for fault in found.faults)
    answer = StreamingHttpResponse(as_csv_lines(names, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="faults.csv"'
    return answer


@require_POST
def import_carry_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter every row of a sheet without faults."""
    found = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    if actions.carry_out(found, actor=request.user).status == Import.Status.IMPORTED:
        messages.success(request, ngettext("%d row is imported.", "%d rows are imported.", found.rows) % found.rows)
    else:
        messages.error(request, _("Nothing was imported."))
    return redirect(found)
