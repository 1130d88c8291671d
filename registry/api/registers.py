"""REST over the registers: entries of every kind, and what kinds there are. Approvals and moves are acts of people on pages."""

from typing import Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import register_approval, registers
from registry.api.scopes import READ, WRITE
from registry.errors import BadInput
from registry.models import RegisterEntry, User
from registry.registers import Kind, kinds
from registry.registers.forms import sheet_form
from registry.registers.values import begun
from registry.rest import ScopedViewSet, Strict


class RegisterEntrySerializer(serializers.ModelSerializer):
    """An entry; `fields` are its values by the names of its kind."""

    # A serializer has an attribute of this name of its own, so the values are put in at the end.
    class Meta:
        model = RegisterEntry
        fields = (
            "id", "kind", "number", "revision", "title", "status", "unit", "system", "model_version", "vendor", "dataset",
            "owner", "author", "due_on", "approved_by", "approved_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: RegisterEntry) -> dict[str, Any]:
        """With the values."""
        return {**super().to_representation(instance), "values": instance.fields}


class KindSerializer(serializers.Serializer):
    """A kind with the names of its fields and its statuses."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.ListField(child=serializers.CharField())
    required = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]
    optional = serializers.ListField(child=serializers.CharField())
    statuses = serializers.ListField(child=serializers.CharField())


class EntryChange(Strict):
    """What is said of an entry; people by address or id, rows by id, lists as lists."""

    title = serializers.CharField(max_length=200, required=False)
    owner = serializers.CharField(required=False)
    due_on = serializers.DateField(required=False)
    status = serializers.CharField(required=False)
    values = serializers.DictField(required=False, default=dict)


class EntryPayload(EntryChange):
    """An entry to write: of which kind, and about what: “organisation”, a short name, or for example `system:` and an id."""

    kind = serializers.CharField()
    about = serializers.CharField()


class EntryViewSet(ScopedViewSet):
    """Entries: list (of one kind by `?kind=`), one, write one, change one, submit one; and the kinds."""

    queryset = RegisterEntry.objects.select_related("unit", "system__unit")
    serializer_class = RegisterEntrySerializer
    unit_path = None
    scopes = {"GET": READ, "POST": WRITE, "PATCH": WRITE}

    def get_queryset(self) -> Any:
        """Of the kind that is asked for."""
        rows, kind = super().get_queryset().filter(kind__in=kinds()), self.request.query_params.get("kind")
        return rows.filter(kind=kind) if kind else rows

    @extend_schema(parameters=[OpenApiParameter("kind", str, description="The name of a kind.")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Entries of all kinds, or of one."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=EntryPayload, responses={201: RegisterEntrySerializer})
    def create(self, request: Request) -> Response:
        """Write an entry."""
        given = self.payload(EntryPayload)
        kind = kinds().get(given.pop("kind"))
        if kind is None:
            raise BadInput(_("There is no register of this name."), field="kind")
        return self.answer(
            registers.add_entry(**self.read(kind, given), kind=kind, actor=cast(User, request.user)), 201
        )

    @extend_schema(request=EntryChange, responses=RegisterEntrySerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an entry; what is not named stays as it is. Of an approved one the next revision is written."""
        row, given = self.get_object(), self.payload(EntryChange)
        said = {name: begun(each, row.fields.get(name)) for name, each in row.of.fields.items() if not each.stamped}
        begins = {"title": row.title, "owner": str(row.owner_id), "due_on": row.due_on, "status": row.status}
        given = {**begins, **given, "values": {**said, **given["values"]}}
        if not row.of.is_edited_freely and given["status"] == row.status:
            del given["status"]
        read = self.read(row.of, given, row)
        return self.answer(registers.edit_entry(row, **read, actor=cast(User, request.user)))

    @extend_schema(request=None, responses=RegisterEntrySerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Submit an entry for approval."""
        self.payload(Strict)
        row = self.get_object()
        register_approval.submit_entry(row, actor=cast(User, request.user))
        row.refresh_from_db()
        return self.answer(row)

    @extend_schema(responses=KindSerializer(many=True))
    @action(detail=False, methods=["get"])
    def kinds(self, request: Request) -> Response:
        """Every kind with its fields."""
        return Response([as_json(kind) for kind in kinds().values()])

    def read(self, kind: Kind, given: dict[str, Any], row: RegisterEntry | None = None) -> dict[str, Any]:
        """The payload through the form of the kind, as a sheet is read; a fault names its field."""
        person = cast(User, self.request.user)
        values = given.pop("values")
        form = sheet_form(kind, person, entry=row)
        unknown = sorted(({*values, *given}) - set(form.fields))
        if unknown:
            raise BadInput(_("This key is not known here."), field=unknown[0])
        form.data, form.is_bound = {"owner": person.email, **given, **values}, True
        if not form.is_valid():
            raise serializers.ValidationError(form.errors)
        return form.cleaned_data


def as_json(kind: Kind) -> dict[str, Any]:
    """A kind as the API tells of it."""
    fields = [each for each in kind.fields.values() if not each.stamped]
    return {
        "name": kind.name, "title": kind.label, "about": list(kind.about), "statuses": list(kind.statuses),
        "required": [each.name for each in fields if each.required],
        "optional": [each.name for each in fields if not each.required],
    }  # fmt: skip
