"""The inventory: systems, models and their versions, data sets and theirs."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.evidence import Blob
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
        return not self.versions.exclude(status=VersionStatus.DRAFT).exists()

    def is_own(self, person: Any) -> bool:
        """As its system."""
        return self.system.is_own(person)


class VersionStatus(models.TextChoices):
    """The states of a version; the transitions between them stand in registry/lifecycle.py."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    REJECTED = "rejected", _("Rejected")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    SUSPENDED = "suspended", _("Suspended")
    DEPRECATED = "deprecated", _("Deprecated")
    RETIRED = "retired", _("Retired")


class ModelVersionQuerySet(AuditedQuerySet):
    """Versions."""

    def visible_to(self, user: Any) -> Self:
        """Versions whose home system the person may see."""
        return self.filter(model__system__in=AISystem.objects.visible_to(user))

    def retiring_before(self, day: Any) -> Self:
        """Versions in use whose retirement date comes before the day."""
        return self.filter(retirement_date__lt=day).exclude(status=VersionStatus.RETIRED)


class ModelVersion(Audited):
    """A version of a model: exact bytes, identified by their SHA-256, immutable once submitted."""

    model = models.ForeignKey(Model, verbose_name=_("model"), on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=60)
    status = models.CharField(
        _("status"), max_length=20, choices=VersionStatus, default=VersionStatus.DRAFT, editable=False
    )
    artifact = models.ForeignKey(Blob, verbose_name=_("artefact"), on_delete=models.PROTECT, related_name="+")
    artifact_name = models.CharField(_("file name"), max_length=255)
    change_note = models.TextField(_("what is new in it"), blank=True)
    provider = models.CharField(_("provider"), max_length=160, blank=True)
    base_model = models.CharField(_("base model"), max_length=200, blank=True)
    training_run = models.CharField(_("training run"), max_length=200, blank=True)
    deprecation_date = models.DateField(_("deprecation date"), null=True, blank=True)
    retirement_date = models.DateField(_("retirement date"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", verbose_name=_("successor"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("registered by"), on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(_("frozen at"), null=True, editable=False)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ("model__name", "-created_at")
        constraints = (
            models.UniqueConstraint(fields=["model", "version"], name="version_once_a_model"),
            models.UniqueConstraint(fields=["model", "artifact"], name="artifact_once_a_model"),
            models.CheckConstraint(
                condition=Q(retirement_date__isnull=True)
                | Q(deprecation_date__isnull=True)
                | Q(retirement_date__gte=models.F("deprecation_date")),
                name="retired_after_deprecated",
            ),
        )

    def __str__(self) -> str:
        return f"{self.model.name} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("version", args=[self.pk])

    @property
    def artifact_hash(self) -> str:
        """`sha256:` and the hex digest of the artefact's bytes: the version's identity."""
        return self.artifact.digest

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its home system."""
        return self.model.system.unit

    @property
    def home_system(self) -> AISystem:
        """Its home system."""
        return self.model.system

    @property
    def about(self) -> Any:
        """The log files what concerns a version under the version."""
        return self.pk

    @property
    def is_draft(self) -> bool:
        """It may still be edited."""
        return self.status in {VersionStatus.DRAFT, VersionStatus.CHANGES_REQUESTED}

    @property
    def is_past_retirement(self) -> bool:
        """Its retirement date has come."""
        return self.retirement_date is not None and self.retirement_date <= timezone.localdate()

    @property
    def release(self) -> Any:
        """Its newest release at the home system, or None."""
        return self.releases.filter(system=self.model.system).order_by("-created_at").first()

    @property
    def card(self) -> Any:
        """Its newest card revision, or None."""
        return self.cards.order_by("-number").first()

    def is_own(self, person: Any) -> bool:
        """The person owns its system or registered it."""
        return self.registered_by_id == person.pk or self.home_system.is_own(person)


class DatasetQuerySet(AuditedQuerySet):
    """Data sets."""

    def visible_to(self, user: Any) -> Self:
        """Data sets of the units in which the person may look."""
        from registry import access

        return self.filter(access.reach(user, access.DATASET_VIEW, unit="unit", system=None))


class Dataset(Audited):
    """A data set with versions."""

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80)
    description = models.TextField(_("description"), blank=True)
    steward = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("data steward"), on_delete=models.PROTECT, related_name="stewards"
    )

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["unit", "slug"], name="dataset_slug_once_a_unit"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dataset", args=[self.pk])

    def is_own(self, person: Any) -> bool:
        """The person is its steward."""
        return self.steward_id == person.pk


class DatasetVersionQuerySet(AuditedQuerySet):
    """Versions of data sets."""

    def visible_to(self, user: Any) -> Self:
        """Versions of the data sets that the person may see."""
        return self.filter(dataset__in=Dataset.objects.visible_to(user))


class DatasetVersion(Audited):
    """A version of a data set, identified by the digest of its bytes; the bytes themselves may lie elsewhere."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        RESTRICTED = "restricted", _("Restricted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Use(models.TextChoices):
        TRAINING = "training", _("Training")
        VALIDATION = "validation", _("Validation")
        TEST = "test", _("Test")
        GOLDEN = "golden", _("Golden set")
        MONITORING = "monitoring", _("Monitoring")

    dataset = models.ForeignKey(Dataset, verbose_name=_("data set"), on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=60)
    hash = models.CharField(_("digest"), max_length=71, help_text=_("sha256: and 64 hexadecimal digits."))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    use = models.CharField(_("use"), max_length=12, choices=Use)
    provenance = models.TextField(_("where it comes from"), blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    lawful_basis = models.CharField(_("lawful basis"), max_length=120, blank=True)
    contains_personal_data = models.BooleanField(_("contains personal data"), default=False)
    known_biases = models.TextField(_("known biases"), blank=True)
    retention_until = models.DateField(_("kept until"), null=True, blank=True)

    unaudited: ClassVar[frozenset[str]] = frozenset()
    objects = DatasetVersionQuerySet.as_manager()

    class Meta:
        ordering = ("dataset__name", "-created_at")
        constraints = (
            models.UniqueConstraint(fields=["dataset", "version"], name="version_once_a_dataset"),
            models.UniqueConstraint(fields=["dataset", "hash"], name="hash_once_a_dataset"),
        )

    def __str__(self) -> str:
        return f"{self.dataset.name} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("dataset", args=[self.dataset_id])

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its data set."""
        return self.dataset.unit

    def is_own(self, person: Any) -> bool:
        """As its data set."""
        return self.dataset.is_own(person)
