"""Data sets and their versions."""

from collections.abc import Collection
from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit

# What data are until somebody says otherwise; the classes and their order stand in registry/data/data_standard.yaml.
DEFAULT_CLASS: Final = "internal"


class DatasetQuerySet(AuditedQuerySet):
    """Data sets."""

    def of_units_of(self, user: Any) -> Self:
        """Data sets of the units in which the person may look."""
        from registry import access

        return self.filter(access.reach(user, access.DATASET_VIEW, unit="unit", system=None))

    def visible_to(self, user: Any) -> Self:
        """These, and data of other units to which a system that the person may see has access today."""
        from registry import access
        from registry.models.data_use import DataAccess

        held = access.grants(user)
        mine = access.reach(user, access.DATASET_VIEW, unit="unit", system=None, held=held)
        lent = access.reach(user, access.DATASET_VIEW, unit="system__unit", system="system", held=held)
        return self.filter(mine | models.Q(pk__in=DataAccess.objects.in_force().filter(lent).values("dataset")))

    def offered_to(self, user: Any) -> Self:
        """Data sets of which the person may know the name: those in sight, and those that other units offer."""
        return self.visible_to(user) | self.filter(is_offered=True)


class Dataset(Audited):
    """A data set with versions."""

    class Kind(models.TextChoices):
        """What rules hold for it besides those of its class: `kinds` in registry/data/data_standard.yaml."""

        BUSINESS = "business", _("Business data")
        USER = "user", _("Data of users")
        SESSION = "session", _("Data of sessions")
        KNOWLEDGE = "knowledge", _("Private knowledge")

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80)
    description = models.TextField(_("meaning"), blank=True)
    steward = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("data steward"), on_delete=models.PROTECT, related_name="stewards"
    )
    classification = models.CharField(_("class"), max_length=20, default=DEFAULT_CLASS, editable=False)
    special_categories = models.BooleanField(_("contains special categories of personal data"), default=False)
    relations = models.TextField(_("relation to other data"), blank=True)
    origin = models.TextField(_("origin"), blank=True)
    source_reputation = models.TextField(_("reputation of the source"), blank=True)
    receipt = models.TextField(_("way of receipt"), blank=True)
    format = models.CharField(_("format"), max_length=160, blank=True)
    intended_use = models.TextField(_("what it may be used for"), blank=True)
    collected_from = models.DateField(_("collected from"), null=True, blank=True)
    collected_until = models.DateField(_("collected until"), null=True, blank=True)
    storage = models.TextField(_("storage"), blank=True)
    residency = models.CharField(_("where it is stored"), max_length=120, blank=True)
    terms = models.TextField(_("terms"), blank=True)
    right_to_process = models.TextField(_("right to process"), blank=True)
    kind = models.CharField(_("type of data"), max_length=10, choices=Kind, default=Kind.BUSINESS)
    access_rules = models.TextField(_("who may read it"), blank=True)
    is_offered = models.BooleanField(_("other units may ask for it"), default=False)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=["unit", "slug"], name="dataset_slug_once_a_unit"),
            models.CheckConstraint(
                condition=models.Q(collected_from__isnull=True)
                | models.Q(collected_until__isnull=True)
                | models.Q(collected_until__gte=models.F("collected_from")),
                name="collected_until_after_from",
                violation_error_message=_("The end of the collection lies before its beginning."),
            ),
        )
        indexes = (
            models.Index(fields=["name", "id"], name="datasets_by_name"),
            models.Index(fields=["created_at", "id"], name="datasets_by_age"),
        )

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
        RAG = "rag", _("Retrieval")
        FINE_TUNING = "fine_tuning", _("Fine-tuning")
        MONITORING = "monitoring", _("Monitoring")
        FEEDBACK = "feedback", _("Feedback")

    class Obtained(models.TextChoices):
        """How the organisation came by it, and so what must be said: `obtained` in registry/data/data_standard.yaml."""

        COLLECTED = "collected", _("Collected by the organisation")
        DERIVED = "derived", _("Made from other data of the organisation")
        PUBLISHED = "published", _("Published by somebody else")
        BOUGHT = "bought", _("Bought")
        SYNTHETIC = "synthetic", _("Synthetic")

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
    consent_terms = models.TextField(_("consent, and what it covers"), blank=True)
    obtained = models.CharField(_("how it was obtained"), max_length=10, choices=Obtained, blank=True)
    generator = models.CharField(_("what generated it"), max_length=200, blank=True)
    synthetic_share = models.FloatField(
        _("share of synthetic rows"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    agreement = models.ForeignKey(
        "registry.Agreement", verbose_name=_("agreement with its vendor"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="data",
    )  # fmt: skip
    obtained_terms = models.TextField(_("what its terms allow and forbid"), blank=True)
    labelled_by = models.TextField(_("who labelled it"), blank=True)
    labelling_instructions = models.TextField(_("instructions to the labellers"), blank=True)
    label_agreement = models.FloatField(
        _("agreement of the labellers"), null=True, blank=True, validators=[MinValueValidator(-1), MaxValueValidator(1)]
    )
    label_measure = models.CharField(_("measure of the agreement"), max_length=80, blank=True)
    label_source = models.CharField(_("where this figure comes from"), max_length=300, blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("registered by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    asked_uses = models.JSONField(_("uses asked for"), default=list, editable=False)
    approved_uses = models.JSONField(_("approved for"), default=list, editable=False)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("approver"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    decision_reason = models.TextField(_("reason of the decision"), blank=True, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)

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
        return reverse("dataset-version", args=[self.pk])

    @property
    def is_regulated(self) -> bool:
        """The law says more of it than of other data: it speaks of persons."""
        return self.contains_personal_data or self.dataset.special_categories

    def is_approved_for(self, uses: Collection[str]) -> bool:
        """Somebody approved it for one of these uses, and has not taken that back."""
        stands = self.status in {self.Status.APPROVED, self.Status.RESTRICTED}
        return stands and not set(uses).isdisjoint(self.approved_uses)

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its data set."""
        return self.dataset.unit

    @property
    def unit_id(self) -> Any:
        """The id of that unit, without reading the unit."""
        return self.dataset.unit_id

    def is_own(self, person: Any) -> bool:
        """As its data set."""
        return self.dataset.is_own(person)
