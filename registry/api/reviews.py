"""The API of reviews: list, one, decide."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import reviews
from registry.api.scopes import READ
from registry.models import (
    Review,
    SignOff,
)
from registry.rest import ScopedViewSet, Strict


class ReviewSerializer(serializers.ModelSerializer):
    """A review; a decision must carry its `subject_digest`."""

    version = serializers.UUIDField(source="release.version_id", read_only=True)

    class Meta:
        model = Review
        fields = (
            "id", "release", "version", "status", "round", "policy_digest", "subject_digest", "due_on", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class SignOffPayload(Strict):
    """A decision, bound to the digest that was shown."""

    duty = serializers.CharField()
    decision = serializers.ChoiceField(SignOff.Decision.choices)
    reason = serializers.CharField()
    subject_digest = serializers.CharField()


class SignOffSerializer(serializers.ModelSerializer):
    """A sign-off."""

    class Meta:
        model = SignOff
        fields = (
            "id", "round", "stage", "duty", "ordinal", "person", "decision", "reason", "subject_digest", "decided_at",
            "voided_at", "void_reason",
        )  # fmt: skip
        read_only_fields = fields


class ReviewViewSet(ScopedViewSet):
    """Reviews: list, one, decide. A token can read them and never decides."""

    queryset = Review.objects.select_related("release__system__unit")
    serializer_class = ReviewSerializer
    unit_path = "release__system__unit"
    scopes = {"GET": READ}

    @extend_schema(request=SignOffPayload, responses={201: SignOffSerializer})
    @action(detail=True, methods=["post"], url_path="sign-offs")
    def sign_offs(self, request: Request, pk: str) -> Response:
        """Decide in one's duty."""
        review, given = self.get_object(), self.payload(SignOffPayload)
        slot = reviews.sign_off(
            review, duty=given["duty"], decision=given["decision"], reason=given["reason"],
            seen_digest=given["subject_digest"], actor=request.user,
        )  # fmt: skip
        return Response(SignOffSerializer(slot).data, status=201)
