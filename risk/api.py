"""REST over privacy impact assessments, the risk register and incidents."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import access
from registry.api import owner_named
from registry.errors import BadInput
from registry.models import AISystem, Deployment, ModelVersion
from registry.rest import ScopedViewSet, Strict
from risk import actions
from risk.forms import systems_where
from risk.models import Assessment, AssessmentPart, Incident, Risk
from risk.models.register import Level

READ, WRITE = "models:read", "risks:write"


class PartSerializer(serializers.ModelSerializer):
    """The scores of one component, from 0 to 100."""

    class Meta:
        model = AssessmentPart
        fields = ("component", "is_closed", "inherent_score", "control_score", "residual_score", "residual_level")
        read_only_fields = fields


class AssessmentSerializer(serializers.ModelSerializer):
    """An assessment with its scores; `answers_digest` is what a signer signs."""

    parts = PartSerializer(many=True, read_only=True)
    answers_digest = serializers.CharField(read_only=True)

    class Meta:
        model = Assessment
        fields = (
            "id", "system", "version", "template", "template_version", "status", "overall_level", "parts",
            "answers_digest", "opinion", "review_due", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class AssessmentPayload(Strict):
    """An assessment to begin."""

    system = serializers.UUIDField()


class ReplyPayload(Strict):
    """What was answered to one question: a key of the template, a text, or both."""

    answer = serializers.CharField(required=False, allow_blank=True, default="")
    text = serializers.CharField(required=False, allow_blank=True, default="")


class AnswersPayload(Strict):
    """Answers by question id; an id that the template does not hold refuses them all."""

    answers = serializers.DictField(child=ReplyPayload())


class OpinionPayload(Strict):
    """The privacy officer's decision."""

    decision = serializers.ChoiceField(["approve", "reject"])
    opinion = serializers.CharField()
    answers_digest = serializers.CharField()


