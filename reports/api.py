"""REST over reports and evidence packs."""

from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.errors import BadInput
from registry.models import AISystem, Blob, BusinessUnit, JobStatus, ModelVersion, RoleAssignment
from registry.rest import ScopedViewSet, Strict
from reports import actions
from reports.catalogue import ON_UNITS, ON_VERSIONS
from reports.formats import FORMATS, kept
from reports.models import Filed, Pack, Report
from reports.packs.actions import request_wide_pack, require_take
from risk.models import Assessment, Incident

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


AS = OpenApiParameter("as", str, enum=["pdf", "json", *FORMATS], default="pdf", description="Format of the file.")


def file_of(document: Filed, name: str) -> FileResponse:
    """The finished file as a download; a conflict while it is being built."""
    return as_download(document, document.blob, name)


def file_as(document: Any, name: str, form: str) -> FileResponse:
    """The file of a document in a format: the PDF, its data, or one of those kept beside it."""
    if form not in ("pdf", "json", *FORMATS):
        raise BadInput(_("There is no format “%s”.") % form, field="as")
    found = (
        {"pdf": document.blob, "json": document.data}.get(form) if form in {"pdf", "json"} else kept(document).get(form)
    )
    return as_download(document, found, f"{name}.{form}")


def as_download(document: Filed, blob: Blob | None, name: str) -> FileResponse:
    """A file that a browser saves and never opens."""
    if document.status != JobStatus.FINISHED or blob is None:
        raise serializers.ValidationError(f"It is {document.status}; ask again when it is finished.")
    response = FileResponse(blob.path.open("rb"), as_attachment=True, filename=name, content_type=blob.media_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class ReportSerializer(serializers.ModelSerializer):
    """A report."""

    class Meta:
        model = Report
        fields = (*FIELDS, "kind", "framework", "of_unit", "subject_id")
        read_only_fields = fields


# What a report may be of beside a version: the key of the payload, the table, and the way to its unit.
ROWS = {"assessment": (Assessment, SYSTEM_UNIT), "incident": (Incident, SYSTEM_UNIT)}


class ReportPayload(Strict):
    """A report to build, on exactly one of a version, a unit, an assessment and an incident; the last two have one kind each."""

    version = serializers.UUIDField(required=False)
    unit = serializers.UUIDField(required=False)
    assessment = serializers.UUIDField(required=False)
    incident = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(sorted(ON_VERSIONS | ON_UNITS), required=False)
    language = serializers.CharField(default="en")

    def validate(self, attrs: Any) -> Any:
        """One subject; a kind with a version alone."""
        named = [key for key in ("version", "unit", *ROWS) if key in attrs]
        if len(named) != 1 or ("kind" in attrs and named[0] in ROWS):
            raise serializers.ValidationError(
                _("Name one of version, unit, assessment and incident; a kind goes with a version or a unit alone.")
            )
        return attrs


class ReportViewSet(ScopedViewSet):
    """Reports: list, one, ask for, download in every format. Of reports on units a token sees those whose incidents it may read."""

    queryset = Report.objects.select_related(SYSTEM_UNIT, "of_unit")
    serializer_class = ReportSerializer
    unit_path = None
    scopes = {"GET": "reports:read", "POST": "reports:read"}

    @extend_schema(request=ReportPayload, responses={202: ReportSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a report; a worker builds it."""
        given = self.payload(ReportPayload)
        for key, (model, unit_path) in ROWS.items():
            if key in given:
                row = self.found(model, given.pop(key), unit_path, key)
                return self.answer(actions.request_report_on(row, actor=request.user, **given), 202)
        if "unit" in given:
            unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
            return self.answer(actions.request_report_of_unit(unit, actor=request.user, **given), 202)
        version = self.found(ModelVersion, given.pop("version"), "model__system__unit", "version")
        kind = given.pop("kind", "compliance")
        return self.answer(actions.request_report(version, kind=kind, actor=request.user, **given), 202)

    @extend_schema(parameters=[AS], responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """The file: the PDF, or another format by `?as=`."""
        report = self.get_object()
        response = file_as(report, "report", request.query_params.get("as", "pdf"))
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
