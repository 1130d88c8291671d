"""REST over predictions, checks, evidence and test plans."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from rai import actions
from rai.actions.plans import TEXTS
from rai.catalogue import CHECKS
from rai.models import CheckRun, Predictions, TestPlan
from rai.reported import Figure, Report, Source
from registry import quotas
from registry.actions.record_checks import run_record_check
from registry.models import Evidence, ModelVersion, User
from registry.parsers import JSONBody
from registry.rest import ScopedViewSet, Strict

VERSION_UNIT = "version__model__system__unit"
VERSIONS = "model__system__unit"


class PredictionsSerializer(serializers.ModelSerializer):
    """An uploaded table and its columns."""

    digest = serializers.CharField(source="blob.digest", read_only=True)

    class Meta:
        model = Predictions
        fields = (
            "id",
            "version",
            "name",
            "role",
            "status",
            "reason",
            "progress",
            "rows",
            "columns",
            "digest",
            "created_at",
        )
        read_only_fields = fields


class PredictionsPayload(Strict):
    """A table to upload, as multipart form data; several parts named `file` are one table."""

    version = serializers.UUIDField()
    file = serializers.ListField(child=serializers.FileField(), min_length=1)
    role = serializers.ChoiceField(["test", "development", "monitoring"], default="test")


class PredictionsViewSet(ScopedViewSet):
    """Predictions: list, one, upload."""

    queryset = Predictions.objects.select_related(VERSION_UNIT, "blob")
    serializer_class = PredictionsSerializer
    unit_path = VERSION_UNIT
    scopes = {"GET": "evidence:read", "POST": "checks:run"}
    parser_classes = (MultiPartParser,)

    @extend_schema(request={"multipart/form-data": PredictionsPayload}, responses={202: PredictionsSerializer})
    def create(self, request: Request) -> Response:
        """Upload a table; a worker reads its columns."""
        given = self.payload(PredictionsPayload)
        version = self.found(ModelVersion, given["version"], VERSIONS, "version")
        quotas.require_upload(request.user)
        files = [(one.name, one.chunks()) for one in given["file"]]
        row = actions.upload_parts(version, files=files, role=given["role"], actor=request.user)
        return self.answer(row, 202)


class CheckRunSerializer(serializers.ModelSerializer):
    """A check that was asked for; `evidence` is there when it finished."""

    class Meta:
        model = CheckRun
        fields = (
            "id", "version", "slug", "predictions", "parameters", "status", "reason", "progress", "message", "attempts",
            "verdict", "evidence", "created_at", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class CheckPayload(Strict):
    """A check to run."""

    version = serializers.UUIDField()
    check_type = serializers.ChoiceField(sorted(CHECKS))
    predictions = serializers.UUIDField()
    parameters = serializers.DictField(default=dict)


class CheckViewSet(ScopedViewSet):
    """Checks: list, one, ask for."""

    queryset = CheckRun.objects.select_related(VERSION_UNIT)
    serializer_class = CheckRunSerializer
    unit_path = VERSION_UNIT
    scopes = {"GET": "evidence:read", "POST": "checks:run"}
    parser_classes = (JSONBody,)

    @extend_schema(request=CheckPayload, responses={202: CheckRunSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a check; a worker runs it."""
        given = self.payload(CheckPayload)
        run = actions.request_check(
            self.found(ModelVersion, given["version"], VERSIONS, "version"), slug=given["check_type"],
            predictions=self.found(Predictions, given["predictions"], VERSION_UNIT, "predictions"),
            parameters=given["parameters"], actor=request.user,
        )  # fmt: skip
        return self.answer(run, 202)

    @extend_schema(request=None, responses={200: CheckRunSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Take back a check that waits or runs; nothing is recorded but that it was cancelled."""
        run = self.get_object()
        self.payload(Strict)
        actions.cancel_check(run, actor=request.user)
        run.refresh_from_db()
        return self.answer(run, 200)


class EvidenceSerializer(serializers.ModelSerializer):
    """Evidence with its outcome."""

    class Meta:
        model = Evidence
        fields = (
            "id", "version", "kind", "check_slug", "shows", "digest", "verdict", "outcome", "effective_at", "valid_until",
            "withdrawn_at", "withdrawn_reason",
        )  # fmt: skip
        read_only_fields = fields


class RecordCheckPayload(Strict):
    """A check of the registry's own records, which needs no table."""

    version = serializers.UUIDField()
    check = serializers.CharField(max_length=60)


class SourcePayload(Strict):
    """Bytes that figures rest on."""

    name = serializers.CharField(max_length=200)
    digest = serializers.CharField(max_length=71)


class FigurePayload(Strict):
    """One figure."""

    metric = serializers.CharField(max_length=80)
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, default=None)
    high = serializers.FloatField(allow_null=True, default=None)
    n = serializers.IntegerField(allow_null=True, default=None)
    group = serializers.DictField(child=serializers.CharField(max_length=200), default=dict)


class ReportedPayload(Strict):
    """Figures that were computed elsewhere."""

    version = serializers.UUIDField()
    shows = serializers.ListField(child=serializers.CharField(max_length=60))
    measured_at = serializers.DateTimeField()
    tool = serializers.CharField(max_length=200)
    inputs = SourcePayload(many=True)
    code = SourcePayload()
    figures = FigurePayload(many=True)


class EvidenceViewSet(ScopedViewSet):
    """Evidence: list, one, and what the records say now."""

    queryset = Evidence.objects.select_related(VERSION_UNIT)
    serializer_class = EvidenceSerializer
    unit_path = VERSION_UNIT
    scopes = {"GET": "evidence:read", "POST": "checks:run"}

    @extend_schema(request=RecordCheckPayload, responses={201: EvidenceSerializer})
    def create(self, request: Request) -> Response:
        """Ask the records about a version; the answer is evidence at once."""
        given, actor = self.payload(RecordCheckPayload), cast(User, request.user)  # a permission saw to it
        version = self.found(ModelVersion, given["version"], VERSIONS, "version")
        return self.answer(run_record_check(version, check=given["check"], actor=actor), 201)

    @extend_schema(request=ReportedPayload, responses={201: EvidenceSerializer})
    @action(detail=False, methods=["post"])
    def reported(self, request: Request) -> Response:
        """Keep figures that a pipeline computed elsewhere; they count as reported and never as measured."""
        given = self.payload(ReportedPayload)
        version = self.found(ModelVersion, given.pop("version"), VERSIONS, "version")
        figures = [Figure(**one) for one in given.pop("figures")]
        sources = {"inputs": [Source(**one) for one in given.pop("inputs")], "code": Source(**given.pop("code"))}
        report = Report(**given, **sources, figures=figures)
        return self.answer(actions.report_figures(version, report=report, actor=request.user), 201)


class PlanSerializer(serializers.ModelSerializer):
    """A revision of a system's test plan."""

    class Meta:
        model = TestPlan
        fields = (
            "id", "system", "revision", "status", "cadence", "days", "looks", "owner", "author", "checks", "limits",
            "guidance", "retraining", *TEXTS, "approved_by", "approved_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class PlanRunPayload(Strict):
    """The table that a plan is run on."""

    predictions = serializers.UUIDField()


class PlanViewSet(ScopedViewSet):
    """Test plans: list, one, run on a table."""

    queryset = TestPlan.objects.select_related("system__unit")
    serializer_class = PlanSerializer
    unit_path = "system__unit"
    scopes = {"GET": "evidence:read", "POST": "checks:run"}
    parser_classes = (JSONBody,)

    @extend_schema(request=PlanRunPayload, responses={202: CheckRunSerializer(many=True)})
    @action(detail=True, methods=["post"])
    def runs(self, request: Request, pk: str) -> Response:
        """Ask for every check that the plan has for the kind of rows of a table."""
        plan, given = self.get_object(), self.payload(PlanRunPayload)
        run = actions.run_plan(
            plan, predictions=self.found(Predictions, given["predictions"], VERSION_UNIT, "predictions"),
            actor=request.user,
        )  # fmt: skip
        return Response(CheckRunSerializer(run.checks.all(), many=True).data, status=202)