class AssessmentViewSet(ScopedViewSet):
    """Assessments: list, one, begin, answer, submit, sign. Signing is closed to tokens."""

    queryset = Assessment.objects.select_related("system__unit").prefetch_related("parts")
    serializer_class = AssessmentSerializer
    unit_path = "system__unit"
    scopes = {"GET": READ, "POST": WRITE, "PUT": WRITE}

    @extend_schema(request=AssessmentPayload, responses={201: AssessmentSerializer})
    def create(self, request: Request) -> Response:
        """Begin the privacy impact assessment of a system."""
        system = self.found(AISystem, self.payload(AssessmentPayload)["system"], "unit", "system")
        return self.answer(actions.start_assessment(system, actor=request.user), 201)

    @extend_schema(request=AnswersPayload, responses=AssessmentSerializer)
    @action(detail=True, methods=["put"])
    def answers(self, request: Request, pk: str) -> Response:
        """Keep some answers; all or none."""
        assessment, given = self.get_object(), self.payload(AnswersPayload)["answers"]
        answers: Any = {question: dict(reply) for question, reply in given.items()}
        return self.answer(actions.save_answers(assessment, answers=answers, actor=request.user))

    @extend_schema(request=None, responses=AssessmentSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Put it before the privacy officer."""
        assessment = self.get_object()
        self.payload(Strict)  # it takes none
        actions.submit_assessment(assessment, actor=request.user)
        assessment.refresh_from_db()
        return self.answer(assessment)


class OpinionViewSet(ScopedViewSet):
    """The privacy officer's signature under an assessment; no method of it is open to tokens."""

    queryset = Assessment.objects.select_related("system__unit").prefetch_related("parts")
    serializer_class = AssessmentSerializer
    unit_path = "system__unit"

    @extend_schema(request=OpinionPayload, responses=AssessmentSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """Approve or send back what was submitted, bound to the digest of the answers that were shown."""
        assessment, given = self.get_object(), self.payload(OpinionPayload)
        act = actions.approve_assessment if given["decision"] == "approve" else actions.reject_assessment
        act(assessment, opinion=given["opinion"], seen_digest=given["answers_digest"], actor=request.user)
        assessment.refresh_from_db()
        return self.answer(assessment)


class RiskSerializer(serializers.ModelSerializer):
    """A risk with its ratings, 1 to 5, before and after what is done about it."""

    class Meta:
        model = Risk
        fields = (
            "id", "system", "title", "description", "catalogue_ref", "component", "category", "likelihood", "impact",
            "inherent_level", "residual_likelihood", "residual_impact", "residual_level", "owner", "status", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class RiskPayload(Strict):
    """A risk to register; whoever registers it owns it."""

    system = serializers.UUIDField()
    title = serializers.CharField(max_length=200)
    component = serializers.ChoiceField(Risk.Component.choices)
    category = serializers.ChoiceField(Risk.Category.choices)
    likelihood = serializers.IntegerField(min_value=1, max_value=5)
    impact = serializers.IntegerField(min_value=1, max_value=5)


class RatingPayload(Strict):
    """A new rating."""

    likelihood = serializers.IntegerField(min_value=1, max_value=5)
    impact = serializers.IntegerField(min_value=1, max_value=5)
    residual_likelihood = serializers.IntegerField(min_value=1, max_value=5, required=False)
    residual_impact = serializers.IntegerField(min_value=1, max_value=5, required=False)
    reason = serializers.CharField(required=False, default="")


class RiskViewSet(ScopedViewSet):
    """Risks: list, one, register, rate."""

    queryset = Risk.objects.select_related("system__unit")
    serializer_class = RiskSerializer
    unit_path = "system__unit"
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=RiskPayload, responses={201: RiskSerializer})
    def create(self, request: Request) -> Response:
        """Register a risk of a system."""
        given = self.payload(RiskPayload)
        system = self.found(AISystem, given.pop("system"), "unit", "system")
        access.require(request.user, access.RISK_EDIT, system)
        return self.answer(actions.register_risk(system, owner=request.user, actor=request.user, **given), 201)

    @extend_schema(request=RatingPayload, responses=RiskSerializer)
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, pk: str) -> Response:
        """Rate a risk anew; upward voids the sign-offs that rest on it."""
        return self.answer(actions.rate_risk(self.get_object(), actor=request.user, **self.payload(RatingPayload)))


class IncidentSerializer(serializers.ModelSerializer):
    """An incident."""

    class Meta:
        model = Incident
        fields = (
            "id", "system", "version", "deployment", "title", "kind", "description", "detected_at", "aware_at", "severity",
            "impacts", "groups_affected", "serious", "near_miss", "third_party_origin", "is_privacy", "status", "owner",
            "risk", "reporter", "root_cause", "remedy", "lessons", "closed_by", "closed_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class IncidentPayload(Strict):
    """An incident to report."""

    system = serializers.UUIDField()
    version = serializers.UUIDField(required=False)
    deployment = serializers.UUIDField(required=False)
    title = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(Incident.Kind.choices)
    description = serializers.CharField()
    detected_at = serializers.DateTimeField()
    severity = serializers.ChoiceField(Level.choices)
    impacts = serializers.CharField(required=False)
    groups_affected = serializers.CharField(required=False)
    serious = serializers.BooleanField(required=False)
    near_miss = serializers.BooleanField(required=False)
    third_party_origin = serializers.BooleanField(required=False)
    is_privacy = serializers.BooleanField(required=False)


class IncidentChanges(Strict):
    """What changes about an open incident; what is not named stays as it is. The owner is named by e-mail address."""

    status = serializers.ChoiceField([Incident.Status.OPEN, Incident.Status.CONTAINED, Incident.Status.RESOLVED],
                                     required=False)  # fmt: skip
    severity = serializers.ChoiceField(Level.choices, required=False)
    serious = serializers.BooleanField(required=False)
    is_privacy = serializers.BooleanField(required=False)
    owner = serializers.EmailField(required=False)
    risk = serializers.UUIDField(required=False)
    note = serializers.CharField(required=False, default="")


class EndPayload(Strict):
    """How an incident ended."""

    root_cause = serializers.CharField()
    remedy = serializers.CharField()
    lessons = serializers.CharField(required=False, default="")


class AgainPayload(Strict):
    """Why an incident is opened again."""

    reason = serializers.CharField()


class IncidentViewSet(ScopedViewSet):
    """Incidents: list, one, report, work on, open again; closing is closed to tokens."""

    queryset = Incident.objects.select_related("system__unit")
    serializer_class = IncidentSerializer
    unit_path = "system__unit"
    scopes = {"GET": READ, "POST": "incidents:write"}

    @extend_schema(request=IncidentPayload, responses={201: IncidentSerializer})
    def create(self, request: Request) -> Response:
        """Report what happened with a system."""
        given = self.payload(IncidentPayload)
        system = systems_where(request.user, access.INCIDENT_REPORT).filter(pk=given.pop("system")).first()
        if system is None:
            raise BadInput(_("There is no such %s.") % AISystem._meta.verbose_name, field="system")
        rows = {"version": (ModelVersion, "model__system__unit"), "deployment": (Deployment, "release__system__unit")}
        found = {
            name: self.found(model, given.pop(name), path, name)
            for name, (model, path) in rows.items()
            if name in given
        }
        return self.answer(actions.report_incident(system, actor=request.user, **found, **given), 201)

    @extend_schema(request=IncidentChanges, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def manage(self, request: Request, pk: str) -> Response:
        """Change status, severity, owner or risk, and note what was found."""
        incident, given = self.get_object(), self.payload(IncidentChanges)
        if "risk" in given:
            given["risk"] = self.found(Risk, given["risk"], "system__unit", "risk")
        if "owner" in given:
            given["owner"] = owner_named(given["owner"], "owner")
        return self.answer(actions.manage_incident(incident, actor=request.user, **given))

    @extend_schema(request=EndPayload, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close it with its cause and remedy."""
        incident, given = self.get_object(), self.payload(EndPayload)
        return self.answer(actions.close_incident(incident, actor=request.user, **given))

    @extend_schema(request=AgainPayload, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Open a closed incident again."""
        incident, given = self.get_object(), self.payload(AgainPayload)
        return self.answer(actions.reopen_incident(incident, actor=request.user, **given))
