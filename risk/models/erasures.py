"""What a request for erasure means for each version that learned from the data: decided, done, and verified by another."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, ModelVersion, OfSystem, OfSystemQuerySet, RegisterEntry
from risk.models.reclassification import AffectedVersion

PERSON = settings.AUTH_USER_MODEL


class ErasureStepQuerySet(OfSystemQuerySet):
    """Steps of requests for erasure."""

    system_path = "version__model__system"

    def open(self) -> Self:
        """Those that nobody has verified."""
        return self.filter(verified_at__isnull=True)


class ErasureStep(OfSystem):
    """A version that came from the data of a request: by which way, what was decided, what was done, and who saw it."""

    request = models.ForeignKey(RegisterEntry, on_delete=models.PROTECT, related_name="erasure_steps")
    version = models.ForeignKey(
        ModelVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="erasure_steps"
    )
    # The ids of the links that lead from the data to the version; not everybody may read what they name.
    path = models.JSONField(_("way"), default=list, editable=False)
    disposition = models.CharField(_("decision"), max_length=12, choices=AffectedVersion.Disposition, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(
        PERSON, verbose_name=_("decided by"), null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    outcome_note = models.TextField(_("what was done"), blank=True)
    done_by = models.ForeignKey(
        PERSON, verbose_name=_("done by"), null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(_("done"), null=True, editable=False)
    verified_by = models.ForeignKey(
        PERSON, verbose_name=_("verified by"), null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(_("verified"), null=True, editable=False)
    finding = models.TextField(_("what was seen"), blank=True)

    objects = ErasureStepQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=["request", "version"], name="version_in_a_request_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | (~Q(disposition="") & Q(decided_by__isnull=False)),
                name="nothing_is_erased_undecided",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | (~Q(verified_by=F("done_by")) & ~Q(verified_by=F("decided_by"))),
                name="erasure_is_verified_by_another",
            ),
        )

    def __str__(self) -> str:
        return str(self.version)

    def get_absolute_url(self) -> str:
        return reverse("erasure-step", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The home system of the version."""
        return self.version.home_system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.version_id
