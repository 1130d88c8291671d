"""The API of later runs that speak against releases: list, one, and the decision."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import later_decisions
from registry.api.scopes import READ, ReasonPayload
from registry.models import LaterRun
from registry.rest import ScopedViewSet


class LaterRunSerializer(serializers.ModelSerializer):
    """A run that failed after a release was frozen, and what was decided."""

    class Meta:
        model = LaterRun
        fields = (
            "id", "release", "evidence", "is_alarm", "consequence", "status", "choice", "reason", "accepted_until",
            "decided_by", "decided_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class LaterRunPayload(ReasonPayload):
    """What follows."""

    choice = serializers.ChoiceField(LaterRun.Choice.choices)
    accepted_until = serializers.DateField(required=False)


class LaterRunViewSet(ScopedViewSet):
    """Later runs that failed: list, one, decide. The decision is closed to tokens."""

    queryset = LaterRun.objects.select_related("release__system__unit")
    serializer_class = LaterRunSerializer
    unit_path = "release__system__unit"
    scopes = {"GET": READ}

    @extend_schema(request=LaterRunPayload, responses=LaterRunSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Retrain, fall back, or accept for a time."""
        given = self.payload(LaterRunPayload)
        return self.answer(later_decisions.decide_later_run(self.get_object(), actor=request.user, **given))
