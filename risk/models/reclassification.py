"""Reclassifications: data whose class changed, and what is decided about each version that learned from them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Audited, AuditedQuerySet, Dataset, ModelVersion, OfSystem, OfSystemQuerySet


class ReclassificationQuerySet(AuditedQuerySet):
    """Reclassifications."""

    def visible_to(self, user: Any) -> Self:
        """Those of the data sets that the person may see."""
        return self.filter(dataset__in=Dataset.objects.visible_to(user))


class Reclassification(Audited):
    """A change of the class of a data set. Done when every version that it touched has been dealt with."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        IN_PROGRESS = "in_progress", _("In progress")
        COMPLETED = "completed", _("Completed")

    dataset = models.ForeignKey(
        Dataset, verbose_name=_("data set"), on_delete=models.PROTECT, related_name="reclassifications"
    )
    old_class = models.CharField(_("class before"), max_length=20)
    new_class = models.CharField(_("class now"), max_length=20)
    reason = models.TextField(_("reason"))
    effective_at = models.DateTimeField(_("holds from"), default=timezone.now)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.OPEN, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, editable=False)
    # How many things of each kind were touched, also of those that the person who reclassified may not see.
    counts = models.JSONField(_("what it touched"), default=dict, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )

    objects = ReclassificationQuerySet.as_manager()

    class Meta:
        ordering = ("-effective_at",)

    def __str__(self) -> str:
        return f"{self.dataset}: {self.old_class} → {self.new_class}"

    def get_absolute_url(self) -> str:
        return reverse("reclassification", args=[self.pk])

    @property
    def unit(self) -> Any:
        """The unit of the data set."""
        return self.dataset.unit

    @property
    def about(self) -> Any:
        """The log files it under the data set."""
        return self.dataset_id

    def is_own(self, person: Any) -> bool:
        """As the data set."""
        return self.dataset.is_own(person)


class AffectedVersionQuerySet(OfSystemQuerySet):
    """Versions that a reclassification touched."""

    system_path = "version__model__system"

    def open(self) -> Self:
        """Those with which somebody still has to deal."""
        return self.filter(done_at__isnull=True)


class AffectedVersion(OfSystem):
    """A version that learned from reclassified data, by which way, and what its owner decided and did about it."""

    class Disposition(models.TextChoices):
        REMOVE_DATA = "remove_data", _("Remove the data")
        REPLACE_DATA = "replace_data", _("Replace the data")
        RETRAIN = "retrain", _("Train again without the data")
        RESTRICT = "restrict", _("Restrict the use")
        ACCEPT = "accept", _("Accept it as it is")

    reclassification = models.ForeignKey(Reclassification, on_delete=models.PROTECT, related_name="affected")
    version = models.ForeignKey(
        ModelVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="reclassifications"
    )
    # The ids of the links that lead from the data to the version; not everybody may read what they name.
    path = models.JSONField(_("way"), default=list, editable=False)
    disposition = models.CharField(_("decision"), max_length=12, choices=Disposition, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    outcome_note = models.TextField(_("what was done"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, editable=False)

    objects = AffectedVersionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=["reclassification", "version"], name="version_affected_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | (~Q(disposition="") & Q(decided_by__isnull=False)),
                name="nothing_is_done_undecided",
            ),
        )

    def __str__(self) -> str:
        return str(self.version)

    def get_absolute_url(self) -> str:
        return reverse("affected-version", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The home system of the version."""
        return self.version.home_system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.version_id
