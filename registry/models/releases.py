"""Releases, their reviews and sign-offs, and the deployments that follow."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.artifacts import ArtifactVersion
from registry.models.base import Audited, AuditedQuerySet
from registry.models.cards import ModelCard
from registry.models.datasets import DatasetVersion
from registry.models.evidence import Evidence
from registry.models.people import Duty
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


class ReviewQuerySet(OfSystemQuerySet):
    """Reviews."""

    system_path = "release__system"

    def open(self) -> Self:
        """Reviews that wait for sign-offs."""
        return self.filter(status=Review.Status.OPEN)


class Review(OfSystem):
    """People signing off one release, under a policy that was frozen when it was opened."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        APPROVED = "approved", _("Approved")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="review")
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.OPEN, editable=False)
    policy = models.JSONField(_("policy"))
    policy_digest = models.CharField(_("digest of the policy"), max_length=71)
    material = models.JSONField(_("material, as frozen"), default=dict)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    subject_digest = models.CharField(_("digest of what is decided on"), max_length=71)
    gates_at_decision = models.JSONField(_("gates at the decision"), default=list)
    due_on = models.DateField(_("due"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "created_at")

    def __str__(self) -> str:
        return _("Review of %s") % self.release.version

    @property
    def task_label(self) -> str:
        """Its version; the task itself says the rest."""
        return str(self.release.version)

    def get_absolute_url(self) -> str:
        return reverse("review", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The system of the release."""
        return self.release.system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.release.version_id


class SignOffQuerySet(OfSystemQuerySet):
    """Sign-offs."""

    system_path = "review__release__system"

    def standing(self) -> Self:
        """Decisions that were taken and not voided."""
        return self.filter(voided_at__isnull=True).exclude(decision="")

    def waiting(self) -> Self:
        """Slots that nobody has filled."""
        return self.filter(voided_at__isnull=True, decision="")


class SignOff(OfSystem):
    """One slot per stage, duty and ordinal; filled once by one person with a decision bound to a digest.

    A voided decision stays as it was, with what voided it; a new slot is opened beside it.
    """

    class Decision(models.TextChoices):
        APPROVE = "approve", _("Approve")
        REQUEST_CHANGES = "request_changes", _("Request changes")
        REJECT = "reject", _("Reject")

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="sign_offs")
    stage = models.PositiveSmallIntegerField(_("stage"))
    duty = models.CharField(_("duty"), max_length=30, choices=Duty)
    ordinal = models.PositiveSmallIntegerField(_("ordinal"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="sign_offs")
    decision = models.CharField(_("decision"), max_length=20, choices=Decision, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    subject_digest = models.CharField(_("digest of what was seen"), max_length=71, blank=True)
    auth_level = models.CharField(_("signed in by"), max_length=20, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    voided_at = models.DateTimeField(_("voided"), null=True)
    void_reason = models.TextField(_("what voided it"), blank=True)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ("round", "stage", "duty", "ordinal")
        constraints = (
            models.UniqueConstraint(fields=["review", "round", "stage", "duty", "ordinal"], name="one_slot_once"),
            models.UniqueConstraint(
                fields=["review", "person"],
                condition=models.Q(voided_at__isnull=True, person__isnull=False),
                name="one_person_one_decision",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="") | (models.Q(person__isnull=False) & ~models.Q(subject_digest="")),
                name="a_decision_has_person_and_digest",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_duty_display()} – {self.get_decision_display() or _('waiting')}"

    @property
    def home_system(self) -> AISystem:
        """The system of the review."""
        return self.review.release.system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.review.release.version_id


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
