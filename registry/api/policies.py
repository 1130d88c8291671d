"""REST over release policies: list, one, try one out. Writing, approving and rejecting are acts of people on pages."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.scopes import READ
from registry.models import ReviewPolicy
from registry.policies import reading
from registry.policies.dry_run import Fate, Trial, trial
from registry.rest import ScopedViewSet, Strict


class PolicySerializer(serializers.ModelSerializer):
    """A version of the release policy with its text and what was read from it."""

    class Meta:
        model = ReviewPolicy
        fields = (
            "id", "number", "status", "source", "body", "digest", "author", "reason", "proposed_at", "in_force_at",
            "ended_at", "audit_due_on", "audited_on", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class PolicyTextPayload(Strict):
    """The text of a policy that is nowhere stored."""

    source = serializers.CharField(max_length=70_000, trim_whitespace=False)  # type: ignore[assignment]


class PolicyProblemSerializer(serializers.Serializer):
    """A line that is wrong, and why."""

    line = serializers.IntegerField()
    reason = serializers.CharField()


class PolicyAnswerSerializer(serializers.Serializer):
    """An answer that is no; `is_new` where the release's own policy does not give it today."""

    gate = serializers.CharField()
    title = serializers.CharField()
    result = serializers.CharField()
    reason = serializers.CharField()
    is_new = serializers.BooleanField()


class FateSerializer(serializers.Serializer):
    """A release that would fail, and why."""

    release = serializers.UUIDField()
    version = serializers.UUIDField()
    is_new = serializers.BooleanField()
    answers = PolicyAnswerSerializer(many=True)


class TrialSerializer(serializers.Serializer):
    """What came of trying out a policy: what is wrong with it, or which releases would fail; `unread` were not asked."""

    problems = PolicyProblemSerializer(many=True)
    releases = FateSerializer(many=True)
    unread = serializers.IntegerField()


class PolicyViewSet(ScopedViewSet):
    """Release policies: list, one, a dry run of one or of a text."""

    queryset = ReviewPolicy.objects.select_related("unit")
    serializer_class = PolicySerializer
    unit_path = None
    scopes = {"GET": READ, "POST": READ}

    @extend_schema(responses={200: TrialSerializer})
    @action(detail=True, methods=["get"], url_path="dry-run")
    def dry_run(self, request: Request, pk: str | None = None) -> Response:
        """Which approved and published releases that one may see would fail it. Nothing is changed."""
        return self.tried(self.get_object().source)

    @extend_schema(request=PolicyTextPayload, responses={200: TrialSerializer})
    @action(detail=False, methods=["post"], url_path="dry-run")
    def try_out(self, request: Request) -> Response:
        """The same for a text that is stored nowhere."""
        return self.tried(self.payload(PolicyTextPayload)["source"])

    def tried(self, source: str) -> Response:
        """What is wrong with a text; else what it would do."""
        found = reading.read(source)
        problems = [{"line": problem.line, "reason": problem.reason} for problem in found.problems]
        came = Trial([], 0) if problems else trial(found.body, person=self.request.user)
        return Response({"problems": problems, "releases": [told(fate) for fate in came.fates], "unread": came.unread})


def told(fate: Fate) -> dict[str, Any]:
    """A release that would fail, as it is sent."""
    return {
        "release": fate.release.pk, "version": fate.release.version_id, "is_new": fate.is_new,
        "answers": [found.as_json() | {"is_new": is_new} for found, is_new in fate.reasons],
    }  # fmt: skip
