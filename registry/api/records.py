"""REST over every list: its rows with the columns of its file, read by the engine of lists and no other way."""

from typing import Any, Final

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.scopes import READ
from registry.lists import LISTS, Listed
from registry.lists.labels import labelled
from registry.lists.reading import completed
from registry.models import BusinessUnit
from registry.rest import ScopedViewSet
from registry.tokens import ScopeAllows

# The scope that a token needs for what is not of the inventory.
SCOPES: Final = {
    "audit_event": "audit:read", "report": "reports:read", "evidence_pack": "reports:read",
    "monitor_observation": "evidence:read",
}  # fmt: skip
# By which foreign keys a row comes to its unit, the nearest first.
HOMES: Final = (
    "unit", "system", "version", "model", "model_version", "dataset", "artifact", "release", "risk", "meeting", "person",
)  # fmt: skip
# Tables whose own `visible_to` asks a token for its unit, since their rows hold for the units below theirs, too.
ASKED: Final = frozenset({"registry.RegisterEntry", "registry.Vendor", "registry.Agreement", "registry.Component",
                          "risk.VendorAssessment", "registry.DataUse", "registry.DataAccess"})  # fmt: skip
ENTITY: Final = OpenApiParameter("entity", str, OpenApiParameter.PATH, description="The name of a record.")


def unit_path(table: Any) -> str | None:
    """The way from a row to its business unit; None where the table itself asks."""
    if table._meta.label in ASKED:
        return None
    if table is BusinessUnit:
        return ""
    keys = {field.name: field.related_model for field in table._meta.concrete_fields if field.is_relation}
    name = next(name for name in HOMES if name in keys)
    return f"{name}__{way}" if (way := unit_path(keys[name])) else name


class RecordSerializer(serializers.Serializer):
    """A row by the names of its columns: `GET records/` says which."""

    id = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Every column of the list, as its file in JSON has them."""
        entry = self.context["view"].entry
        return {"id": str(instance.pk)} | {
            column.name: column.value(instance) for column in entry.columns if column.name != "id"
        }


class RecordViewSet(ScopedViewSet):
    """The rows of one list, with the filters and orders of its page: list, one."""

    queryset = BusinessUnit.objects.all()  # for the schema alone; every request names its list
    serializer_class = RecordSerializer
    scopes = {"GET": READ}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the list and the scope that it needs; who is not known hears nothing of what there is."""
        self.listed = kwargs["entity"]
        self.scopes = {"GET": SCOPES.get(self.listed, READ)}
        super().initial(request, *args, **kwargs)
        if self.listed not in LISTS:
            raise Http404

    @property
    def entry(self) -> Listed:
        """The list, with the labels of this installation."""
        return labelled(self.listed)

    def get_queryset(self) -> Any:
        """The rows that this request may see."""
        if not self.listed:
            return super().get_queryset()
        rows = self.entry.rows(self.request.user)
        return self.scoped(rows, unit_path(self.entry.table))

    def paginate_queryset(self, queryset: Any) -> Any:
        """The rows of a page with what their columns need."""
        return completed(self.entry, list(super().paginate_queryset(queryset)))

    def get_object(self) -> Any:
        """One row with what its columns need."""
        return completed(self.entry, [super().get_object()])[0]

    @extend_schema(parameters=[ENTITY])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Rows of a list, by pages."""
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[ENTITY, OpenApiParameter("id", str, OpenApiParameter.PATH)])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One row of a list."""
        return super().retrieve(request, *args, **kwargs)


class RecordKindSerializer(serializers.Serializer):
    """A list: its name in addresses and its columns."""

    name = serializers.CharField()
    title = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())


class RecordKindViewSet(viewsets.GenericViewSet):
    """Which lists there are."""

    serializer_class = RecordKindSerializer
    permission_classes = (ScopeAllows,)
    scopes = {"GET": READ}

    @extend_schema(operation_id="record_kinds_list", responses=RecordKindSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Every list, with the columns of its rows."""
        found = [
            {"name": name, "title": str(entry.title), "columns": [column.name for column in entry.columns]}
            for name, entry in sorted(LISTS.items())
        ]
        return Response(RecordKindSerializer(found, many=True).data)
