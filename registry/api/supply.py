"""What the API of versions says of what a version uses of others: its components, and its bill of materials."""

from typing import Any, cast

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import components
from registry.models import Component, ComponentUse, Use, User
from registry.rest import Strict
from registry.supply import ml_bom


class UseSerializer(serializers.ModelSerializer):
    """A component in use."""

    class Meta:
        model = ComponentUse
        fields = (
            "id", "system", "version", "component", "use", "data_class", "region", "modifications", "conditions_kept",
            "created_at",
        )  # fmt: skip
        read_only_fields = fields


class UsePayload(Strict):
    """That a version uses a component."""

    component = serializers.UUIDField()
    use = serializers.ChoiceField(Use.choices)
    data_class = serializers.CharField(max_length=20)
    region = serializers.CharField(max_length=60, required=False)
    modifications = serializers.CharField(required=False)
    conditions_kept = serializers.CharField(required=False)


class SupplyActions:
    """Added to the view set of versions."""

    get_object: Any
    payload: Any
    found: Any

    @extend_schema(request=UsePayload, responses={200: UseSerializer(many=True), 201: UseSerializer})
    @action(detail=True, methods=["get", "post"])
    def components(self, request: Request, pk: str) -> Response:
        """What the version uses of others: read it, or name one more component."""
        version = self.get_object()
        if request.method == "GET":
            rows = ComponentUse.objects.bearing_on(version.home_system, version)
            return Response(UseSerializer(rows.order_by("created_at", "pk"), many=True).data)
        given = self.payload(UsePayload)
        component = self.found(Component, given.pop("component"), None, "component")
        row = components.add_use(version, component=component, actor=cast(User, request.user), **given)
        return Response(UseSerializer(row).data, status=201)

    @extend_schema(responses={(200, ml_bom.MEDIA_TYPE): OpenApiTypes.OBJECT})
    @action(detail=True, methods=["get"], url_path="ml-bom")
    def ml_bom(self, request: Request, pk: str) -> HttpResponse:
        """The bill of materials as CycloneDX 1.6, the same bytes for the same record."""
        return HttpResponse(ml_bom.written(self.get_object(), request.user), content_type=ml_bom.MEDIA_TYPE)
