"""REST lists by the list engine: the filters and orders of the pages, and pages by key where `after` is asked for."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.response import Response

from registry.lists import LISTS
from registry.lists.labels import labelled
from registry.lists.reading import Asked
from registry.problems import Page
from registry.views.paging import page_of, turned


class ListFilters(BaseFilterBackend):
    """The filters of the list that a view names in `listed`; a value that means nothing to one of them is refused.

    A page may leave out what it does not understand, since its reader sees the list; a script would take all for some.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        """The rows that pass, in the order that was asked for."""
        if not getattr(view, "listed", "") or view.action != "list":
            return queryset
        entry = labelled(view.listed)
        asked = Asked.by(entry, request.user, request.query_params)
        for one in entry.filters:
            if request.query_params.get(one.name, "").strip() and one.name not in asked.values:
                raise serializers.ValidationError({one.name: [_("This list has nothing of that kind.")]})
        wanted = request.query_params.get("sort", "").removeprefix("-")
        if wanted and wanted not in {column.name for column in entry.columns if column.sorts}:
            raise serializers.ValidationError({"sort": [_("This list is not sorted by that.")]})
        view.order = asked.order
        return asked.narrowed(queryset, entry.filters).order_by(*turned(asked.order))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The filters in the schema."""
        if not getattr(view, "listed", ""):
            return []
        entry = LISTS[view.listed]
        sorts = [sign + column.name for column in entry.columns if column.sorts for sign in ("", "-")]
        found = [parameter(one.name, str(one.label)) for one in entry.filters]
        after = "Pages by key: empty for the first, then the `next` of each answer; no row is skipped or told twice."
        return [*found, parameter("sort", f"One of: {', '.join(sorts)}."), parameter("after", after)]


def parameter(name: str, about: str) -> dict[str, Any]:
    """A text in the address."""
    return {"name": name, "required": False, "in": "query", "description": about, "schema": {"type": "string"}}


class ListPage(Page):
    """Pages by number; by key, without a count, where the address says `after`."""

    keyset: Any = None
    following: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The rows of a page."""
        if "after" not in request.query_params or not getattr(view, "listed", ""):
            return super().paginate_queryset(queryset, request, view)
        self.keyset = page_of(request, queryset, by=view.order, size=self.get_page_size(request) or 50)
        onward = self.keyset.next_url
        self.following = request.build_absolute_uri(request.path + onward) if onward else None
        return list(self.keyset.objects)

    def get_paginated_response(self, data: Any) -> Response:
        """The rows with the way on; a list by key is not counted, since counting reads it all."""
        if self.keyset is None:
            return super().get_paginated_response(data)
        return Response({"next": self.following, "previous": None, "results": data})
