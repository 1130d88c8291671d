"""REST over the status of frameworks: of a system, of a unit, or of all that the caller may see."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.errors import BadInput
from registry.models import BusinessUnit
from registry.rest import ScopedViewSet
from reports.forms import ScopeForm
from reports.imported import lookup
from reports.standings import telling
from reports.standings.grid import Place, grid, reads_history

WHERE = [
    OpenApiParameter(
        "system", OpenApiTypes.UUID, description="One system; neither this nor a unit is all you may see."
    ),
    OpenApiParameter("unit", OpenApiTypes.UUID, description="One unit with all below it."),
    OpenApiParameter("day", OpenApiTypes.DATE, description="A past day, by what is known now of it."),
]


class FrameworkSerializer(serializers.Serializer):
    """A framework of this installation."""

    framework = serializers.CharField()
    name = serializers.CharField()


class FrameworkViewSet(ScopedViewSet):
    """Frameworks: which there are, and the status of one with what was said of it before."""

    queryset = BusinessUnit.objects.all()
    serializer_class = FrameworkSerializer
    lookup_field = "slug"
    lookup_value_regex = "[^/.]+"
    scopes = {"GET": "reports:read"}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every framework by its short name."""
        return Response({"results": [{"framework": slug, "name": name} for slug, name in lookup.names()]})

    @extend_schema(parameters=WHERE, responses={200: OpenApiTypes.OBJECT})
    def retrieve(self, request: Request, *args: Any, slug: str, **kwargs: Any) -> Response:
        """The status of every requirement, and its history for who may read that."""
        try:
            framework = lookup.framework(slug)
        except BadInput as unknown:
            raise exceptions.NotFound(str(unknown)) from unknown
        form = ScopeForm(request.query_params, person=request.user)
        if not form.is_valid():
            field, [told, *_more] = next(iter(form.errors.items()))
            raise BadInput(str(told), field=field)
        place = Place(**form.cleaned_data)
        found = grid(framework, place, person=request.user)
        return Response(telling.as_json(found, place, with_history=reads_history(request.user, place)))
