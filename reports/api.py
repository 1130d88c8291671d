"""REST over reports and evidence packs."""

from django.http import FileResponse
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import access
from registry.models import JobStatus, ModelVersion
from registry.rest import ScopedViewSet, Strict
from reports import actions
from reports.catalogue import REPORTS
from reports.models import Document, Pack, Report

SYSTEM_UNIT = "system__unit"
FIELDS = (
    "id",
    "system",
    "version",
    "language",
    "status",
    "reason",
    "progress",
    "as_of",
    "code",
    "created_at",
    "finished_at",
)


def file_of(document: Document, name: str) -> FileResponse:
    """The finished file as a download; a conflict while it is being built."""
    if document.status != JobStatus.FINISHED or document.blob is None:
        raise serializers.ValidationError(f"It is {document.status}; ask again when it is finished.")
    response = FileResponse(
        document.blob.path.open("rb"), as_attachment=True, filename=name, content_type=document.blob.media_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class ReportSerializer(serializers.ModelSerializer):
    """A report."""

    class Meta:
        model = Report
        fields = (*FIELDS, "kind", "framework")
        read_only_fields = fields


class ReportPayload(Strict):
    """A report to build."""

    version = serializers.UUIDField()
    kind = serializers.ChoiceField(sorted(REPORTS), default="compliance")
    language = serializers.CharField(default="en")


class ReportViewSet(ScopedViewSet):
    """Reports: list, one, ask for, download."""

    queryset = Report.objects.select_related(SYSTEM_UNIT)
    serializer_class = ReportSerializer
    unit_path = SYSTEM_UNIT
    scopes = {"GET": "reports:read", "POST": "reports:read"}

    @extend_schema(request=ReportPayload, responses={202: ReportSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a report; a worker builds it."""
        given = self.payload(ReportPayload)
        version = self.found(ModelVersion, given.pop("version"), "model__system__unit", "version")
        return self.answer(actions.request_report(version, actor=request.user, **given), 202)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """The PDF."""
        report = self.get_object()
        response = file_of(report, "report.pdf")
        actions.note_download(report, actor=request.user)
        return response


class PackSerializer(serializers.ModelSerializer):
    """An evidence pack."""

    class Meta:
        model = Pack
        fields = (*FIELDS, "key_fingerprint")
        read_only_fields = fields


class PackPayload(Strict):
    """A pack to build."""

    version = serializers.UUIDField()
    language = serializers.CharField(default="en")


class PackViewSet(ScopedViewSet):
    """Packs: list, one, ask for, download; every download is logged."""

    queryset = Pack.objects.select_related(SYSTEM_UNIT)
    serializer_class = PackSerializer
    unit_path = SYSTEM_UNIT
    scopes = {"GET": "reports:read", "POST": "reports:read"}

    @extend_schema(request=PackPayload, responses={202: PackSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a pack; a worker builds it."""
        given = self.payload(PackPayload)
        version = self.found(ModelVersion, given.pop("version"), "model__system__unit", "version")
        return self.answer(actions.request_pack(version, actor=request.user, **given), 202)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """The ZIP, for those who may take a pack."""
        pack = self.get_object()
        access.require(request.user, access.PACK_GENERATE, pack)
        response = file_of(pack, "evidence-pack.zip")
        actions.note_download(pack, actor=request.user)
        return response
