"""The API of releases."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import deployments, releases, renewals, rollbacks
from registry.api.deployments import DeploymentPayload, DeploymentSerializer
from registry.api.scopes import READ, WRITE, ReasonPayload
from registry.models import ArtifactVersion, DatasetVersion, Release
from registry.rest import ScopedViewSet, Strict


class ClientSerializer(serializers.Serializer):
    """A client, and its versions that fit a release."""

    client = serializers.CharField(max_length=200)
    versions = serializers.CharField(max_length=200)


class PublishPayload(ReasonPayload):
    """Why it is published now, and the release to fall back to."""

    rollback_to = serializers.UUIDField(required=False)


class ContentsPayload(Strict):
    """The parts and the notes of a release; what is left out stays as it is."""

    notes = serializers.CharField(required=False)
    quality_thresholds = serializers.CharField(required=False, allow_blank=True)
    rai_documents = serializers.CharField(required=False, allow_blank=True)
    clients = ClientSerializer(many=True, required=False)
    artifact_versions = serializers.ListField(child=serializers.UUIDField(), max_length=500, required=False)
    dataset_versions = serializers.ListField(child=serializers.UUIDField(), max_length=500, required=False)
    newest_evidence = serializers.BooleanField(required=False)


def with_parts(given: dict[str, Any], view: ScopedViewSet) -> dict[str, Any]:
    """The payload with the rows that it names, fetched as this request may see them."""
    for field, table, unit in (
        ("artifact_versions", ArtifactVersion, "artifact__unit"), ("dataset_versions", DatasetVersion, "dataset__unit"),
    ):  # fmt: skip
        if field in given:
            given[field] = [view.found(table, pk, unit, field) for pk in given[field]]
    return given


class ReleaseSerializer(serializers.ModelSerializer):
    """A release."""

    class Meta:
        model = Release
        fields = (
            "id", "system", "version", "notes", "quality_thresholds", "rai_documents", "clients", "status", "components",
            "rollback_to", "author", "publisher", "published_at", "approval_ends_on", "suspended_at", "suspension_reason",
            "immaterial_changes", "later_runs", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class ReleaseViewSet(ScopedViewSet):
    """Releases: list, one, change, publish, deploy, renew, roll back. Only changes are open to tokens."""

    queryset = Release.objects.select_related("system__unit", "version__model")
    serializer_class = ReleaseSerializer
    unit_path = "system__unit"
    scopes = {"GET": READ, "PATCH": WRITE}

    @extend_schema(request=ContentsPayload, responses=ReleaseSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what a release in review consists of or what its notes say; sign-offs are then void."""
        release, given = self.get_object(), with_parts(self.payload(ContentsPayload), self)
        return self.answer(releases.edit_release(release, actor=request.user, **given))

    @extend_schema(request=PublishPayload, responses=ReleaseSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Publish an approved release."""
        release = self.get_object()
        given = self.payload(PublishPayload)
        if "rollback_to" in given:
            given["rollback_to"] = self.found(Release, given["rollback_to"], "system__unit", "rollback_to")
        releases.publish(release, actor=request.user, **given)
        release.refresh_from_db()
        return self.answer(release)

    @extend_schema(request=ReasonPayload, responses=ReleaseSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        """Ask everybody to sign anew, on the newest runs. Closed to tokens."""
        release = self.get_object()
        renewals.renew(release, actor=request.user, **self.payload(ReasonPayload))
        release.refresh_from_db()
        return self.answer(release)

    @extend_schema(request=ReasonPayload, responses=ReleaseSerializer)
    @action(detail=True, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Request, pk: str) -> Response:
        """Let all that runs of it fall back, and take it out of publication, as one act. Closed to tokens."""
        found = rollbacks.roll_back_release(self.get_object(), actor=request.user, **self.payload(ReasonPayload))
        return self.answer(found)

    @extend_schema(request=DeploymentPayload, responses={201: DeploymentSerializer})
    @action(detail=True, methods=["post"])
    def deployments(self, request: Request, pk: str) -> Response:
        """Enter a running instance."""
        row = deployments.start_deployment(self.get_object(), actor=request.user, **self.payload(DeploymentPayload))
        return Response(DeploymentSerializer(row).data, status=201)
