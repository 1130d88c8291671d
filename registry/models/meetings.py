"""Meetings of a board: who was invited and came, what stood on the agenda, what came of it, and the minutes."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit, Duty
from registry.models.reviews import Review


class MeetingQuerySet(AuditedQuerySet):
    """Meetings."""

    def visible_to(self, user: Any) -> Self:
        """Those of units in which the person may look, and those to which the person is invited."""
        from registry import access

        if not access.lets_through(user, access.MODEL_VIEW):
            return self.none()
        here = access.reach(user, access.MODEL_VIEW, unit="unit", system=None)
        seats = Attendance.objects.filter(person=user.pk).exclude(presence=Attendance.Presence.REMOVED)
        return self.filter(here | Q(pk__in=seats.values("meeting")))


class Meeting(Audited):
    """A meeting of a unit's board. It records outcomes; sign-offs are given by each person on the review."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        CLOSED = "closed", _("Minutes wait for approval")
        APPROVED = "approved", _("Minutes approved")

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField(_("title"), max_length=160)
    held_on = models.DateField(_("day"))
    chair = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("chair"), on_delete=models.PROTECT, related_name="+"
    )
    secretary = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("secretary"), on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PLANNED, editable=False)
    minutes = models.JSONField(_("minutes, as fixed"), default=dict, editable=False)
    minutes_digest = models.CharField(_("digest of the minutes"), max_length=71, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("minutes approved by"), null=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    approved_at = models.DateTimeField(_("minutes approved"), null=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("-held_on", "-created_at")
        indexes = (models.Index(fields=["held_on", "id"], name="meetings_by_day"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("secretary")),
                name="minutes_are_approved_by_another_than_their_writer",
            ),
            models.CheckConstraint(condition=~Q(chair=F("secretary")), name="chair_and_secretary_are_two"),
        )

    def __str__(self) -> str:
        return f"{self.title} – {self.held_on:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Its minutes are not fixed yet."""
        return self.status in {self.Status.PLANNED, self.Status.RUNNING}


class OfMeetingQuerySet(AuditedQuerySet):
    """Rows that hang on a meeting."""

    def visible_to(self, user: Any) -> Self:
        """With their meeting."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))


class OfMeeting(Audited):
    """A row that hangs on a meeting: its unit and its place in the log follow from it."""

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def unit(self) -> Any:
        """The unit of the meeting."""
        return self.meeting.unit  # type: ignore[attr-defined]

    @property
    def about(self) -> Any:
        """The log files it under the meeting."""
        return self.meeting_id  # type: ignore[attr-defined]


class AgendaItem(OfMeeting):
    """One point of the agenda: an open review or something else, for a decision or for information, and its outcome."""

    class Decision(models.TextChoices):
        GO = "go", _("Go")
        GO_WITH_CONDITIONS = "go_with_conditions", _("Go with conditions")
        NO_GO = "no_go", _("No-go")
        DEFER = "defer", _("Defer")
        HALT = "halt", _("Halt")

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField(_("position"), editable=False)
    title = models.CharField(_("title"), max_length=200, blank=True)
    note = models.TextField(_("what is asked"), blank=True)
    is_for_information = models.BooleanField(_("for information only"), default=False)
    review = models.ForeignKey(
        Review, verbose_name=_("review"), null=True, blank=True, on_delete=models.PROTECT, related_name="agenda_items"
    )
    removed_at = models.DateTimeField(_("taken off the agenda"), null=True, editable=False)
    decision = models.CharField(_("outcome"), max_length=20, choices=Decision, blank=True)
    rationale = models.TextField(_("reason"), blank=True)
    conditions = models.TextField(_("conditions"), blank=True)
    dissent = models.TextField(_("dissent"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)

    class Meta:
        ordering = ("position", "created_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(decision="") | ~Q(rationale=""), name="an_outcome_of_a_meeting_has_a_reason"
            ),
            models.UniqueConstraint(
                fields=["meeting", "review"], condition=Q(removed_at__isnull=True), name="one_review_once_an_agenda"
            ),
        )

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("agenda-item", args=[self.pk])

    @property
    def label(self) -> str:
        """Its title, or the version of its review."""
        return self.title or (str(self.review.release.version) if self.review else "")

    @property
    def is_dealt_with(self) -> bool:
        """An outcome is recorded."""
        return self.decided_at is not None


class Attendance(OfMeeting):
    """A person who is invited for a unit in a duty, and whether he or she came."""

    class Presence(models.TextChoices):
        INVITED = "invited", _("Invited")
        PRESENT = "present", _("Present")
        REGRETS = "regrets", _("Sent regrets")
        ABSENT = "absent", _("Absent without notice")
        REMOVED = "removed", _("Not invited any more")

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="attendances"
    )
    duty = models.CharField(_("duty"), max_length=30, choices=Duty)
    of_unit = models.ForeignKey(
        BusinessUnit, verbose_name=_("for the unit"), on_delete=models.PROTECT, related_name="+"
    )
    presence = models.CharField(_("presence"), max_length=8, choices=Presence, default=Presence.INVITED)

    class Meta:
        ordering = ("person__name",)
        constraints = (models.UniqueConstraint(fields=["meeting", "person"], name="one_seat_a_person"),)

    def __str__(self) -> str:
        return f"{self.person} – {self.of_unit}"
