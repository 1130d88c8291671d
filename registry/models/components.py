"""The catalogue of components that may be used, and which system or version uses which."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.base import Audited
from registry.models.people import BusinessUnit
from registry.models.releases import OfSystem, OfSystemQuerySet
from registry.models.systems import AISystem
from registry.models.vendors import CatalogueQuerySet, Importance, Vendor
from registry.models.versions import ModelVersion


class Use(models.TextChoices):
    """What a component may be used for."""

    DEVELOPMENT = "development", _("Trying out and development")
    INTERNAL = "internal", _("Support of the organisation's own staff")
    CUSTOMERS = "customers", _("Answers or content that customers see")
    DECISIONS = "decisions", _("Decisions about people")
    TUNING = "tuning", _("Training and fine-tuning of models")


class ComponentQuerySet(CatalogueQuerySet):
    """Entries of the catalogue."""

    def of_unit(self, unit: BusinessUnit) -> Self:
        """Entries that hold for a unit: its own and those of the units above."""
        return self.filter(unit__in=[pk for pk in unit.path.split("/") if pk])

    def newer_than(self, component: "Component") -> Self:
        """Later versions of the same family from the same provider."""
        if not component.family or component.released_on is None:
            return self.none()
        same = self.filter(provider=component.provider, family=component.family)
        return same.filter(released_on__gt=component.released_on).order_by("-released_on")


class Component(Audited):
    """A model, service, library or data set of somebody else: what it is, and for what it may be used."""

    class Kind(models.TextChoices):
        MODEL = "model", _("Model")
        SERVICE = "service", _("Service")
        LIBRARY = "library", _("Library")
        DATASET = "dataset", _("Data set")
        TOOL = "tool", _("Tool")
        HARDWARE = "hardware", _("Hardware")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        RESTRICTED = "restricted", _("Approved under conditions")
        FORBIDDEN = "forbidden", _("Forbidden")
        ENDED = "ended", _("Ended")

    USABLE = (Status.APPROVED, Status.RESTRICTED)

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT, related_name="+")
    vendor = models.ForeignKey(
        Vendor, verbose_name=_("vendor"), null=True, blank=True, on_delete=models.PROTECT, related_name="components"
    )
    component_type = models.CharField(_("kind"), max_length=10, choices=Kind)
    provider = models.CharField(
        _("provider"), max_length=200, help_text=_("Who makes it, as its own documents write the name.")
    )
    name = models.CharField(_("name"), max_length=200)
    version = models.CharField(_("version"), max_length=100)
    family = models.CharField(_("family"), max_length=200, blank=True)
    released_on = models.DateField(_("released"), null=True, blank=True)
    newer_version = models.CharField(_("newer version that is known of"), max_length=100, blank=True)
    end_of_life = models.DateField(_("end of life"), null=True, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    hash = models.CharField(
        _("digest"), max_length=71, blank=True, help_text=_("sha256: and 64 hexadecimal digits, where there are bytes.")
    )
    criticality = models.CharField(_("importance"), max_length=10, choices=Importance, blank=True)
    risk_note = models.TextField(_("known weaknesses"), blank=True)
    uses = models.JSONField(_("may be used for"), default=list, blank=True)
    data_classes = models.JSONField(_("may see data of the classes"), default=list, blank=True)
    regions = models.JSONField(_("may run in"), default=list, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    conditions = models.TextField(_("conditions"), blank=True, editable=False)
    valid_until = models.DateField(_("allowed until"), null=True, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("proposed by"), on_delete=models.PROTECT, related_name="+"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    reviewed_at = models.DateTimeField(_("decided"), null=True, editable=False)
    reason = models.TextField(_("reason"), blank=True, editable=False)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        ordering = ("name", "version")
        constraints = (
            models.UniqueConstraint(
                fields=["unit", "component_type", "provider", "name", "version"], name="component_once_a_unit"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "restricted", "forbidden"]) | Q(reviewed_by__isnull=False),
                name="decided_component_has_decider",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("component", args=[self.pk])

    @property
    def about(self) -> Any:
        """What a change of this row is about, for the log."""
        return self.pk

    @property
    def is_usable(self) -> bool:
        """It stands on the list of what is allowed, and its time has not run out."""
        return self.status in self.USABLE and not self.is_expired

    @property
    def is_expired(self) -> bool:
        """The last day on which it was allowed, or on which its provider kept it alive, has passed."""
        days = [day for day in (self.valid_until, self.end_of_life) if day is not None]
        return any(day < moment.today() for day in days)

    def is_own(self, person: Any) -> bool:
        """The person proposed it."""
        return self.proposed_by_id == person.pk


class ComponentUseQuerySet(OfSystemQuerySet):
    """Uses."""

    def live(self) -> Self:
        """Uses that have not ended."""
        return self.filter(ended_at__isnull=True)

    def bearing_on(self, system: AISystem, version: ModelVersion | None) -> Self:
        """Live uses of the system as a whole, and those of this very version."""
        return self.live().filter(Q(version__isnull=True) | Q(version=version), system=system)


class ComponentUse(OfSystem):
    """A system, or one version of its model, uses a component: for what, on which data, where."""

    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="component_uses")
    version = models.ForeignKey(
        ModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="component_uses"
    )
    component = models.ForeignKey(
        Component, verbose_name=_("component"), on_delete=models.PROTECT, related_name="used_by"
    )
    use = models.CharField(_("used for"), max_length=20, choices=Use)
    data_class = models.CharField(_("most sensitive data that it sees"), max_length=20)
    region = models.CharField(_("where it runs"), max_length=60, blank=True)
    modifications = models.TextField(_("what was changed in it"), blank=True)
    conditions_kept = models.TextField(_("how its conditions are kept"), blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects = ComponentUseQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["system", "component", "use"],
                condition=Q(version__isnull=True, ended_at__isnull=True),
                name="component_once_a_system",
            ),
            models.UniqueConstraint(
                fields=["version", "component", "use"],
                condition=Q(version__isnull=False, ended_at__isnull=True),
                name="component_once_a_version",
            ),
        )

    def __str__(self) -> str:
        return f"{self.version or self.system}: {self.component}"

    @property
    def home_system(self) -> AISystem:
        """The system that uses it."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under the version, or under the system where it is used by all of it."""
        return self.version_id or self.system_id
