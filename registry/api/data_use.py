"""The API of what data are used for: purposes with their fit, and access to data of other units."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import data_access as acts
from registry.api.scopes import READ, WRITE
from registry.models import AISystem, DataAccess, Dataset, DataUse, Deployment, User
from registry.rest import ScopedViewSet, Strict


class DataUseSerializer(serializers.ModelSerializer):
    """A use of data with the review of its fit; `is_stale` where it was reviewed for another goal."""

    is_stale = serializers.BooleanField(read_only=True)

    class Meta:
        model = DataUse
        fields = (
            "id", "link", "data", "system", "purpose", "asked_by", "fit", "reason", "reviewed_by", "reviewed_at",
            "is_stale", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class DataUseViewSet(ScopedViewSet):
    """Uses of data: list, one. Reviews are acts of people on pages."""

    queryset = DataUse.objects.select_related("link__unit", "system")
    serializer_class = DataUseSerializer
    listed = "data-uses"
    unit_path = None
    scopes = {"GET": READ}


class DataAccessSerializer(serializers.ModelSerializer):
    """An access of a system to a data set."""

    is_in_force = serializers.BooleanField(read_only=True)

    class Meta:
        model = DataAccess
        fields = (
            "id", "dataset", "system", "environment", "people", "purpose", "ends_on", "status", "is_in_force",
            "requested_by", "decided_by", "decided_at", "decision_reason", "ended_by", "ended_at", "end_reason",
            "review_due", "reviewed_by", "reviewed_at", "review_note", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class DataAccessPayload(Strict):
    """An access to ask for."""

    dataset = serializers.UUIDField()
    system = serializers.UUIDField()
    environment = serializers.ChoiceField(Deployment.Environment.choices)
    people = serializers.CharField()
    purpose = serializers.CharField()
    ends_on = serializers.DateField()


class DataAccessViewSet(ScopedViewSet):
    """Access to data: list, one, ask. Decisions and reviews are acts of people on pages."""

    queryset = DataAccess.objects.select_related("dataset__unit", "system__unit")
    serializer_class = DataAccessSerializer
    listed = "data-accesses"
    unit_path = None
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=DataAccessPayload, responses={201: DataAccessSerializer})
    def create(self, request: Request) -> Response:
        """Ask the steward of a data set for access."""
        given, actor = self.payload(DataAccessPayload), cast(User, request.user)
        system = self.found(AISystem, given.pop("system"), "unit", "system")
        dataset = Dataset.objects.offered_to(actor).filter(pk=given.pop("dataset")).first()
        if dataset is None:
            raise serializers.ValidationError({"dataset": ["There is no such data set."]})
        return self.answer(acts.request_access(dataset, system=system, actor=actor, **given), 201)
