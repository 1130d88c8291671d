"""REST over the lineage graph: everything that a version came from and that came from it, with the ways there."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from registry import lineage as graph
from registry.models import DatasetVersion, LineageLink, ModelVersion
from registry.tokens import ScopeAllows, bound_unit


class LinkSerializer(serializers.Serializer):
    """A link of a way."""

    source = serializers.UUIDField(source="source_id")  # type: ignore[assignment]
    relation = serializers.CharField()
    target = serializers.UUIDField(source="target_id")
    words = serializers.CharField()


class ReachedSerializer(serializers.Serializer):
    """A thing up or down the graph, with a shortest way there."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    distance = serializers.IntegerField(help_text="How many links away.")
    path = LinkSerializer(many=True)


class NamedSerializer(serializers.Serializer):
    """A system."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class LineageSerializer(serializers.Serializer):
    """What a version came from, what came from it, and the systems that a change of it touches."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    came_from = ReachedSerializer(many=True)
    came_of = ReachedSerializer(many=True)
    systems = NamedSerializer(many=True)


class LineageViewSet(viewsets.GenericViewSet):
    """The graph from one version, of a model or of a data set."""

    permission_classes = (ScopeAllows,)
    serializer_class = LineageSerializer
    scopes = {"GET": "models:read"}

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)], responses=LineageSerializer
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """By the id of a model version or of a data set version."""
        found = self.thing(pk)
        links = self.in_unit(LineageLink.objects.visible_to(request.user), "unit")
        below = graph.came_of(found.pk, links)
        answer = {
            "id": found.pk, "type": found._meta.label, "label": str(found),
            "came_from": graph.came_from(found.pk, links), "came_of": below,
            "systems": self.in_unit(graph.systems_of(found, below, request.user), "unit"),
        }  # fmt: skip
        return Response(self.get_serializer(answer).data)

    def thing(self, text: str) -> Any:
        """The version as this request may see it, or 404."""
        try:
            pk = UUID(text)
        except ValueError as error:
            raise Http404 from error
        for model, unit in ((ModelVersion, "model__system__unit"), (DatasetVersion, "dataset__unit")):
            row = self.in_unit(model.objects.visible_to(self.request.user), unit).filter(pk=pk).first()
            if row is not None:
                return row
        raise Http404

    def in_unit(self, rows: Any, path: str) -> Any:
        """Of these, the ones in the unit that a token is bound to."""
        unit = bound_unit(self.request)
        return rows if unit is None else rows.filter(**{f"{path}__path__startswith": unit.path})
