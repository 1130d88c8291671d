"""Pages of a list by key: the next page starts behind the last row shown, so that no row is skipped or counted."""

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signing import BadSignature, dumps, loads
from django.db.models import Q, QuerySet
from django.http import HttpRequest

SIZE = 50


@dataclass(frozen=True)
class Page:
    """The rows to show and the ways on and back; an empty address means there is none."""

    objects: list[Any]
    next_url: str
    previous_url: str


def page_of(request: HttpRequest, rows: QuerySet, *, by: str, size: int = SIZE) -> Page:
    """One page of the rows ordered by a column that is never null (a leading minus turns it) and then by id."""
    column = by.removeprefix("-")
    sign = "-" if by.startswith("-") else ""
    rows = rows.order_by(by, f"{sign}pk")
    after = cursor(request)
    if after:
        rows = rows.filter(behind(column, after, descending=bool(sign)))
    found = list(rows[: size + 1])
    more = len(found) > size
    last = found[size - 1] if more else None
    return Page(found[:size], address(request, column, last) if last else "", start(request) if after else "")


def behind(column: str, after: list[str], *, descending: bool) -> Q:
    """The rows behind a cursor of value and id."""
    way = "lt" if descending else "gt"
    value, pk = after
    return Q(**{f"{column}__{way}": value}) | Q(**{column: value, f"pk__{way}": pk})


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
