"""Assessments: a questionnaire about a system, its answers, and the scores of its parts."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry import moment
from registry.canonical import digest
from registry.models import AISystem, ModelVersion, OfSystem, OfSystemQuerySet
from risk import living
from risk.questionnaires import Reply, template
from risk.residency import places
from risk.template_parts import Template


class AssessmentQuerySet(OfSystemQuerySet):
    """Assessments."""

    def visible_to(self, user: Any) -> Self:
        """Assessments that the person may read: by duty, or as an owner of the system."""
        from registry import access

        own = Q(system__business_owner=user.pk) | Q(system__technical_owner=user.pk)
        return self.filter(access.reach(user, access.PIA_VIEW, unit="system__unit", system="system", own=own))

    def approved(self) -> Self:
        """Those that stand."""
        return self.filter(status=Assessment.Status.APPROVED)

    def open(self) -> Self:
        """Those that somebody still works on."""
        return self.filter(status__in=Assessment.OPEN)

    def overdue(self) -> Self:
        """Those that stand although their review date has come."""
        return self.approved().filter(review_due__lte=moment.today())

    def bearing_on(self, system: AISystem, version: ModelVersion | None) -> Self:
        """Those of the system as a whole, and those of this very version."""
        return self.filter(Q(version__isnull=True) | Q(version=version), system=system)


class Assessment(OfSystem):
    """A filled questionnaire about a system, or about one version of its model.

    `bound_digest` says what was assessed: another purpose or other bytes make it one about something else.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        SUPERSEDED = "superseded", _("Superseded")

    OPEN = (Status.DRAFT, Status.IN_REVIEW, Status.REJECTED)

    template = models.CharField(_("questionnaire"), max_length=40)
    template_version = models.CharField(_("version of the questionnaire"), max_length=20)
    system = models.ForeignKey(AISystem, verbose_name=_("system"), on_delete=models.PROTECT, related_name="assessments")
    version = models.ForeignKey(
        ModelVersion, verbose_name=_("only for this version"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="assessments",
    )  # fmt: skip
    bound_digest = models.CharField(_("digest of what was assessed"), max_length=71)
    bound = models.JSONField(_("what was assessed"), default=dict, blank=True, editable=False)
    reopens = models.ForeignKey(
        "self", verbose_name=_("takes up again"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="reopened_by",
    )  # fmt: skip
    causes = models.JSONField(_("why it was opened again"), default=list, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    overall_level = models.CharField(_("overall level"), max_length=12, blank=True)
    outcomes = models.JSONField(_("outcomes"), default=list)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("started by"), on_delete=models.PROTECT, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("submitted by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    opinion = models.TextField(_("opinion of the privacy officer"), blank=True)
    opinion_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("signed by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    approved_at = models.DateTimeField(_("approved"), null=True)
    authority_consultation = models.TextField(_("consultation of the supervisory authority"), blank=True)
    review_due = models.DateField(_("review due"), null=True)

    objects = AssessmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["system", "template"],
                condition=Q(version__isnull=True, status__in=["draft", "in_review", "rejected"]),
                name="one_open_assessment_a_system",
            ),
            models.UniqueConstraint(
                fields=["version", "system", "template"],
                condition=Q(version__isnull=False, status__in=["draft", "in_review", "rejected"]),
                name="one_open_assessment_a_version",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(opinion_by__isnull=False, review_due__isnull=False),
                name="approved_assessment_is_signed",
            ),
        )

    def __str__(self) -> str:
        return _now("%(questionnaire)s of %(subject)s") % {
            "questionnaire": _now(self.form.name), "subject": self.version or self.system,
        }  # fmt: skip

    @property
    def task_label(self) -> str:
        """What is assessed; the task itself says the rest."""
        return str(self.version or self.system)

    def get_absolute_url(self) -> str:
        return reverse("assessment", args=[self.pk])

    @property
    def form(self) -> Template:
        """The questionnaire of this installation."""
        return template(self.template)

    @property
    def home_system(self) -> AISystem:
        """The system that it is about."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under its system."""
        return self.system_id

    @property
    def is_open(self) -> bool:
        """Somebody still works on it."""
        return self.status in self.OPEN

    @property
    def is_overdue(self) -> bool:
        """Its review date has come."""
        return self.review_due is not None and self.review_due <= moment.today()

    @property
    def is_outgrown(self) -> bool:
        """What it was made about has changed since, or something happened that asks for another look."""
        return bool(living.why_outgrown(self, None))

    def why_outgrown(self, version: ModelVersion | None) -> tuple[str, ...]:
        """Why it says nothing any more of a version of the system, one sentence each."""
        return living.why_outgrown(self, version)

    @property
    def taken_up(self) -> "Assessment | None":
        """The draft in which it was opened again, while that is open."""
        return self.reopened_by.filter(status__in=self.OPEN).order_by("-created_at").first()

    @property
    def regions(self) -> tuple[str, ...]:
        """The countries that its answers name, where they were asked for."""
        asked = {question.id for question in self.form.questions if question.type == "regions"}
        replies = self.replies()
        return tuple(sorted({code for name in asked if name in replies for code in places(replies[name].answer)}))

    def told_causes(self) -> list[dict[str, str]]:
        """Why it was opened again: what changed, who did it and when."""
        from registry.models import User

        people = {
            str(row.pk): str(row) for row in User.objects.filter(pk__in=[one["by"] for one in self.causes if one["by"]])
        }
        return [
            {"kind": one["kind"], "said": living.cause_said(one), "on": one["on"],
             "by": people.get(one["by"], _now("the software"))} for one in self.causes
        ]  # fmt: skip

    def named_things(self) -> dict[str, list[str]]:
        """What a text of some questions has to name, each: the systems that its system rests on."""
        rows = self.system.dependences.standing().select_related("rests_on")
        return {"dependences": [row.rests_on.name for row in rows]}

    def replies(self) -> dict[str, Reply]:
        """The answers so far, by question."""
        return {row.question: Reply(row.answer, row.text) for row in self.answers.all()}

    @property
    def answers_digest(self) -> str:
        """The digest of all answers: what a signature and a release are bound to."""
        said = {
            question: [reply.answer, reply.text] for question, reply in self.replies().items() if not reply.is_blank
        }
        return digest({"template": self.template, "version": self.template_version, "answers": said})


def subject_digest(system: AISystem, version: ModelVersion | None) -> str:
    """The digest of what an assessment is about: the purpose of the system and, where it is for one, the version."""
    return digest({"purpose": system.purpose, "artifact": version.artifact_hash if version else None})


class OfAssessmentQuerySet(OfSystemQuerySet):
    """Rows that hang on an assessment."""

    def visible_to(self, user: Any) -> Self:
        """As the assessment."""
        return self.filter(assessment__in=Assessment.objects.visible_to(user))


class OfAssessment(OfSystem):
    """A row of an assessment: system, unit and place in the log are the assessment's."""

    assessment: Any

    objects = OfAssessmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True

    @property
    def home_system(self) -> AISystem:
        """The system of the assessment."""
        return self.assessment.system

    @property
    def about(self) -> Any:
        """The log files it under the system."""
        return self.assessment.system_id


class AssessmentPart(OfAssessment):
    """The scores of one component, as they were when the answers were last saved or signed."""

    class Component(models.TextChoices):
        INPUT = "input", _("Input")
        MODEL = "model", _("Model")
        OUTPUT = "output", _("Output")
        WHOLE = "whole", _("As a whole")

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="parts")
    component = models.CharField(_("component"), max_length=8, choices=Component)
    is_closed = models.BooleanField(_("no personal data"), default=False)
    inherent_score = models.FloatField(_("inherent risk"), null=True)
    control_score = models.FloatField(_("control"), null=True)
    residual_score = models.FloatField(_("residual risk"), null=True)
    inherent_level = models.CharField(_("inherent level"), max_length=12, blank=True)
    residual_level = models.CharField(_("residual level"), max_length=12, blank=True)
    unproven = models.JSONField(_("controls without proof"), default=list)
    dpo_required = models.BooleanField(_("opinion of the privacy officer needed"), default=False)

    class Meta:
        ordering = ("component",)
        constraints = (models.UniqueConstraint(fields=["assessment", "component"], name="component_once"),)

    def __str__(self) -> str:
        return f"{self.assessment}: {self.get_component_display()}"


class Answer(OfAssessment):
    """The answer to one question, with who gave it last."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(_("question"), max_length=20)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    text = models.TextField(_("explanation"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("answered by"), on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        ordering = ("question",)
        constraints = (models.UniqueConstraint(fields=["assessment", "question"], name="question_once"),)

    def __str__(self) -> str:
        return f"{self.question}: {self.answer or self.text[:40]}"


class SectionAssignment(OfAssessment):
    """A section that somebody was asked to answer, until a day."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="assignments")
    section = models.CharField(_("section"), max_length=40)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who answers it"), on_delete=models.PROTECT, related_name="+"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("until"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, editable=False)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["assessment", "section"], condition=Q(done_at__isnull=True), name="one_answers_a_section"
            ),
        )

    def __str__(self) -> str:
        return f"{self.assessment}: {self.section}"

    @property
    def task_label(self) -> str:
        """As the assessment's; the task itself says the rest."""
        return self.assessment.task_label

    def get_absolute_url(self) -> str:
        return reverse("assessment-section", args=[self.assessment_id, self.section])


class AssessmentComment(OfAssessment):
    """What somebody remarks on a question, or on the whole where none is named; it is never changed."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="comments")
    question = models.CharField(_("question"), max_length=20, blank=True)
    text = models.TextField(_("comment"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.text[:60]
