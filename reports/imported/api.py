"""REST over editions of frameworks: list, one, what one or a file would change, bring, approve, reject."""

from typing import Any, cast

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import access
from registry.actions import proposals
from registry.api.scopes import ReasonPayload
from registry.models import User
from registry.rest import ScopedViewSet, Strict
from reports.imported import actions, upgrades
from reports.models import FrameworkApproval, FrameworkEdition

SCOPE = "reports:read"


class FrameworkApprovalSerializer(serializers.ModelSerializer):
    """Who approved an edition, and why."""

    class Meta:
        model = FrameworkApproval
        fields = ("person", "reason", "at")
        read_only_fields = fields


class FrameworkEditionSerializer(serializers.ModelSerializer):
    """An edition of a framework; `source` is the digest of the file, `digest` that of what was read from it."""

    source = serializers.CharField(source="source.digest", read_only=True)  # type: ignore[assignment]
    proposed_at = serializers.DateTimeField(source="asked_at", read_only=True)
    approvals = FrameworkApprovalSerializer(many=True, read_only=True)

    class Meta:
        model = FrameworkEdition
        fields: tuple[str, ...] = (
            "id", "slug", "name", "edition", "status", "file_name", "source", "digest", "author", "reason", "proposed_at",
            "approvals", "in_force_at", "ended_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class WholeEditionSerializer(FrameworkEditionSerializer):
    """The same with everything that was read from the file: groups, controls and rules."""

    class Meta(FrameworkEditionSerializer.Meta):
        fields = (*FrameworkEditionSerializer.Meta.fields, "body")
        read_only_fields = fields


class FrameworkFilePayload(Strict):
    """An OSCAL catalogue in JSON, or a catalogue or rules in our own form; `slug` names a catalogue of OSCAL."""

    file = serializers.FileField()
    slug = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class BringPayload(FrameworkFilePayload):
    """A file to propose, with the reason."""

    reason = serializers.CharField()


class MovedSerializer(serializers.Serializer):
    """A result now and then; `-` where the control is not there."""

    now = serializers.CharField()
    then = serializers.CharField()


class DifferenceSerializer(serializers.Serializer):
    """Controls and items that come, go and change (with what of them), and results that would come out otherwise."""

    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())
    changed = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    statuses = serializers.DictField(child=MovedSerializer())


class FrameworkEditionViewSet(ScopedViewSet):
    """Editions of frameworks. A token reads and tries out; what is proposed and decided is by people."""

    queryset = FrameworkEdition.objects.select_related("unit", "source").prefetch_related("approvals").defer("body")
    serializer_class = FrameworkEditionSerializer
    unit_path = None
    scopes = {"GET": SCOPE}

    @extend_schema(responses={200: WholeEditionSerializer})
    def retrieve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """One edition with everything that was read from its file."""
        return Response(WholeEditionSerializer(self.get_object()).data)

    @extend_schema(request={"multipart/form-data": BringPayload}, responses={201: FrameworkEditionSerializer})
    def create(self, request: Request) -> Response:
        """Bring a catalogue, or rules for one; two others approve whatever claims something."""
        given = file_of(self.payload(BringPayload))
        return self.answer(actions.bring(**given, actor=cast(User, request.user)), 201)

    @extend_schema(responses={200: DifferenceSerializer})
    @action(detail=True, methods=["get"])
    def difference(self, request: Request, pk: str) -> Response:
        """What it changes against the edition in force, as far as the reader may see evidence."""
        return Response(upgrades.of_edition(self.get_object(), person=request.user).to_json())

    @extend_schema(request={"multipart/form-data": FrameworkFilePayload}, responses={200: DifferenceSerializer})
    @action(detail=False, methods=["post"], url_path="difference", scopes={"POST": SCOPE})
    def try_out(self, request: Request) -> Response:
        """The same for a file that is stored nowhere."""
        access.require_anywhere(request.user, access.MODEL_VIEW)
        made = upgrades.of_file(**file_of(self.payload(FrameworkFilePayload)))
        return Response(upgrades.against_used(made, person=request.user).to_json())

    @extend_schema(request=ReasonPayload, responses={200: FrameworkEditionSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """One of two approvals."""
        return self.acted(proposals.approve, request)

    @extend_schema(request=ReasonPayload, responses={200: FrameworkEditionSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """End the proposal; its author takes it back."""
        return self.acted(proposals.reject, request)

    def acted(self, act: Any, request: Request) -> Response:
        """One of the acts with its reason."""
        given = self.payload(ReasonPayload)
        return self.answer(act(self.get_object(), reason=given["reason"], actor=cast(User, request.user)))


def file_of(given: dict[str, Any]) -> dict[str, Any]:
    """The payload with the bytes and the name of its file, as the actions take them."""
    sent = given["file"]
    return {**given, "content": sent.read(), "file": sent.name}
