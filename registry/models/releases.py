"""Releases, their reviews and sign-offs, and the deployments that follow."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.artifacts import ArtifactVersion
from registry.models.base import Audited, AuditedQuerySet
from registry.models.cards import ModelCard
from registry.models.datasets import DatasetVersion
from registry.models.evidence import Evidence
from registry.models.systems import AISystem
from registry.models.versions import ModelVersion


class OfSystemQuerySet(AuditedQuerySet):
    """Rows that hang on a system."""

    system_path = "system"

    def visible_to(self, user: Any) -> Self:
        """Rows of the systems that the person may see; joined rather than looked up in a list, for long lists."""
        from registry import access

        path = self.system_path
        return self.filter(access.reach(user, access.MODEL_VIEW, unit=f"{path}__unit", system=path))


class OfSystem(Audited):
    """A row that hangs on a system: its unit, its owners and its place in the log follow from it."""

    class Meta:
        abstract = True

    @property
    def home_system(self) -> AISystem:
        """The system it hangs on."""
        raise NotImplementedError

    @property
    def unit(self) -> Any:
        """The unit of the system."""
        return self.home_system.unit

    @property
    def unit_id(self) -> Any:
        """Its id, which the system names."""
        return self.home_system.unit_id

    def is_own(self, person: Any) -> bool:
        """As the system."""
        return self.home_system.is_own(person)


class Release(OfSystem):
    """An exact version with exact components, put before reviewers for one system."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        ROLLED_BACK = "rolled_back", _("Rolled back")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="releases")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="releases")
    notes = models.TextField(_("release notes"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    components = models.JSONField(_("component versions"), default=list)
    card = models.ForeignKey(ModelCard, null=True, on_delete=models.PROTECT, related_name="releases")
    evidence = models.ManyToManyField(Evidence, related_name="releases")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    publisher = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    approval_ends_on = models.DateField(_("approval ends"), null=True, editable=False)
    suspended_at = models.DateTimeField(_("suspended since"), null=True, editable=False)
    suspension_reason = models.TextField(_("why it was suspended"), blank=True, editable=False)
    immaterial_changes = models.JSONField(_("changes that voided nothing"), default=list, blank=True, editable=False)
    rollback_to = models.ForeignKey(
        "self",
        verbose_name=_("fall back to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="fallback_of",
    )
    quality_thresholds = models.TextField(_("quality thresholds"), blank=True)
    rai_documents = models.TextField(_("responsible-AI documents"), blank=True)
    clients = models.JSONField(_("clients that fit"), default=list, blank=True)
    artifact_versions = models.ManyToManyField(ArtifactVersion, related_name="releases")
    dataset_versions = models.ManyToManyField(DatasetVersion, related_name="releases")

    objects = OfSystemQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return _("Release of %s") % self.version

    @property
    def task_label(self) -> str:
        """Its version; the task itself says the rest."""
        return str(self.version)

    def get_absolute_url(self) -> str:
        return reverse("release", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The system it serves."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under its version."""
        return self.version_id

    @property
    def approval_has_ended(self) -> bool:
        """The last day of its approval is past."""
        return self.approval_ends_on is not None and self.approval_ends_on < moment.today()

    @property
    def is_suspended(self) -> bool:
        """It was published and is out of use until it is decided on anew."""
        return self.suspended_at is not None


class DeploymentQuerySet(OfSystemQuerySet):
    """Deployments."""

    system_path = "release__system"

    def running(self) -> Self:
        """Deployments that serve now."""
        return self.filter(status=Deployment.Status.RUNNING)

    def drifting(self) -> Self:
        """Of the running ones those whose bytes are not the released ones."""
        return self.running().filter(drift_since__isnull=False)


class Deployment(OfSystem):
    """A running instance of a published release; it moves the system to pilot or production."""

    class Environment(models.TextChoices):
        SANDBOX = "sandbox", _("Sandbox")
        DEVELOPMENT = "development", _("Development")
        TEST = "test", _("Test")
        STAGING = "staging", _("Staging")
        PILOT = "pilot", _("Pilot")
        PRODUCTION = "production", _("Production")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        REMOVED = "removed", _("Removed")

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="deployments")
    environment = models.CharField(_("environment"), max_length=12, choices=Environment)
    region = models.CharField(_("region"), max_length=60)
    residency = models.CharField(_("where its data stay"), max_length=120, blank=True)
    failover_region = models.CharField(_("region to fail over to"), max_length=60, blank=True)
    redundancy = models.CharField(_("redundancy"), max_length=200, blank=True)
    endpoint = models.CharField(_("endpoint"), max_length=255, blank=True, db_index=True)
    business_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("business owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    technical_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("technical owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rate_limit = models.CharField(_("limit on requests"), max_length=120, blank=True)
    quotas = models.JSONField(_("consumers and their quotas"), default=list, blank=True)
    log_store = models.CharField(_("where its output is logged"), max_length=200, blank=True)
    log_write_once = models.BooleanField(_("that store can be written once only"), default=False)
    write_once_verified_at = models.DateTimeField(_("store last verified"), null=True, editable=False)
    observed_digests = models.JSONField(_("digests observed last"), default=list, blank=True, editable=False)
    observed_at = models.DateTimeField(_("observed"), null=True, editable=False)
    drift_since = models.DateTimeField(_("differs since"), null=True, editable=False)
    replaces = models.ForeignKey(
        "self",
        verbose_name=_("took over from"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        editable=False,
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.RUNNING, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["created_at", "id"], name="deployments_by_age"),
            models.Index(Upper("region"), name="deployments_by_region"),
        )

    def __str__(self) -> str:
        return f"{self.release.version} – {self.get_environment_display()} – {self.region}"

    def get_absolute_url(self) -> str:
        return reverse("deployment", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The system of the release."""
        return self.release.system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.release.version_id

    @property
    def owners(self) -> tuple[Any, Any]:
        """Who answers for its use and for its build: its own owners, or where none is named the system's."""
        system = self.home_system
        return self.business_owner or system.business_owner, self.technical_owner or system.technical_owner

    def is_own(self, person: Any) -> bool:
        """The person owns it or its system."""
        return person.pk in {self.business_owner_id, self.technical_owner_id} or super().is_own(person)
