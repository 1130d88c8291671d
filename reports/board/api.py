"""REST over board packs."""

from django.http import FileResponse
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.models import BusinessUnit
from registry.rest import ScopedViewSet, Strict
from reports import actions
from reports.api import AS, FIELDS, file_as
from reports.models import BoardPack


class BoardPackSerializer(serializers.ModelSerializer):
    """A board pack."""

    class Meta:
        model = BoardPack
        fields = (*(name for name in FIELDS if name not in {"system", "version"}), "of_unit")
        read_only_fields = fields


class BoardPackPayload(Strict):
    """A board pack to build."""

    unit = serializers.UUIDField()
    language = serializers.CharField(default="en")


class BoardPackViewSet(ScopedViewSet):
    """Board packs: list, one, ask for, download in every format. A token needs the scope `incidents:read` to see them."""

    queryset = BoardPack.objects.select_related("of_unit")
    serializer_class = BoardPackSerializer
    unit_path = "of_unit"
    scopes = {"GET": "reports:read", "POST": "reports:read"}

    @extend_schema(request=BoardPackPayload, responses={202: BoardPackSerializer})
    def create(self, request: Request) -> Response:
        """Ask for the board pack of a unit; a worker builds it."""
        given = self.payload(BoardPackPayload)
        unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
        return self.answer(actions.request_board_pack(unit, actor=request.user, **given), 202)

    @extend_schema(parameters=[AS], responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """The file: the PDF, or another format by `?as=`."""
        found = self.get_object()
        response = file_as(found, "board-pack", request.query_params.get("as", "pdf"))
        actions.note_download(found, actor=request.user)
        return response
