"""The API of releases and of what runs."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import deployments, releases
from registry.api.scopes import READ, ReasonPayload
from registry.models import (
    Deployment,
    Release,
)
from registry.rest import ScopedViewSet, Strict


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
