"""Predictions, check runs and metric baselines: what is computed on, what was computed, and against which limit."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Audited, AuditedQuerySet, Blob, Evidence, Job, ModelVersion, Verdict


class OfVersionQuerySet(AuditedQuerySet):
    """Rows that hang on a version."""

    def visible_to(self, user: Any) -> Self:
        """Rows of versions whose checks the person may see."""
        from registry import access

        return self.filter(
            access.reach(user, access.CHECK_VIEW, unit="version__model__system__unit", system="version__model__system")
        )


class OfVersion(Job):
    """A job on a version: unit, system and place in the log follow from it."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")

    unit_path: ClassVar[str] = "version__model__system__unit"

    objects = OfVersionQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def unit(self) -> Any:
        """The unit of the version."""
        return self.version.unit

    @property
    def home_system(self) -> AISystem:
        """The home system of the version."""
        return self.version.home_system

    @property
    def about(self) -> Any:
        """The log files it under its version."""
        return self.version_id

    def is_own(self, person: Any) -> bool:
        """The person asked for it, or owns the version."""
        return self.requested_by_id == person.pk or self.version.is_own(person)


class Predictions(OfVersion):
    """An uploaded table of predictions. Its columns are read by a job in a child process, never by the web process."""

    blob = models.ForeignKey(Blob, verbose_name=_("file"), on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=255)
    role = models.CharField(
        _("rows"),
        max_length=12,
        choices=[("test", _("held-out test rows")), ("development", _("rows the model was tuned on"))],
        default="test",
    )
    rows = models.BigIntegerField(_("rows"), null=True, editable=False)
    columns = models.JSONField(_("columns"), default=list, editable=False)

    task: ClassVar[str] = "rai.read_columns"
    noun: ClassVar[str] = "predictions"

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "predictions"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("predictions", args=[self.pk])


class CheckRun(OfVersion):
    """A check that was asked for: the job that makes evidence, and keeps no second copy of it."""

    slug = models.CharField(_("check"), max_length=60)
    predictions = models.ForeignKey(Predictions, on_delete=models.PROTECT, related_name="runs")
    parameters = models.JSONField(_("parameters"), default=dict)
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, blank=True, editable=False)
    evidence = models.OneToOneField(Evidence, null=True, on_delete=models.PROTECT, related_name="run", editable=False)

    task: ClassVar[str] = "rai.run_check"
    noun: ClassVar[str] = "check"
    # No column: the parameters that a stored outcome names, while its check is computed again.
    replayed: dict[str, Any] | None = None
    # No column either: the counts that the worker judged, until they are stored beside the evidence.
    counts: Any = None

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.slug} – {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("check", args=[self.pk])


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

    system = models.ForeignKey(AISystem, verbose_name=_("system"), on_delete=models.PROTECT, related_name="baselines")
    slug = models.CharField(_("check"), max_length=60)
    rule = models.CharField(_("rule"), max_length=120, help_text=_("A metric, <= or >=, and a limit."))
    principle = models.CharField(_("principle"), max_length=20, choices=Principle, default=Principle.FAIRNESS)
    rationale = models.TextField(_("why this limit"))
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
