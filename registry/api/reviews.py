"""The API of reviews: list, one, decide, ask and answer; and of the conditions that approvals set."""

from typing import Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import conditions, questions, reviews
from registry.api.scopes import READ, ReasonPayload
from registry.api.systems import owner_named
from registry.errors import BadInput
from registry.models import Condition, Question, Review, SignOff, User
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


class ConditionPayload(Strict):
    """A condition of an approval; its owner is named by e-mail address."""

    text = serializers.CharField()
    owner = serializers.EmailField()
    due_on = serializers.DateField()


class SignOffPayload(Strict):
    """A decision, bound to the digest that was shown; an approval with conditions names them."""

    duty = serializers.CharField()
    decision = serializers.ChoiceField(SignOff.Decision.choices)
    reason = serializers.CharField()
    subject_digest = serializers.CharField()
    conditions = ConditionPayload(many=True, required=False, default=list)


class SignOffSerializer(serializers.ModelSerializer):
    """A sign-off; one that is not needed any more says since when."""

    class Meta:
        model = SignOff
        fields = (
            "id", "round", "stage", "duty", "ordinal", "person", "decision", "reason", "subject_digest", "auth_level",
            "decided_at", "due_on", "not_needed_at", "voided_at", "void_reason",
        )  # fmt: skip
        read_only_fields = fields


class QuestionSerializer(serializers.ModelSerializer):
    """A question, or a comment where nobody is asked."""

    class Meta:
        model = Question
        fields = (
            "id", "review", "parent", "author", "text", "asked_of", "answer", "answered_by", "answered_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class QuestionPayload(Strict):
    """A question to somebody, named by e-mail address; a comment where nobody is named."""

    text = serializers.CharField()
    asked_of = serializers.EmailField(required=False, allow_blank=True, default="")
    parent = serializers.UUIDField(required=False, allow_null=True, default=None)  # type: ignore[assignment]


class AnswerPayload(Strict):
    """The answer of who was asked."""

    question = serializers.UUIDField()
    answer = serializers.CharField()


class ConditionSerializer(serializers.ModelSerializer):
    """A condition of an approval."""

    version = serializers.UUIDField(source="review.release.version_id", read_only=True)
    is_overdue = serializers.BooleanField(read_only=True)

    class Meta:
        model = Condition
        fields = (
            "id", "review", "version", "sign_off", "text", "owner", "due_on", "status", "is_overdue", "note", "met_at",
            "verified_by", "verified_at", "verdict_reason", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class ReviewViewSet(ScopedViewSet):
    """Reviews: list, one, decide, ask and answer. A token can read them and never decides."""

    queryset = Review.objects.select_related("release__system__unit")
    serializer_class = ReviewSerializer
    unit_path = "release__system__unit"
    scopes = {"GET": READ}

    @extend_schema(request=SignOffPayload, responses={201: SignOffSerializer})
    @action(detail=True, methods=["post"], url_path="sign-offs")
    def sign_offs(self, request: Request, pk: str) -> Response:
        """Decide in one's duty."""
        review, given = self.get_object(), self.payload(SignOffPayload)
        asked = [
            conditions.Asked(row["text"], owner_named(row["owner"], "conditions"), row["due_on"])
            for row in given["conditions"]
        ]
        slot = reviews.sign_off(
            review, duty=given["duty"], decision=given["decision"], reason=given["reason"],
            seen_digest=given["subject_digest"], actor=cast(User, request.user), conditions=asked,
        )  # fmt: skip
        return Response(SignOffSerializer(slot).data, status=201)

    @extend_schema(request=QuestionPayload, responses={201: QuestionSerializer})
    @action(detail=True, methods=["post"], url_path="questions")
    def questions(self, request: Request, pk: str) -> Response:
        """Ask somebody, or comment."""
        review, given = self.get_object(), self.payload(QuestionPayload)
        asked_of = owner_named(given["asked_of"], "asked_of") if given["asked_of"] else None
        parent = question_of(review, given["parent"], "parent") if given["parent"] else None
        said = questions.say(
            review, text=given["text"], asked_of=asked_of, parent=parent, actor=cast(User, request.user)
        )
        return Response(QuestionSerializer(said).data, status=201)

    @extend_schema(request=AnswerPayload, responses={200: QuestionSerializer})
    @action(detail=True, methods=["post"], url_path="answers")
    def answers(self, request: Request, pk: str) -> Response:
        """Answer what one was asked."""
        review, given = self.get_object(), self.payload(AnswerPayload)
        asked = question_of(review, given["question"], "question")
        said = questions.answer(asked, answer=given["answer"], actor=cast(User, request.user))
        return Response(QuestionSerializer(said).data)


def question_of(review: Review, pk: Any, field: str) -> Question:
    """A question of the review, or a refusal that names the key."""
    found = Question.objects.filter(review=review, pk=pk).first()
    if found is None:
        raise BadInput(_("This review has no such question."), field=field)
    return found


class ConditionViewSet(ScopedViewSet):
    """Conditions of approvals: list, one; met, verified or sent back by people. A token can read them."""

    queryset = Condition.objects.select_related("review__release__system__unit")
    serializer_class = ConditionSerializer
    unit_path = "review__release__system__unit"
    scopes = {"GET": READ}

    @extend_schema(request=ReasonPayload, responses={200: ConditionSerializer})
    @action(detail=True, methods=["post"])
    def meet(self, request: Request, pk: str) -> Response:
        """Say how it was met."""
        return self.acted(conditions.say_met, request)

    @extend_schema(request=ReasonPayload, responses={200: ConditionSerializer})
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """Say that it is met, as somebody else than its owner."""
        return self.acted(conditions.verify, request)

    @extend_schema(request=ReasonPayload, responses={200: ConditionSerializer})
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str) -> Response:
        """Say that it is not met yet."""
        return self.acted(conditions.send_back, request)

    def acted(self, act: Any, request: Request) -> Response:
        """One of the acts with its reason."""
        found, given = self.get_object(), self.payload(ReasonPayload)
        return Response(ConditionSerializer(act(found, reason=given["reason"], actor=cast(User, request.user))).data)
