"""Data sets and their versions."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit


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
