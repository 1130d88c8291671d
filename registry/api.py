"""REST over the inventory, cards, reviews and releases."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import cards, gates, quotas, release_gates
from registry.actions import cards as card_actions, deployments, endings, inventory, releases, reviews
from registry.as_of_api import AsOf
from registry.models import (
    AISystem,
    BusinessUnit,
    Deployment,
    Model,
    ModelVersion,
    Release,
    Review,
    SignOff,
    Tier,
    User,
)
from registry.rest import ScopedViewSet, Strict

READ, WRITE = "models:read", "models:write"
FLAGS = (
    "is_generative", "is_agentic", "has_vendor_component", "processes_personal_data", "affects_people",
    "interacts_with_people",
)  # fmt: skip


class SystemSerializer(serializers.ModelSerializer):
    """A system."""

    class Meta:
        model = AISystem
        fields = (
            "id", "unit", "name", "slug", "purpose", "business_owner", "technical_owner", "risk_tier",
            "lifecycle_stage", "intended_uses", "out_of_scope_uses", *FLAGS, "created_at",
        )  # fmt: skip
        read_only_fields = fields


class SystemPayload(Strict):
    """A system to register."""

    unit = serializers.UUIDField()
    name = serializers.CharField(max_length=160)
    purpose = serializers.CharField()
    business_owner = serializers.EmailField()
    technical_owner = serializers.EmailField()
    risk_tier = serializers.ChoiceField(Tier.choices)
    intended_uses = serializers.CharField(required=False)
    out_of_scope_uses = serializers.CharField(required=False)
    is_generative = serializers.BooleanField(required=False)
    is_agentic = serializers.BooleanField(required=False)
    has_vendor_component = serializers.BooleanField(required=False)
    processes_personal_data = serializers.BooleanField(required=False)
    affects_people = serializers.BooleanField(required=False)
    interacts_with_people = serializers.BooleanField(required=False)


class SystemViewSet(ScopedViewSet):
    """Systems: list, one, register."""

    queryset = AISystem.objects.select_related("unit")
    serializer_class = SystemSerializer
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=SystemPayload, responses={201: SystemSerializer})
    def create(self, request: Request) -> Response:
        """Register a system; owners are named by their e-mail addresses."""
        given = self.payload(SystemPayload)
        unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
        owners = {name: owner_named(given.pop(name), name) for name in ("business_owner", "technical_owner")}
        system = inventory.register_system(unit, actor=request.user, **owners, **given)
        return self.answer(system, 201)


def owner_named(email: str, field: str) -> User:
    """An active person by e-mail address."""
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise serializers.ValidationError({field: [f"No active person has the address {email}."]})
    return person


class ModelSerializer(serializers.ModelSerializer):
    """A model."""

    class Meta:
        model = Model
        fields = ("id", "system", "name", "slug", "created_at")
        read_only_fields = fields


class ModelPayload(Strict):
    """A model to register."""

    system = serializers.UUIDField()
    name = serializers.CharField(max_length=160)


class ModelViewSet(ScopedViewSet):
    """Models: list, one, register."""

    queryset = Model.objects.select_related("system__unit")
    serializer_class = ModelSerializer
    unit_path = "system__unit"
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=ModelPayload, responses={201: ModelSerializer})
    def create(self, request: Request) -> Response:
        """Register a model at its home system."""
        given = self.payload(ModelPayload)
        system = self.found(AISystem, given["system"], "unit", "system")
        return self.answer(inventory.register_model(system, name=given["name"], actor=request.user), 201)


class VersionSerializer(serializers.ModelSerializer):
    """A version; `artifact_hash` is its identity."""

    artifact_hash = serializers.CharField(read_only=True)

    class Meta:
        model = ModelVersion
        fields = (
            "id", "model", "version", "status", "artifact_hash", "artifact_name", "change_note", "provider", "base_model",
            "training_run", "deprecation_date", "retirement_date", "successor", "registered_by", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class VersionPayload(Strict):
    """A version to register, as multipart form data with the artefact's bytes."""

    model = serializers.UUIDField()
    version = serializers.CharField(max_length=60)
    artifact = serializers.FileField()
    change_note = serializers.CharField(required=False)
    provider = serializers.CharField(required=False)
    base_model = serializers.CharField(required=False)
    training_run = serializers.CharField(required=False)
    deprecation_date = serializers.DateField(required=False)
    retirement_date = serializers.DateField(required=False)


