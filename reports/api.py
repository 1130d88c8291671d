"""REST over reports and evidence packs."""

from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.models import AISystem, BusinessUnit, JobStatus, ModelVersion, RoleAssignment
from registry.rest import ScopedViewSet, Strict
from reports import actions
from reports.catalogue import REPORTS
from reports.models import Document, Pack, Report
from reports.packs.actions import request_wide_pack, require_take

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
        fields = (*FIELDS, "of_unit", "engagement", "since", "until", "shows_people", "key_fingerprint")
        read_only_fields = fields


# What a pack may be of: the key of the payload, the table, and the way to its unit.
SUBJECTS = {
    "version": (ModelVersion, "model__system__unit"),
    "system": (AISystem, "unit"),
    "unit": (BusinessUnit, ""),
    "engagement": (RoleAssignment, "unit"),
}


class PackPayload(Strict):
    """A pack to build, of a version, a system, a unit or an engagement: exactly one of them. A version has no period."""

    version = serializers.UUIDField(required=False)
    system = serializers.UUIDField(required=False)
    unit = serializers.UUIDField(required=False)
    engagement = serializers.UUIDField(required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    shows_people = serializers.BooleanField(required=False)
    language = serializers.CharField(default="en")

    def validate(self, attrs: Any) -> Any:
        """One subject, and of a version nothing that belongs to the others."""
        named = [key for key in SUBJECTS if key in attrs]
        wider = attrs.keys() & {"since", "until", "shows_people"}
        if len(named) != 1 or (named == ["version"] and wider):
            raise serializers.ValidationError(
                _("Name one of version, system, unit and engagement; a pack of a version takes no period.")
            )
        return attrs


class PackViewSet(ScopedViewSet):
    """Packs: list, one, ask for, download; every download is logged."""

    queryset = Pack.objects.select_related(SYSTEM_UNIT, "of_unit")
    serializer_class = PackSerializer
    unit_path = None
    scopes = {"GET": "reports:read", "POST": "reports:read"}

    @extend_schema(request=PackPayload, responses={202: PackSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a pack; a worker builds it."""
        given = self.payload(PackPayload)
        key = next(name for name in SUBJECTS if name in given)
        subject = self.found(SUBJECTS[key][0], given.pop(key), SUBJECTS[key][1], key)
        ask = actions.request_pack if key == "version" else request_wide_pack
        return self.answer(ask(subject, actor=request.user, **given), 202)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """The ZIP, for those who may take a pack."""
        pack = self.get_object()
        require_take(request.user, pack)
        response = file_of(pack, "evidence-pack.zip")
        actions.note_download(pack, actor=request.user)
        return response
