"""The API of versions: register, card, gates, submission, ends."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import gates, quotas, release_gates
from registry.actions import endings, inventory, releases, training
from registry.api.as_of import AsOf
from registry.api.cards import CardActions
from registry.api.releases import ContentsPayload, with_parts
from registry.api.reviews import ReviewSerializer
from registry.api.scopes import READ, WRITE, ReasonPayload
from registry.api.supply import SupplyActions
from registry.gate_files import FILES
from registry.models import (
    Model,
    ModelVersion,
)
from registry.rest import ScopedViewSet, Strict
from registry.retirement.in_use import require_in_use


class VersionSerializer(serializers.ModelSerializer):
    """A version; `artifact_hash` is its identity."""

    artifact_hash = serializers.CharField(read_only=True)

    class Meta:
        model = ModelVersion
        fields = (
            "id", "model", "version", "status", "artifact_hash", "artifact_name", "change_note", "provider", "base_model",
            "licence", "training_run", "training_record", "commercial", "known_good", "backup_verified_at", "deprecation_date",
            "retirement_date", "successor", "registered_by", "created_at",
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
    licence = serializers.CharField(max_length=120, required=False)
    training_run = serializers.CharField(required=False)
    commercial = serializers.BooleanField(required=False)
    deprecation_date = serializers.DateField(required=False)
    retirement_date = serializers.DateField(required=False)


class SubmitPayload(ContentsPayload):
    """What goes with a submission; parts that are not named are those that links and the last release suggest."""

    notes = serializers.CharField()


class TrainingPayload(Strict):
    """The record of a training run: three objects, each as a pipeline gives it."""

    parameters = serializers.DictField(required=False)
    metadata = serializers.DictField(required=False)
    provenance = serializers.DictField(required=False)


class TrainingSerializer(serializers.Serializer):
    """The record of a training run, and the digest of its canonical form; empty where there is none."""

    record = serializers.DictField()
    digest = serializers.CharField()


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


def answers_file(wanted: str, version: ModelVersion, found: list[gates.GateResult]) -> HttpResponse:
    """The gates' answers as a file of a known format."""
    if wanted not in FILES:
        raise serializers.ValidationError({"as": [_("Known formats: %s.") % ", ".join(sorted(FILES))]})
    media_type, written = FILES[wanted]
    return HttpResponse(written(version, found), content_type=media_type)


class VersionViewSet(CardActions, AsOf, SupplyActions, ScopedViewSet):
    """Versions: list, one, register, card, gates, submission, and as they were on a day."""

    queryset = ModelVersion.objects.select_related("model__system__unit", "artifact")
    serializer_class = VersionSerializer
    listed = "versions"
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

    @extend_schema(
        parameters=[OpenApiParameter("as", str, enum=sorted(FILES), description="The same as a file of this format.")],
        responses=GatesSerializer,
    )
    @action(detail=True, methods=["get"])
    def gate(self, request: Request, pk: str) -> Response | HttpResponse:
        """May it be released? Every gate with its reason."""
        version = self.get_object()
        require_in_use(version, request.user)
        found = gates.evaluate(release_gates.preview(version))
        wanted = request.query_params.get("as")
        if wanted is not None:
            return answers_file(wanted, version, found)
        return Response({"open": all(row.is_open for row in found), "gates": [row.as_json() for row in found]})

    @extend_schema(request=TrainingPayload, responses=TrainingSerializer)
    @action(detail=True, methods=["get", "put"], url_path="training", url_name="training")
    def training_record(self, request: Request, pk: str) -> Response:
        """The record of the training run: read it, or write it while the version is a draft."""
        version = self.get_object()
        if request.method == "PUT":
            record = self.payload(TrainingPayload)
            version = training.write_training_record(version, record=record, actor=request.user)
        return Response({"record": version.training_record, "digest": training.digest_of(version)})

    @extend_schema(request=SubmitPayload, responses={201: ReviewSerializer})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Put the version before its reviewers."""
        version, given = self.get_object(), with_parts(self.payload(SubmitPayload), self)
        review = releases.submit_for_review(version, actor=request.user, **given)
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
