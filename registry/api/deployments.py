"""The API of what runs: start, change of place, fall-back, and reports on the bytes that are served."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import serving
from registry.actions import deployments, observing, rollouts
from registry.api.scopes import READ, REPORT, ReasonPayload
from registry.models import Deployment, RolloutStep
from registry.rest import ScopedViewSet, Strict


class QuotaSerializer(serializers.Serializer):
    """A consumer of a shared resource and its quota."""

    consumer = serializers.CharField(max_length=200)
    limit = serializers.CharField(max_length=200)


class RolloutStepSerializer(serializers.ModelSerializer):
    """A step of a roll-out."""

    class Meta:
        model = RolloutStep
        fields = ("id", "number", "share", "days", "person", "reason", "created_at", "halted_at", "halted_because")
        read_only_fields = fields


class DeploymentSerializer(serializers.ModelSerializer):
    """A deployment; `owners` are its own or, where none is named, its system's."""

    quotas = QuotaSerializer(many=True, read_only=True)
    owners = serializers.SerializerMethodField()
    is_drifting = serializers.SerializerMethodField()
    rollout_steps = RolloutStepSerializer(many=True, read_only=True)

    class Meta:
        model = Deployment
        fields = (
            "id", "release", "environment", "region", "residency", "failover_region", "redundancy", "endpoint",
            "business_owner", "technical_owner", "owners", "rate_limit", "quotas", "log_store", "log_write_once",
            "write_once_verified_at", "observed_digests", "observed_at", "drift_since", "is_drifting", "replaces",
            "status", "started_at", "ended_at", "rollout_steps",
        )  # fmt: skip
        read_only_fields = fields

    def get_owners(self, row: Deployment) -> dict[str, str]:
        """Who answers for its use and for its build."""
        business, technical = row.owners
        return {"business": str(business.pk), "technical": str(technical.pk)}

    def get_is_drifting(self, row: Deployment) -> bool:
        """It serves other bytes than were released."""
        return row.drift_since is not None


class DeploymentPayload(Strict):
    """A deployment to start."""

    environment = serializers.ChoiceField(Deployment.Environment.choices)
    region = serializers.CharField(max_length=60)
    endpoint = serializers.CharField(max_length=255, required=False)
    residency = serializers.CharField(max_length=120, required=False)
    failover_region = serializers.CharField(max_length=60, required=False)
    redundancy = serializers.CharField(max_length=200, required=False)
    rate_limit = serializers.CharField(max_length=120, required=False)
    quotas = QuotaSerializer(many=True, required=False)
    log_store = serializers.CharField(max_length=200, required=False)
    log_write_once = serializers.BooleanField(required=False)


class RedeployPayload(ReasonPayload):
    """Where the release starts anew; what is left out stays as it is."""

    environment = serializers.ChoiceField(Deployment.Environment.choices, required=False)
    region = serializers.CharField(max_length=60, required=False)
    endpoint = serializers.CharField(max_length=255, required=False)


class ObservedPayload(Strict):
    """The digests that an instance serves."""

    digests = serializers.ListField(child=serializers.CharField(max_length=100), max_length=observing.MOST_DIGESTS)
    note = serializers.CharField(max_length=200, required=False)


class ObservedSerializer(serializers.Serializer):
    """Whether it serves what was released."""

    matches = serializers.BooleanField(help_text="No digest was named that the release does not have.")
    strange = serializers.ListField(child=serializers.CharField(), help_text="Digests that the release does not have.")
    unseen = serializers.ListField(child=serializers.CharField(), help_text="Parts that were not named.")
    drift_since = serializers.DateTimeField(allow_null=True)


class DeploymentViewSet(ScopedViewSet):
    """Deployments: list, one, report what is served, redeploy, fall back, steps. To tokens only the report is open."""

    queryset = Deployment.objects.select_related(
        "release__system__unit", "release__system__business_owner", "release__system__technical_owner",
        "business_owner", "technical_owner",
    ).prefetch_related("rollout_steps")  # fmt: skip
    serializer_class = DeploymentSerializer
    listed = "deployments"
    unit_path = "release__system__unit"
    scopes = {"GET": READ, "POST": REPORT}

    @extend_schema(request=ObservedPayload, responses=ObservedSerializer)
    @action(detail=True, methods=["post"])
    def observed(self, request: Request, pk: str) -> Response:
        """Compare the digests that it serves with the release; a difference raises an alarm."""
        found, given = self.get_object(), self.payload(ObservedPayload)
        row = observing.report_observed(found, actor=request.user, **given)
        strange = serving.strange(row, row.observed_digests)
        return Response({
            "matches": not strange, "strange": strange, "unseen": serving.unseen(row, row.observed_digests),
            "drift_since": row.drift_since,
        })  # fmt: skip

    @extend_schema(request=RedeployPayload, responses={201: DeploymentSerializer})
    @action(detail=True, methods=["post"])
    def redeploy(self, request: Request, pk: str) -> Response:
        """Start the same release anew, here or elsewhere. Closed to tokens."""
        row = deployments.redeploy(self.get_object(), actor=request.user, **self.payload(RedeployPayload))
        return self.answer(row, 201)

    @extend_schema(request=ReasonPayload, responses={201: DeploymentSerializer})
    @action(detail=True, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Request, pk: str) -> Response:
        """Stop it and start the release to fall back to in its place. Closed to tokens."""
        return self.answer(
            deployments.roll_back(self.get_object(), actor=request.user, **self.payload(ReasonPayload)), 201
        )

    @extend_schema(request=ReasonPayload, responses={201: RolloutStepSerializer})
    @action(detail=True, methods=["post"])
    def step(self, request: Request, pk: str) -> Response:
        """Begin the next step of its roll-out, or go on after a stop. Closed to tokens."""
        row = rollouts.begin_step(self.get_object(), actor=request.user, **self.payload(ReasonPayload))
        return Response(RolloutStepSerializer(row).data, status=201)

    @extend_schema(request=ReasonPayload, responses=RolloutStepSerializer)
    @action(detail=True, methods=["post"])
    def halt(self, request: Request, pk: str) -> Response:
        """Stop its roll-out. Closed to tokens."""
        row = rollouts.halt_rollout(self.get_object(), actor=request.user, **self.payload(ReasonPayload))
        return Response(RolloutStepSerializer(row).data)