CARD_SCHEMA = {"application/json": {"type": "object", "additionalProperties": {"type": "string"}}}


def texts(data: Any) -> dict[str, str]:
    """The card's texts by their field ids from a body; anything but a text is refused at its field."""
    wrong = [name for name, value in data.items() if not isinstance(value, str)] if isinstance(data, dict) else []
    if wrong:
        raise serializers.ValidationError({wrong[0]: [_("A text is wanted here.")]})
    return serializers.DictField(child=serializers.CharField(allow_blank=True)).run_validation(data)


class SubmitPayload(Strict):
    """What goes with a submission."""

    notes = serializers.CharField()


class ReasonPayload(Strict):
    """Why a release is published now, or a version is taken out of use."""

    reason = serializers.CharField()


class GateSerializer(serializers.Serializer):
    """A gate's answer."""

    gate = serializers.CharField()
    title = serializers.CharField()
    result = serializers.ChoiceField([gates.PASSED, gates.FAILED, gates.WAIVED, gates.INSUFFICIENT])
    reason = serializers.CharField()


class GatesSerializer(serializers.Serializer):
    """Whether a version may be released, and every reason."""

    open = serializers.BooleanField()
    gates = GateSerializer(many=True)


class ReviewSerializer(serializers.ModelSerializer):
    """A review; a decision must carry its `subject_digest`."""

    version = serializers.UUIDField(source="release.version_id", read_only=True)

    class Meta:
        model = Review
        fields = (
            "id", "release", "version", "status", "round", "policy_digest", "subject_digest", "due_on", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class VersionViewSet(AsOf, ScopedViewSet):
    """Versions: list, one, register, card, gates, submission, and as they were on a day."""

    queryset = ModelVersion.objects.select_related("model__system__unit", "artifact")
    serializer_class = VersionSerializer
    unit_path = "model__system__unit"
    scopes = {"GET": READ, "POST": WRITE, "PUT": WRITE}

    @extend_schema(request={"multipart/form-data": VersionPayload}, responses={201: VersionSerializer})
    def create(self, request: Request) -> Response:
        """Register a version with its artefact's bytes."""
        given = self.payload(VersionPayload)
        model = self.found(Model, given.pop("model"), "system__unit", "model")
        file = given.pop("artifact")
        quotas.require_upload(request.user)
        version = inventory.register_version(
            model, artifact=file.chunks(), artifact_name=file.name, actor=request.user, **given
        )
        return self.answer(version, 201)

    @extend_schema(responses=GatesSerializer)
    @action(detail=True, methods=["get"])
    def gate(self, request: Request, pk: str) -> Response:
        """May it be released? Every gate with its reason."""
        found = gates.evaluate(release_gates.preview(self.get_object()))
        return Response({"open": all(row.is_open for row in found), "gates": [row.as_json() for row in found]})

    @extend_schema(request=CARD_SCHEMA, responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get", "put"])
    def card(self, request: Request, pk: str) -> Response:
        """The model card: read it, or write fields of it by their ids."""
        version = self.get_object()
        if request.method == "PUT":
            card_actions.save_card(version, fields=texts(request.data), actor=request.user)
        found = cards.values(version, version.card)
        return Response({
            "revision": version.card.number if version.card else 0,
            "share": cards.completeness(version, version.card).share,
            "fields": {value.field.id: value.text for value in found},
        })  # fmt: skip

    @extend_schema(request=SubmitPayload, responses={201: ReviewSerializer})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Put the version before its reviewers."""
        version, notes = self.get_object(), self.payload(SubmitPayload)["notes"]
        review = releases.submit_for_review(version, notes=notes, actor=request.user)
        return Response(ReviewSerializer(review).data, status=201)

    @extend_schema(request=ReasonPayload, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, pk: str) -> Response:
        """Take a published version out of use until it is decided on anew. Closed to tokens."""
        return self.ended(endings.suspend)

    @extend_schema(request=ReasonPayload, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def deprecate(self, request: Request, pk: str) -> Response:
        """Say that a published version should no longer be chosen. Closed to tokens."""
        return self.ended(endings.deprecate)

    @extend_schema(request=ReasonPayload, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """End a version for good. Closed to tokens."""
        return self.ended(endings.retire)

    def ended(self, act: Callable[..., None]) -> Response:
        """The version after one of its ends; 404 where it has no release that could end."""
        version = self.get_object()
        release = version.release
        if release is None:
            raise Http404
        act(release, actor=self.request.user, **self.payload(ReasonPayload))
        version.refresh_from_db()
        return self.answer(version)


class SignOffPayload(Strict):
    """A decision, bound to the digest that was shown."""

    duty = serializers.CharField()
    decision = serializers.ChoiceField(SignOff.Decision.choices)
    reason = serializers.CharField()
    subject_digest = serializers.CharField()


class SignOffSerializer(serializers.ModelSerializer):
    """A sign-off."""

    class Meta:
        model = SignOff
        fields = (
            "id", "round", "stage", "duty", "ordinal", "person", "decision", "reason", "subject_digest", "decided_at",
            "voided_at", "void_reason",
        )  # fmt: skip
        read_only_fields = fields


class ReviewViewSet(ScopedViewSet):
    """Reviews: list, one, decide. A token can read them and never decides."""

    queryset = Review.objects.select_related("release__system__unit")
    serializer_class = ReviewSerializer
    unit_path = "release__system__unit"
    scopes = {"GET": READ}

    @extend_schema(request=SignOffPayload, responses={201: SignOffSerializer})
    @action(detail=True, methods=["post"], url_path="sign-offs")
    def sign_offs(self, request: Request, pk: str) -> Response:
        """Decide in one's duty."""
        review, given = self.get_object(), self.payload(SignOffPayload)
        slot = reviews.sign_off(
            review, duty=given["duty"], decision=given["decision"], reason=given["reason"],
            seen_digest=given["subject_digest"], actor=request.user,
        )  # fmt: skip
        return Response(SignOffSerializer(slot).data, status=201)


class DeploymentSerializer(serializers.ModelSerializer):
    """A deployment."""

    class Meta:
        model = Deployment
        fields = ("id", "release", "environment", "region", "endpoint", "status", "started_at", "ended_at")
        read_only_fields = fields


class DeploymentPayload(Strict):
    """A deployment to start."""

    environment = serializers.ChoiceField(Deployment.Environment.choices)
    region = serializers.CharField(max_length=60)
    endpoint = serializers.CharField(max_length=255, required=False)


class ReleaseSerializer(serializers.ModelSerializer):
    """A release."""

    class Meta:
        model = Release
        fields = (
            "id", "system", "version", "notes", "status", "components", "author", "publisher", "published_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class ReleaseViewSet(ScopedViewSet):
    """Releases: list, one, publish, deploy. Publication is closed to tokens."""

    queryset = Release.objects.select_related("system__unit", "version__model")
    serializer_class = ReleaseSerializer
    unit_path = "system__unit"
    scopes = {"GET": READ}

    @extend_schema(request=ReasonPayload, responses=ReleaseSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Publish an approved release."""
        release = self.get_object()
        releases.publish(release, actor=request.user, **self.payload(ReasonPayload))
        release.refresh_from_db()
        return self.answer(release)

    @extend_schema(request=DeploymentPayload, responses={201: DeploymentSerializer})
    @action(detail=True, methods=["post"])
    def deployments(self, request: Request, pk: str) -> Response:
        """Enter a running instance."""
        row = deployments.start_deployment(self.get_object(), actor=request.user, **self.payload(DeploymentPayload))
        return Response(DeploymentSerializer(row).data, status=201)


class UnitSerializer(serializers.ModelSerializer):
    """A business unit."""

    class Meta:
        model = BusinessUnit
        fields = ("id", "name", "slug", "parent")
        read_only_fields = fields


class UnitViewSet(ScopedViewSet):
    """Units: list, one."""

    queryset = BusinessUnit.objects.all()
    serializer_class = UnitSerializer
    unit_path = ""
    scopes = {"GET": READ}
