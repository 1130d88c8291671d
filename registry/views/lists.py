"""The page of any declared list, and the list as a file."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import access
from registry.actions import lists as actions
from registry.forms.labels import FilterForm
from registry.imports import KINDS, SHEETS
from registry.lists import LISTS, Column, Filter, Listed
from registry.lists.exports import FORMATS, exported
from registry.lists.filters import COUNTED
from registry.lists.labels import labelled
from registry.lists.reading import Asked, Sight, completed
from registry.models import SavedFilter
from registry.registers import kinds
from registry.registers.reading import tables as stored
from registry.views.paging import Page, page_along, page_of


@dataclass(frozen=True)
class Head:
    """A column's head: its words, how the list is sorted by it now, and what its link asks for."""

    column: Column
    sorted: str
    asks: str


@dataclass(frozen=True)
class Chip:
    """A value of a filter: what the address says, its words, how many rows have it (None: too many to count)."""

    value: str
    label: Any
    number: int | None
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """A filter as the page draws it: with chips, with choices, or to type in."""

    filter: Filter
    value: str
    chips: tuple[Chip, ...]

    @property
    def is_chosen(self) -> bool:
        """It narrows the list now."""
        return bool(self.value)


def page(request: HttpRequest, name: str) -> HttpResponse:
    """A page of the list of this name."""
    entry = labelled(name)
    asked = Asked.by(entry, request.user, request.GET)
    sight = asked.sight()
    found = taken(request, asked, sight)
    completed(entry, found.objects)
    fields = [drawn(asked, sight, one) for one in entry.filters]
    return render(request, "registry/list.html", {
        "title": entry.title,
        "entry": entry,
        "page": found,
        "total": sight.total,
        "most": COUNTED,
        "columns": [column for column in entry.columns if column.on_page],
        "heads": [head(asked, column) for column in entry.columns if column.on_page],
        "rows_of_chips": [one for one in fields if one.filter.column],
        "fields": [one for one in fields if not one.filter.column],
        "is_narrowed": bool(asked.values),
        "sort": request.GET.get("sort", ""),
        "step": first_step(entry, request.user),
        "saved": request.user.saved_filters.filter(list=name),
        "query": query_of(request),
        "imports": name in KINDS and access.may_anywhere(request.user, KINDS[name].action),
        "exports": [(format, export_address(request, name, format)) for format in FORMATS],
    })  # fmt: skip


def taken(request: HttpRequest, asked: Asked, sight: Sight) -> Page:
    """The page of these rows that the address asks for."""
    if sight.total is None:
        return page_along(request, sight.rows, asked.entry.whole, by=asked.order)
    return page_of(request, sight.rows, by=asked.order)


def first_step(entry: Listed, person: Any) -> Any:
    """The button of the list, where this person may press it."""
    step = entry.step
    return step if step and step.is_for(person) else None


def head(asked: Asked, column: Column) -> Head:
    """Ascending first, then turned at each press."""
    if asked.order.removeprefix("-") != (column.path or column.name):
        return Head(column, "none", column.name)
    is_descending = asked.order.startswith("-")
    return Head(column, "descending" if is_descending else "ascending", f"{'' if is_descending else '-'}{column.name}")


def drawn(asked: Asked, sight: Sight, one: Filter) -> Field:
    """A filter with its values; chips that would show nothing are left out unless they are chosen."""
    value = asked.values.get(one.name, "")
    numbers = sight.kinds.get(one.name)
    chips = [
        Chip(choice, label, None if numbers is None else numbers[choice], choice == value)
        for choice, label in (one.choices(asked.person) if one.choices else ())
    ]
    if one.column:
        chips = [chip for chip in chips if chip.number != 0 or chip.is_chosen]
    return Field(one, value, tuple(chips))


def export_address(request: HttpRequest, name: str, format: str) -> str:
    """The list as it is filtered and sorted here, as a file."""
    return f"{reverse('list-export', args=[name, format])}?{query_of(request)}"


def query_of(request: HttpRequest) -> str:
    """The parameters of this list without the place of the page."""
    query = request.GET.copy()
    query.pop("after", None)
    return query.urlencode()


@require_safe
def tables(request: HttpRequest) -> HttpResponse:
    """Every record of the evidence vocabulary as a file, and those that sheets can bring in."""
    names = [*stored(), *kinds()]
    found = [
        (LISTS[name], [(format, reverse("list-export", args=[name, format])) for format in FORMATS],
         imported(name) if access.may_anywhere(request.user, imports_of(name)) else "", note_of(name))
        for name in names
    ]  # fmt: skip
    return render(request, "registry/tables.html", {"title": _("Records as files"), "found": found})


def note_of(name: str) -> Any:
    """What becomes of a row that a sheet brings in."""
    return KINDS[imported(name)].note if imported(name) else ""


def imports_of(name: str) -> str:
    """The right that bringing in such records asks for; one that nobody lacks where there is no sheet."""
    return KINDS[imported(name)].action if imported(name) else access.MODEL_VIEW


def imported(name: str) -> str:
    """The kind of sheet that brings in such records; empty for none."""
    sheet = SHEETS.get(name, name)
    return sheet if sheet in KINDS else ""


@require_safe
def export(request: HttpRequest, name: str, format: str) -> HttpResponseBase:
    """Every row of a list that the reader may see and that passes the filters of the address."""
    if name not in LISTS or format not in FORMATS:
        raise Http404
    return exported(Asked.by(labelled(name), request.user, request.GET), format, actor=request.user)


@require_POST
def filter_keep(request: HttpRequest, name: str) -> HttpResponse:
    """Keep this list as it is filtered and sorted now, under a name."""
    if name not in LISTS:
        raise Http404
    form = FilterForm(request.POST)
    if form.carry_out(partial(actions.keep_filter, name, actor=request.user)):
        messages.success(request, _("The filter is kept."))
        return redirect(f"{LISTS[name].url}?{form.result.query}")
    messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    return redirect(LISTS[name].url)


@require_POST
def filter_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a kept filter."""
    kept = get_object_or_404(SavedFilter, pk=pk, person__pk=request.user.pk)
    actions.drop_filter(kept, actor=request.user)
    return redirect(LISTS[kept.list].url if kept.list in LISTS else "home")
