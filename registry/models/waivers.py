"""Waivers: exceptions, limited in time, for a gate or a check that a version does not pass."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.check_names import name_of
from registry.gate_titles import title_of
from registry.models.releases import OfSystem, OfSystemQuerySet
from registry.models.systems import AISystem
from registry.models.versions import ModelVersion


class WaiverQuerySet(OfSystemQuerySet):
    """Waivers."""

    system_path = "version__model__system"

    def in_force(self) -> Self:
        """Accepted, not ended, and not past their last day."""
        return self.accepted().filter(expires_on__gte=moment.today())

    def accepted(self) -> Self:
        """Accepted and not ended by anybody; the last day may have passed."""
        return self.filter(status=Waiver.Status.APPROVED)

    def standing(self) -> Self:
        """Asked for or accepted, with a last day that has not passed."""
        return self.exclude(status=Waiver.Status.CLOSED).filter(expires_on__gte=moment.today())


class Waiver(OfSystem):
    """An exception that one person asks for and another accepts; until its last day a gate answers “waived”.

    `expired` is never stored: the day makes it so, in the same moment for gates, pages and reports.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Asked for")
        APPROVED = "approved", _("Accepted")
        EXPIRED = "expired", _("Expired")
        CLOSED = "closed", _("Ended")

    version = models.ForeignKey(
        ModelVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="waivers"
    )
    gate = models.CharField(_("gate"), max_length=40)
    check_name = models.CharField(_("check"), max_length=60, blank=True)
    reason = models.TextField(_("reason"))
    compensating_controls = models.TextField(_("what is done instead"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="owned_waivers"
    )
    expires_on = models.DateField(_("last day"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.REQUESTED, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked for by"), on_delete=models.PROTECT, related_name="+"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("accepted by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    acceptance_reason = models.TextField(_("why accepted"), blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("ended by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    end_reason = models.TextField(_("why ended"), blank=True, editable=False)

    objects = WaiverQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("requested_by")),
                name="a_waiver_is_accepted_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(accepted_by__isnull=False, accepted_at__isnull=False),
                name="an_accepted_waiver_has_a_person",
            ),
            models.UniqueConstraint(
                fields=["version", "gate", "check_name"], condition=Q(status="requested"), name="one_open_waiver_a_gate"
            ),
        )

    def __str__(self) -> str:
        # No gate's title, which is in a language: tasks and the log keep this name.
        return f"{self.control_ref} – {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("waiver", args=[self.pk])

    @property
    def title(self) -> str:
        """What is waived, as people read it."""
        return f"{title_of(self.gate)}: {name_of(self.check_name)}" if self.check_name else title_of(self.gate)

    @property
    def control_ref(self) -> str:
        """What is waived, in one word: the gate, and the check where it is about one."""
        return f"{self.gate}:{self.check_name}" if self.check_name else self.gate

    @property
    def home_system(self) -> AISystem:
        """The home system of the version."""
        return self.version.home_system

    @property
    def about(self) -> Any:
        """The log files it under its version."""
        return self.version_id

    @property
    def is_past(self) -> bool:
        """Its last day is over."""
        return self.expires_on < moment.today()

    @property
    def is_in_force(self) -> bool:
        """It is accepted and its last day is not over."""
        return self.status == self.Status.APPROVED and not self.is_past

    @property
    def status_today(self) -> str:
        """The status with the passing of time in it."""
        return self.Status.EXPIRED if self.is_past and self.status != self.Status.CLOSED else self.status

    @property
    def status_label(self) -> str:
        """The word for the status today; one that ended without ever being accepted was refused."""
        if self.status == self.Status.CLOSED and self.accepted_by_id is None:
            return str(_("Refused"))
        return str(self.Status(self.status_today).label)
