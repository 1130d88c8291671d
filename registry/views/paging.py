"""Pages of a list by key: the next page starts behind the last row shown, so that no row is skipped or counted."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signing import BadSignature, dumps, loads
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest

SIZE = 50
Whole = Callable[[list[Any]], QuerySet]
# So many rows of a long list are looked at first, and at most, before all that fit are sorted.
FIRST_PART, LONGEST_PART = 2 * SIZE, 20 * SIZE


@dataclass(frozen=True)
class Page:
    """The rows to show and the ways on and back; an empty address means there is none."""

    objects: list[Any]
    next_url: str
    previous_url: str


def page_of(request: HttpRequest, rows: QuerySet, *, by: str, size: int = SIZE) -> Page:
    """One page of the rows ordered by a column that is never null (a leading minus turns it) and then by id."""
    rows = onward(rows.order_by(*turned(by)), by, cursor(request))
    return cut(request, list(rows[: size + 1]), by.removeprefix("-"), size)


def page_along(request: HttpRequest, rows: QuerySet, whole: Whole, *, by: str, size: int = SIZE) -> Page:
    """A page of very many rows: their ids first, then by `whole` the few rows with all that is shown of them.

    The ids are taken along the index of their order while enough of those met fit, part by part, so that no database
    chooses to sort all of them instead. A first part shows how many fit: from that follows how far to look, and where
    it would be too far, all that fit are sorted.
    """
    fitting = onward(rows.select_related(None).order_by(*turned(by)), by, cursor(request)).values_list("pk", flat=True)
    keys = onward(rows.model._base_manager.order_by(*turned(by)), by, cursor(request)).values("pk")
    part, found = FIRST_PART, list[Any]()
    while part <= LONGEST_PART and len(found) <= size:
        found = list(fitting.filter(pk__in=keys[:part])[: size + 1])
        part = part * size * 3 // (2 * len(found)) if found else LONGEST_PART + 1
    if len(found) <= size:
        found = list(fitting.order_by(*aside(by))[: size + 1])
    return cut(request, list(whole(found).order_by(*turned(by))), by.removeprefix("-"), size)


def onward(rows: QuerySet, by: str, after: list[Any] | None) -> QuerySet:
    """The rows behind a cursor, or all where there is none."""
    return rows.filter(behind(by.removeprefix("-"), after, descending=by.startswith("-"))) if after else rows


def turned(by: str) -> tuple[str, str]:
    """The order by a column, and by id in the same direction."""
    return by, f"{'-' if by.startswith('-') else ''}pk"


def aside(by: str) -> tuple[Any, str]:
    """The same order, said so that PostgreSQL does not walk along its index to find the few rows that fit.

    SQLite does not, and would lose the way to the rows behind a cursor.
    """
    if connection.vendor != "postgresql":
        return turned(by)
    column = by.removeprefix("-")
    value = Coalesce(column, column)
    return (value.desc() if by.startswith("-") else value.asc()), turned(by)[1]


def cut(request: HttpRequest, found: list[Any], column: str, size: int) -> Page:
    """The rows of a page, of which one more was looked for, with the ways on and back."""
    last = found[size - 1] if len(found) > size else None
    following = address(request, column, last) if last else ""
    return Page(found[:size], following, start(request) if cursor(request) else "")


def behind(column: str, after: list[Any], *, descending: bool) -> Q:
    """The rows behind a cursor of value and id; said so that an index of both leads straight to the first of them."""
    way = "lt" if descending else "gt"
    value, pk = after
    return Q(**{f"{column}__{way}e": value}) & (Q(**{f"{column}__{way}": value}) | Q(**{f"pk__{way}": pk}))


def cursor(request: HttpRequest) -> list[str] | None:
    """Value and id of the last row of the page before; one that was tampered with leads to the first page."""
    try:
        return list(loads(request.GET["after"], salt="page"))
    except (KeyError, BadSignature, ValidationError, ValueError):
        return None


def address(request: HttpRequest, column: str, last: Any) -> str:
    """This page's address with the cursor of its last row."""
    value = last
    for step in column.split("__"):
        value = getattr(value, step)
    query = request.GET.copy()
    query["after"] = dumps(json.loads(json.dumps([value, last.pk], cls=ExactEncoder)), salt="page")
    return f"?{query.urlencode()}"


def start(request: HttpRequest) -> str:
    """The address of the first page with the same filters."""
    query = request.GET.copy()
    query.pop("after")
    return f"?{query.urlencode()}"


class ExactEncoder(DjangoJSONEncoder):
    """Keeps the microseconds that Django's encoder cuts: without them a row could be shown twice."""

    def default(self, value: Any) -> Any:
        return value.isoformat() if hasattr(value, "isoformat") else super().default(value)
