"""What data are used for: the purpose of a link with the review of its fit, and access to data of another unit."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.canonical import digest
from registry.models.base import Audited, AuditedQuerySet
from registry.models.datasets import Dataset, DatasetVersion
from registry.models.lineage import LineageLink
from registry.models.people import BusinessUnit
from registry.models.releases import Deployment
from registry.models.systems import AISystem


class DataUseQuerySet(AuditedQuerySet):
    """Uses."""

    def visible_to(self, user: Any) -> Self:
        """Uses by versions that the person may see, and uses of data of the person's own units."""
        from registry import access

        seen = access.reach(user, access.DATASET_VIEW, unit="link__unit", system=None)
        data = access.reach(user, access.DATASET_VIEW, unit="data__dataset__unit", system=None)
        return self.filter(seen | data)


class DataUse(Audited):
    """The purpose that a version of data serves at the end of a link, and whether somebody found that it fits the goal."""

    class Fit(models.TextChoices):
        OPEN = "open", _("Not reviewed")
        FITS = "fits", _("Serves the goal")
        UNFIT = "unfit", _("Does not serve the goal")

    link = models.OneToOneField(LineageLink, verbose_name=_("link"), on_delete=models.PROTECT, related_name="data_use")
    data = models.ForeignKey(DatasetVersion, verbose_name=_("data"), on_delete=models.PROTECT, related_name="data_uses")
    system = models.ForeignKey(
        AISystem, verbose_name=_("system"), null=True, on_delete=models.PROTECT, related_name="data_uses"
    )
    purpose = models.TextField(_("purpose that the data serve"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("linked by"), on_delete=models.PROTECT, related_name="+"
    )
    fit = models.CharField(_("fit"), max_length=5, choices=Fit, default=Fit.OPEN)
    reason = models.TextField(_("reason"), blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, editable=False)
    goal = models.CharField(_("digest of the goal that was reviewed"), max_length=71, blank=True)

    objects = DataUseQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return str(self.link)

    def get_absolute_url(self) -> str:
        return reverse("data-use", args=[self.pk])

    @property
    def unit(self) -> BusinessUnit:
        """The unit of what uses the data."""
        return self.link.unit

    @property
    def home_system(self) -> AISystem | None:
        """The system that uses the data; an artefact has none."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under what uses the data."""
        return self.link.source_id

    @property
    def goal_now(self) -> str:
        """The digest of what a review weighs: the purpose of the data and that of the system."""
        return digest([self.purpose, self.system.purpose if self.system else ""])

    @property
    def is_stale(self) -> bool:
        """It was reviewed for another goal than that of today."""
        return self.fit != self.Fit.OPEN and self.goal != self.goal_now


class DataAccessQuerySet(AuditedQuerySet):
    """Accesses."""

    def visible_to(self, user: Any) -> Self:
        """Accesses of systems that the person may see, and to data of the person's own units."""
        from registry import access

        asks = access.reach(user, access.DATASET_VIEW, unit="system__unit", system="system")
        gives = access.reach(user, access.DATASET_VIEW, unit="dataset__unit", system=None)
        return self.filter(asks | gives)

    def in_force(self, day: date | None = None) -> Self:
        """Accesses that stand on a day, today unless one is given."""
        return self.filter(status=DataAccess.Status.GRANTED, ends_on__gte=day or moment.today())

    def review_overdue(self) -> Self:
        """Accesses in force whose review is due."""
        return self.in_force().filter(review_due__lte=moment.today())


class DataAccess(Audited):
    """The access of one system, in one environment, to a data set: asked for, decided on by the steward, ended."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        ENDED = "ended", _("Ended")

    dataset = models.ForeignKey(Dataset, verbose_name=_("data set"), on_delete=models.PROTECT, related_name="accesses")
    system = models.ForeignKey(
        AISystem, verbose_name=_("system"), on_delete=models.PROTECT, related_name="data_accesses"
    )
    environment = models.CharField(_("environment"), max_length=12, choices=Deployment.Environment)
    people = models.TextField(_("who gets access"))
    purpose = models.TextField(_("purpose"))
    ends_on = models.DateField(_("last day"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.REQUESTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("requested by"), on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ended by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    end_reason = models.TextField(_("why it ended"), blank=True)
    review_due = models.DateField(_("review due"), null=True, editable=False)
    reviewed_at = models.DateTimeField(_("last reviewed"), null=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    review_note = models.TextField(_("what the review found"), blank=True)

    objects = DataAccessQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "data accesses"
        constraints = (
            models.UniqueConstraint(
                fields=["dataset", "system", "environment"], condition=models.Q(status__in=["requested", "granted"]),
                name="one_access_at_a_time",
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["created_at", "id"], name="accesses_by_age"),)

    def __str__(self) -> str:
        return f"{self.system.name}: {self.dataset.name}"

    def get_absolute_url(self) -> str:
        return reverse("data-access", args=[self.pk])

    @property
    def unit(self) -> BusinessUnit:
        """The unit whose data they are: its steward decides."""
        return self.dataset.unit

    @property
    def about(self) -> Any:
        """The log files it under the data set."""
        return self.dataset_id

    @property
    def is_in_force(self) -> bool:
        """It stands today."""
        return self.status == self.Status.GRANTED and self.ends_on >= moment.today()

    @property
    def is_outside_production(self) -> bool:
        """Data there can be changed by more people, and are looked at again at set intervals."""
        return self.environment != Deployment.Environment.PRODUCTION
