"""Metric baselines: the limits that a system is held to, each with its reason, its setter and its approver."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Audited, AuditedQuerySet


class MetricBaselineQuerySet(AuditedQuerySet):
    """Baselines."""

    def visible_to(self, user: Any) -> Self:
        """Baselines of the systems that the person may see."""
        return self.filter(system__in=AISystem.objects.visible_to(user))

    def in_force(self, system: AISystem, slug: str) -> Self:
        """The approved rules of one check for a system."""
        return self.filter(system=system, slug=slug, status=MetricBaseline.Status.APPROVED)


class MetricBaseline(Audited):
    """A limit that a system is held to: set by a risk officer, approved by somebody else, applied to every run."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SUPERSEDED = "superseded", _("Superseded")

    class Principle(models.TextChoices):
        ACCURACY = "accuracy", _("Accuracy")
        ROBUSTNESS = "robustness", _("Robustness")
        FAIRNESS = "fairness", _("Fairness")
        TRANSPARENCY = "transparency", _("Transparency")
        EXPLAINABILITY = "explainability", _("Explainability")
        PRIVACY = "privacy", _("Privacy")
        SECURITY = "security", _("Security")
        SAFETY = "safety", _("Safety")
        ACCOUNTABILITY = "accountability", _("Accountability")
        SUSTAINABILITY = "sustainability", _("Sustainability")
        HUMAN_OVERSIGHT = "human_oversight", _("Human oversight")

    system = models.ForeignKey(AISystem, verbose_name=_("system"), on_delete=models.PROTECT, related_name="baselines")
    slug = models.CharField(_("check"), max_length=60)
    rule = models.CharField(_("rule"), max_length=120, help_text=_("A metric, <= or >=, and a limit."))
    principle = models.CharField(_("principle"), max_length=20, choices=Principle, default=Principle.FAIRNESS)
    rationale = models.TextField(_("why this limit"))
    baseline_value = models.FloatField(_("value so far"), null=True, blank=True)
    business_kpi = models.CharField(_("business figure that it stands for"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)

    objects = MetricBaselineQuerySet.as_manager()

    class Meta:
        ordering = ("system", "slug", "rule")

    def __str__(self) -> str:
        return f"{self.rule} – {self.system}"

    def get_absolute_url(self) -> str:
        return reverse("baselines", args=[self.system_id])

    @property
    def unit(self) -> Any:
        """The unit of its system."""
        return self.system.unit

    @property
    def home_system(self) -> AISystem:
        """Its system."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under its system."""
        return self.system_id

    @property
    def parts(self) -> tuple[str, str, str]:
        """Metric, sign and limit of the rule."""
        sign = "<=" if "<=" in self.rule else ">="
        metric, _sign, limit = self.rule.partition(sign)
        return metric.strip(), sign, limit.strip()

    @property
    def metric(self) -> str:
        """What the limit is put on."""
        return self.parts[0]
