"""Systems, and the models that live in them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit


class Tier(models.TextChoices):
    """How much a system can harm, hence how much is asked before its release."""

    MINIMAL = "minimal", _("Minimal")
    LIMITED = "limited", _("Limited")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class Stage(models.TextChoices):
    """Where a system is in its life; pilot and production are entered by a deployment only."""

    INTAKE = "intake", _("Intake")
    ASSESSMENT = "assessment", _("Assessment")
    DEVELOPMENT = "development", _("Development")
    VALIDATION = "validation", _("Validation")
    PILOT = "pilot", _("Pilot")
    PRODUCTION = "production", _("Production")
    SUSPENDED = "suspended", _("Suspended")
    RETIRED = "retired", _("Retired")


class AISystemQuerySet(AuditedQuerySet):
    """Systems."""

    def visible_to(self, user: Any) -> Self:
        """Systems of the units in which the person may look."""
        from registry import access

        return self.filter(access.reach(user, access.MODEL_VIEW, unit="unit", system="pk"))

    def in_use(self) -> Self:
        """Systems in pilot or production."""
        return self.filter(lifecycle_stage__in=[Stage.PILOT, Stage.PRODUCTION])


class AISystem(Audited):
    """A use case in its context: what a board decides on and what law regulates."""

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80)
    purpose = models.TextField(_("purpose"), help_text=_("What it does, for whom, and what follows from its output."))
    business_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("business owner"), on_delete=models.PROTECT, related_name="owns_use_of"
    )
    technical_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("technical owner"),
        on_delete=models.PROTECT,
        related_name="owns_build_of",
    )
    risk_tier = models.CharField(_("risk tier"), max_length=10, choices=Tier)
    lifecycle_stage = models.CharField(
        _("life-cycle stage"), max_length=12, choices=Stage, default=Stage.DEVELOPMENT, editable=False
    )
    intended_uses = models.TextField(_("intended uses"), blank=True)
    out_of_scope_uses = models.TextField(_("uses out of scope"), blank=True)
    intended_users = models.TextField(_("intended users"), blank=True)
    affected_groups = models.TextField(_("people affected"), blank=True)
    human_oversight_design = models.TextField(_("human oversight"), blank=True)
    task_type = models.CharField(_("task"), max_length=80, blank=True)
    method_type = models.CharField(_("method"), max_length=80, blank=True)
    applicable_law = models.TextField(_("applicable law"), blank=True)
    is_generative = models.BooleanField(_("generates content"), default=False)
    is_agentic = models.BooleanField(_("acts through tools on its own"), default=False)
    has_vendor_component = models.BooleanField(_("uses a vendor's or open-source model or service"), default=False)
    processes_personal_data = models.BooleanField(_("processes personal data"), default=True)
    affects_people = models.BooleanField(_("output is used in decisions about people"), default=True)
    interacts_with_people = models.BooleanField(_("people interact with it directly"), default=False)

    objects = AISystemQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["unit", "slug"], name="system_slug_once_a_unit"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("system", args=[self.pk])

    @property
    def about(self) -> Any:
        """What a change of this row is about, for the log."""
        return self.pk

    @property
    def home_system(self) -> "AISystem":
        """Itself: duties may be held for one system."""
        return self

    @property
    def is_draft(self) -> bool:
        """Nothing of it has been submitted yet."""
        return not self.releases.exists()

    def is_own(self, person: Any) -> bool:
        """The person owns its use or its build."""
        return person.pk in {self.business_owner_id, self.technical_owner_id}


class ModelQuerySet(AuditedQuerySet):
    """Models."""

    def visible_to(self, user: Any) -> Self:
        """Models whose home system the person may see."""
        return self.filter(system__in=AISystem.objects.visible_to(user))


class Model(Audited):
    """A thing with versions. Unit, owners, tier and policy come from its home system."""

    system = models.ForeignKey(AISystem, verbose_name=_("home system"), on_delete=models.PROTECT, related_name="models")
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80)

    objects = ModelQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["system", "slug"], name="model_slug_once_a_system"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("model", args=[self.pk])

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its home system."""
        return self.system.unit

    @property
    def home_system(self) -> AISystem:
        """Its home system."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files a model under its system."""
        return self.system_id

    @property
    def is_draft(self) -> bool:
        """No version of it has been submitted."""
        return not self.versions.exclude(status="draft").exists()

    def is_own(self, person: Any) -> bool:
        """As its system."""
        return self.system.is_own(person)
