"""Incidents: what went wrong or nearly did, who looks into it, and how it ended."""

from datetime import datetime
from typing import Any, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models import (
    AISystem,
    Deployment,
    ModelVersion,
    OfSystem,
    OfSystemQuerySet,
    RegisterEntry,
    Release,
    VersionStatus,
)
from risk.models.register import Level, Risk


class IncidentQuerySet(OfSystemQuerySet):
    """Incidents."""

    def visible_to(self, user: Any) -> Self:
        """Incidents that the person may read: by duty, or as an owner of the system, or as who reported it."""
        from registry import access

        own = Q(system__business_owner=user.pk) | Q(system__technical_owner=user.pk) | Q(reporter=user.pk)
        return self.filter(access.reach(user, access.INCIDENT_VIEW, unit="system__unit", system="system", own=own))

    def live(self) -> Self:
        """Incidents that are not closed."""
        return self.exclude(status=Incident.Status.CLOSED)

    def serious(self) -> Self:
        """Incidents that the law or their severity calls serious."""
        return self.filter(Q(serious=True) | Q(severity=Level.CRITICAL))


class Incident(OfSystem):
    """Something that went wrong with a system, or nearly did; closed with its cause by who neither reported nor owns it."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CONTAINED = "contained", _("Contained")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    class Kind(models.TextChoices):
        WRONG_OUTPUT = "wrong_output", _("Wrong output")
        UNFAIR_OUTPUT = "unfair_output", _("Unfair treatment of people")
        PERSONAL_DATA = "personal_data", _("Personal data lost or shown")
        SECURITY = "security", _("Attack or security hole")
        SAFETY = "safety", _("Danger to health or life")
        MISUSE = "misuse", _("Misuse")
        OUTAGE = "outage", _("Outage")
        OTHER = "other", _("Other")

    class Consequence(models.TextChoices):
        DEATH = "death", _("Death of a person")
        HEALTH = "health", _("Serious harm to health")
        VITAL_SERVICE = "vital_service", _("Vital services stop")
        RIGHTS = "rights", _("Breach of fundamental rights")
        WIDESPREAD = "widespread", _("Widespread infringement")
        PROPERTY = "property", _("Serious harm to property or environment")

    system = models.ForeignKey(AISystem, verbose_name=_("system"), on_delete=models.PROTECT, related_name="incidents")
    version = models.ForeignKey(
        ModelVersion, verbose_name=_("version"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="incidents",
    )  # fmt: skip
    deployment = models.ForeignKey(
        Deployment, verbose_name=_("deployment"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="incidents",
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    description = models.TextField(_("what happened"))
    detected_at = models.DateTimeField(_("when it was noticed"))
    aware_at = models.DateTimeField(_("reported"), default=timezone.now, editable=False)
    severity = models.CharField(_("severity"), max_length=8, choices=Level)
    impacts = models.TextField(_("harm"), blank=True)
    groups_affected = models.TextField(_("who is affected"), blank=True)
    serious = models.BooleanField(_("serious as the law has it"), default=False)
    consequence = models.CharField(_("worst consequence"), max_length=14, choices=Consequence, blank=True)
    near_miss = models.BooleanField(_("nearly happened"), default=False)
    third_party_origin = models.BooleanField(_("comes from a supplier"), default=False)
    is_privacy = models.BooleanField(_("concerns personal data"), default=False)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="owned_incidents",
    )  # fmt: skip
    risk = models.ForeignKey(
        Risk, verbose_name=_("risk"), null=True, blank=True, on_delete=models.PROTECT, related_name="incidents"
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="+"
    )
    origin = models.ForeignKey(
        RegisterEntry, verbose_name=_("taken up from"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    recovery_minutes = models.PositiveIntegerField(_("minutes until it worked again"), null=True, blank=True)
    root_cause = models.TextField(_("cause"), blank=True)
    remedy = models.TextField(_("remedy"), blank=True)
    lessons = models.TextField(_("lessons"), blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("closed by"), null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    objects = IncidentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-detected_at",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="a_closed_incident_has_a_person",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("reporter")),
                name="an_incident_is_closed_by_another_person",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("incident", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The system that it happened with."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under itself: packs carry what is filed under a system, and have more readers."""
        return self.pk

    def is_own(self, person: Any) -> bool:
        """Of the owners of the system and of who reported it."""
        return super().is_own(person) or self.reporter_id == person.pk

    @property
    def is_closed(self) -> bool:
        """Nobody works on it any more."""
        return self.status == self.Status.CLOSED

    @property
    def system_version(self) -> str:
        """The version by its id, as rules name it; empty where it is about the system as a whole."""
        return str(self.version_id or "")

    @property
    def post_mortem_at(self) -> datetime | None:
        """When the cause was written down: a closed incident has one."""
        return self.closed_at if self.root_cause else None


class IncidentNoteQuerySet(OfSystemQuerySet):
    """Notes on incidents."""

    def visible_to(self, user: Any) -> Self:
        """As the incident."""
        return self.filter(incident__in=Incident.objects.visible_to(user))


class IncidentNote(OfSystem):
    """What somebody found or did about an incident; written once."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notes")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(_("note"))

    objects = IncidentNoteQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def home_system(self) -> AISystem:
        """The system of the incident."""
        return self.incident.system

    @property
    def about(self) -> Any:
        """The log files it under its incident."""
        return self.incident_id


class SuspensionQuerySet(OfSystemQuerySet):
    """Suspensions."""

    def visible_to(self, user: Any) -> Self:
        """Whoever sees the system sees that a version of it is suspended; what happened stands on the incident."""
        from registry import access

        return self.filter(
            access.reach(user, access.MODEL_VIEW, unit="release__system__unit", system="release__system")
        )

    def standing(self) -> Self:
        """Those that no new decision has lifted."""
        return self.exclude(release__version__status__in=DECIDED_ANEW)


# A version in one of these was decided on since; before, its approval is not in force.
DECIDED_ANEW: Final = (
    VersionStatus.APPROVED, VersionStatus.PUBLISHED, VersionStatus.DEPRECATED, VersionStatus.RETIRED,
    VersionStatus.REJECTED,
)  # fmt: skip


class Suspension(OfSystem):
    """That an incident took the approval of a release away; lifted by a new decision alone."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="suspensions")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="incident_suspensions")

    objects = SuspensionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return str(self.release.version)

    def get_absolute_url(self) -> str:
        return self.release.get_absolute_url()

    @property
    def home_system(self) -> AISystem:
        """The system of the release."""
        return self.release.system

    @property
    def about(self) -> Any:
        """The log files it under its incident."""
        return self.incident_id

    @property
    def is_lifted(self) -> bool:
        """Somebody decided on the version anew."""
        return self.release.version.status in DECIDED_ANEW
