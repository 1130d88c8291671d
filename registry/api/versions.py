"""The API of versions: register, card, gates, submission, ends."""

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
from registry.actions import cards as card_actions, endings, inventory, releases
from registry.api.as_of import AsOf
from registry.api.reviews import ReviewSerializer
from registry.api.scopes import READ, WRITE, ReasonPayload
from registry.models import (
    Model,
    ModelVersion,
)
from registry.rest import ScopedViewSet, Strict


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
