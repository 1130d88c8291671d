"""Assessments of a unit's maturity: one row a questionnaire, with the levels by perspective that were confirmed."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import Audited, AuditedQuerySet, BusinessUnit
from risk.questionnaires import Reply, template
from risk.template_parts import Template


class MaturityQuerySet(AuditedQuerySet):
    """Assessments of maturity."""

    def visible_to(self, user: Any) -> Self:
        """Those of the units of which the person may read the risks."""
        from registry import access

        return self.filter(access.reach(user, access.RISK_VIEW, unit="unit", system=None))

    def confirmed(self) -> Self:
        """Those that somebody else than who filled them has confirmed."""
        return self.filter(confirmed_at__isnull=False)


class AdoptionStage(models.TextChoices):
    """How far a unit has gone in the use of AI; the further, the more is required of it."""

    EXPLORATION = "exploration", _("Exploration: trials without effect on people")
    PRODUCTION = "production", _("Production: systems in daily use")
    REINVENTION = "reinvention", _("Reinvention: work is built around AI")


class MaturityAssessment(Audited):
    """How mature a unit's work with AI is, by perspective, on a day."""

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT)
    template = models.CharField(_("questionnaire"), max_length=40)
    template_version = models.CharField(_("version of the questionnaire"), max_length=20)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    levels = models.JSONField(_("levels"), default=dict, blank=True, editable=False)
    stage = models.CharField(_("stage of adoption"), max_length=12, choices=AdoptionStage, blank=True, editable=False)
    filled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("filled by"), on_delete=models.PROTECT, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("confirmed by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    reason = models.TextField(_("reason"), blank=True)

    objects = MaturityQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["unit"], condition=Q(confirmed_at__isnull=True), name="one_open_maturity_a_unit"
            ),
        )

    def __str__(self) -> str:
        return str(self.unit)

    def get_absolute_url(self) -> str:
        return reverse("maturity-assessment", args=[self.pk])

    @property
    def form(self) -> Template:
        """The questionnaire of this installation."""
        return template(self.template)

    @property
    def about(self) -> Any:
        """The log files it under the unit."""
        return self.unit_id

    @property
    def is_open(self) -> bool:
        """Nobody has confirmed it yet."""
        return self.confirmed_at is None

    def is_own(self, _person: Any) -> bool:
        """Nobody owns a unit."""
        return False

    def replies(self) -> dict[str, Reply]:
        """The answers so far, by question."""
        return {question: Reply(*said) for question, said in self.answers.items()}
