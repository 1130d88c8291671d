"""REST over the lineage graph: everything that a version came from and that came from it, with the ways there."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from registry import lineage as graph
from registry.lineage_graph.questions import QUESTIONS, asked
from registry.models import ArtifactVersion, DatasetVersion, LineageLink, ModelVersion
from registry.rest import Strict
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


class AffectedSerializer(serializers.Serializer):
    """A thing that an answer names, with the way there in words."""

    id = serializers.UUIDField(source="node.key")
    type = serializers.CharField(source="node.kind")
    label = serializers.CharField(source="node.label")  # type: ignore[assignment]
    distance = serializers.IntegerField()
    way = serializers.ListField(child=serializers.CharField())


class AnswerSerializer(serializers.Serializer):
    """What depends on a name; `is_cut` where the name meant more things than one answer follows."""

    affected = AffectedSerializer(many=True)
    systems = NamedSerializer(many=True)
    is_cut = serializers.BooleanField()


class AskQuery(Strict):
    """A question and the name that it is about."""

    ask = serializers.ChoiceField(list(QUESTIONS))
    about = serializers.CharField(max_length=200)


class LineageViewSet(viewsets.GenericViewSet):
    """The graph from one version, of a model or of a data set, and questions of impact."""

    permission_classes = (ScopeAllows,)
    serializer_class = LineageSerializer
    scopes = {"GET": "models:read"}

    @extend_schema(parameters=[AskQuery], responses=AnswerSerializer)
    def list(self, request: Request) -> Response:
        """What depends on a data set, a base model, a vendor or a class of data, with the way to each."""
        query = AskQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        links = self.in_unit(LineageLink.objects.visible_to(request.user), "unit")
        answer = asked(query.validated_data["ask"], query.validated_data["about"], request.user, links)
        return Response(AnswerSerializer(answer).data)

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)], responses=LineageSerializer
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """By the id of a version of a model, a data set or an artefact."""
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
        kinds: dict[Any, str] = {
            ModelVersion: "model__system__unit", DatasetVersion: "dataset__unit", ArtifactVersion: "artifact__unit",
        }  # fmt: skip
        for model, unit in kinds.items():
            row = self.in_unit(model.objects.visible_to(self.request.user), unit).filter(pk=pk).first()
            if row is not None:
                return row
        raise Http404

    def in_unit(self, rows: Any, path: str) -> Any:
        """Of these, the ones in the unit that a token is bound to."""
        unit = bound_unit(self.request)
        return rows if unit is None else rows.filter(**{f"{path}__path__startswith": unit.path})
