"""REST over predictions, checks, evidence and test plans."""

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
from registry import quotas
from registry.models import Evidence, ModelVersion
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
    """A table to upload, as multipart form data."""

    version = serializers.UUIDField()
    file = serializers.FileField()
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
        row = actions.upload_predictions(
            version, content=given["file"].chunks(), name=given["file"].name, role=given["role"], actor=request.user
        )
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


class EvidenceSerializer(serializers.ModelSerializer):
    """Evidence with its outcome."""

    class Meta:
        model = Evidence
        fields = (
            "id", "version", "kind", "check_slug", "shows", "digest", "verdict", "outcome", "effective_at", "valid_until",
            "withdrawn_at", "withdrawn_reason",
        )  # fmt: skip
        read_only_fields = fields


class EvidenceViewSet(ScopedViewSet):
    """Evidence: list, one."""

    queryset = Evidence.objects.select_related(VERSION_UNIT)
    serializer_class = EvidenceSerializer
    unit_path = VERSION_UNIT
    scopes = {"GET": "evidence:read"}


class PlanSerializer(serializers.ModelSerializer):
    """A revision of a system's test plan."""

    class Meta:
        model = TestPlan
        fields = (
            "id", "system", "revision", "status", "cadence", "days", "looks", "owner", "author", "checks", "limits",
            "guidance", *TEXTS, "approved_by", "approved_at", "created_at",
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
        given = self.payload(PlanRunPayload)
        run = actions.run_plan(
            self.get_object(), predictions=self.found(Predictions, given["predictions"], VERSION_UNIT, "predictions"),
            actor=request.user,
        )  # fmt: skip
        return Response(CheckRunSerializer(run.checks.all(), many=True).data, status=202)
