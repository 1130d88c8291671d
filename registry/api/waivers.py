"""REST over waivers: list, one, ask. Accepting, refusing and ending are acts of people on pages."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import waivers
from registry.api.scopes import READ, WRITE
from registry.api.systems import owner_named
from registry.models import ModelVersion, User, Waiver
from registry.rest import ScopedViewSet, Strict


class WaiverSerializer(serializers.ModelSerializer):
    """A waiver; `status` is the one of today, with the passing of time in it."""

    check = serializers.CharField(source="check_name", read_only=True)
    status = serializers.CharField(source="status_today", read_only=True)

    class Meta:
        model = Waiver
        fields = (
            "id", "version", "gate", "check", "reason", "compensating_controls", "owner", "expires_on", "status",
            "requested_by", "accepted_by", "accepted_at", "acceptance_reason", "ended_at", "end_reason", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class WaiverPayload(Strict):
    """A waiver to ask for; its owner is named by e-mail address."""

    version = serializers.UUIDField()
    gate = serializers.CharField(max_length=40)
    check = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    reason = serializers.CharField()
    compensating_controls = serializers.CharField()
    owner = serializers.EmailField()
    expires_on = serializers.DateField()


class WaiverViewSet(ScopedViewSet):
    """Waivers: list, one, ask for one."""

    queryset = Waiver.objects.select_related("version__model__system__unit")
    serializer_class = WaiverSerializer
    unit_path = "version__model__system__unit"
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=WaiverPayload, responses={201: WaiverSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a waiver of a version."""
        given, actor = self.payload(WaiverPayload), cast(User, request.user)  # a permission saw to it
        version = self.found(ModelVersion, given.pop("version"), self.unit_path.removeprefix("version__"), "version")
        owner = owner_named(given.pop("owner"), "owner")
        return self.answer(waivers.request_waiver(version, owner=owner, actor=actor, **given), 201)
