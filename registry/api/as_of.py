"""REST over the past: a version with all that surrounded it, as it was at the end of a day."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.audit.as_of import version_as_of
from registry.rest import Strict


class RecordedSerializer(serializers.Serializer):
    """An object as an entry of the log left it; `snapshot` is null where the entry's text was erased."""

    object_type = serializers.CharField()
    object_id = serializers.UUIDField()
    revision = serializers.IntegerField()
    entry = serializers.IntegerField()
    at = serializers.DateTimeField()
    action = serializers.CharField()
    is_erased = serializers.BooleanField()
    snapshot = serializers.DictField(allow_null=True)


class PersonSerializer(serializers.Serializer):
    """A person as named then."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()


class ApprovalSerializer(serializers.Serializer):
    """A sign-off as it stood; `decision` is empty while it was waited for."""

    stage = serializers.IntegerField()
    duty = serializers.CharField()
    ordinal = serializers.IntegerField()
    round = serializers.IntegerField()
    decision = serializers.CharField()
    reason = serializers.CharField()
    person = PersonSerializer(allow_null=True)
    decided_at = serializers.CharField(allow_null=True)
    subject_digest = serializers.CharField()
    is_void = serializers.BooleanField()
    void_reason = serializers.CharField()
    entry = serializers.IntegerField()


class VersionAsOfSerializer(serializers.Serializer):
    """A version at a moment, with the policy that was frozen into its review."""

    moment = serializers.DateTimeField()
    version = RecordedSerializer()
    model = RecordedSerializer(allow_null=True)
    system = RecordedSerializer(allow_null=True)
    unit = RecordedSerializer(allow_null=True)
    business_owner = PersonSerializer(allow_null=True)
    technical_owner = PersonSerializer(allow_null=True)
    card = RecordedSerializer(allow_null=True)
    release = RecordedSerializer(allow_null=True)
    review = RecordedSerializer(allow_null=True)
    policy = serializers.DictField(allow_null=True)
    policy_digest = serializers.CharField()
    approvals = ApprovalSerializer(many=True)
    evidence = RecordedSerializer(many=True)
    deployments = RecordedSerializer(many=True)


class DayQuery(Strict):
    """The day whose end is looked back at."""

    day = serializers.DateField()

    def validate_day(self, day: date) -> date:
        """No day that has not begun."""
        if day > timezone.localdate():
            raise serializers.ValidationError(_("That day has not begun yet; choose today or a day before."))
        return day


class AsOf:
    """The past of a version; a part of the versions' view, whose scope it keeps."""

    @extend_schema(
        parameters=[OpenApiParameter("day", OpenApiTypes.DATE, required=True, description="For example 2026-03-03.")],
        responses=VersionAsOfSerializer,
    )
    @action(detail=True, methods=["get"], url_path="as-of")
    def as_of(self: Any, request: Request, pk: str) -> Response:
        """Version, model, card, owners, approvals and policy as they were at the end of a day."""
        asked = DayQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        version, day = self.get_object(), asked.validated_data["day"]
        found = version_as_of(version, day)
        if found is None:
            raise exceptions.NotFound(_("At the end of %s the log held no entry about this version.") % day)
        return Response(VersionAsOfSerializer(found).data)
