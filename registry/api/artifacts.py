"""The API of artefacts and their versions."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import quotas
from registry.actions import artifacts
from registry.api.scopes import READ, WRITE, ReasonPayload
from registry.errors import BadInput
from registry.models import Artifact, ArtifactType, ArtifactVersion, BusinessUnit
from registry.rest import ScopedViewSet, Strict

Form = ArtifactVersion.Form


class ArtifactSerializer(serializers.ModelSerializer):
    """An artefact."""

    class Meta:
        model = Artifact
        fields = ("id", "unit", "artifact_type", "name", "slug", "description", "owner", "created_at")
        read_only_fields = fields


class ArtifactPayload(Strict):
    """An artefact to register."""

    unit = serializers.UUIDField()
    artifact_type = serializers.ChoiceField(ArtifactType.choices)
    name = serializers.CharField(max_length=160)
    description = serializers.CharField(required=False)


class ArtifactVersionSerializer(serializers.ModelSerializer):
    """A version; `hash` is its identity, `text` its content where that is a text or JSON."""

    hash = serializers.CharField(read_only=True)
    size = serializers.IntegerField(source="content.size", read_only=True)

    class Meta:
        model = ArtifactVersion
        fields = (
            "id", "artifact", "version", "status", "form", "hash", "size", "file_name", "change_note", "registered_by",
            "frozen_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class ArtifactVersionPayload(Strict):
    """A version: one of `file` (as multipart form data), `text` and `json`."""

    version = serializers.CharField(max_length=60)
    file = serializers.FileField(required=False)
    text = serializers.CharField(required=False, trim_whitespace=False)
    json = serializers.JSONField(required=False)
    change_note = serializers.CharField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One of the three, as content with its form."""
        named = [name for name in ("file", "text", "json") if name in given]
        if len(named) != 1:
            raise serializers.ValidationError({"text": [_("Give one of file, text and json.")]})
        content = given.pop(named[0])
        if named[0] == "file":
            return given | {"form": Form.BYTES, "content": content.chunks(), "file_name": content.name}
        return given | {"form": Form(named[0]), "content": content}


class ArtifactViewSet(ScopedViewSet):
    """Artefacts: list, one, register, and add a version."""

    queryset = Artifact.objects.select_related("unit")
    serializer_class = ArtifactSerializer
    listed = "artifacts"
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=ArtifactPayload, responses={201: ArtifactSerializer})
    def create(self, request: Request) -> Response:
        """Register an artefact; whoever does is its owner."""
        given = self.payload(ArtifactPayload)
        unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
        return self.answer(artifacts.register_artifact(unit, actor=request.user, **given), 201)

    @extend_schema(
        request={"application/json": ArtifactVersionPayload, "multipart/form-data": ArtifactVersionPayload},
        responses={201: ArtifactVersionSerializer},
    )
    @action(detail=True, methods=["post"])
    def versions(self, request: Request, pk: str) -> Response:
        """Add a version with its content."""
        artifact, given = self.get_object(), self.payload(ArtifactVersionPayload)
        if given["form"] == Form.BYTES:
            quotas.require_upload(request.user)
        row = artifacts.register_artifact_version(artifact, actor=request.user, **given)
        return Response(ArtifactVersionSerializer(row).data, status=201)


class ArtifactVersionViewSet(ScopedViewSet):
    """Versions of artefacts: list, one, content, withdraw."""

    queryset = ArtifactVersion.objects.select_related("artifact__unit", "content")
    serializer_class = ArtifactVersionSerializer
    unit_path = "artifact__unit"
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> Response:
        """The content of a text or of JSON; a file is downloaded on its page."""
        version = self.get_object()
        text = version.text
        if text is None:
            raise BadInput(_("%s is a file; download it on its page.") % version)
        return Response({"hash": version.hash, "form": version.form, "text": text})

    @extend_schema(request=ReasonPayload, responses=ArtifactVersionSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a version off the offer."""
        row = artifacts.withdraw_artifact_version(self.get_object(), actor=request.user, **self.payload(ReasonPayload))
        return self.answer(row)
