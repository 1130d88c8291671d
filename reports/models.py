"""Reports, evidence packs and the public halves of signing keys."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Audited, AuditedQuerySet, Blob, BusinessUnit, Job, Meeting, ModelVersion, User
from risk.models import Assessment, Incident


class ScheduleQuerySet(AuditedQuerySet):
    """Schedules of reports."""

    def visible_to(self, user: Any) -> Self:
        """Those on systems that the person may see, and those of board packs that the person may read."""
        packs = BoardPack.reach(user)
        return self.filter(Q(system__in=AISystem.objects.visible_to(user)) | Q(of_unit__isnull=False) & packs)

    def in_force(self) -> Self:
        """Those that nobody has ended."""
        return self.filter(ended_at__isnull=True)


class ReportSchedule(Audited):
    """A report on a system, or the board pack of a unit, that is made again and again and told of to one person."""

    class Cadence(models.TextChoices):
        MONTHLY = "monthly", _("Every month")
        QUARTERLY = "quarterly", _("Every three months")
        HALF_YEARLY = "half_yearly", _("Every six months")
        YEARLY = "yearly", _("Every year")

    system = models.ForeignKey(
        AISystem, verbose_name=_("system"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    of_unit = models.ForeignKey(
        BusinessUnit, verbose_name=_("unit"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=30)
    language = models.CharField(_("language"), max_length=10, default="en")
    cadence = models.CharField(_("how often"), max_length=12, choices=Cadence, default=Cadence.QUARTERLY)
    begins_on = models.DateField(_("first on"))
    next_on = models.DateField(_("next on"))
    owner = models.ForeignKey(User, verbose_name=_("for whom"), on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    end_reason = models.TextField(_("why it ended"), blank=True, editable=False)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ("next_on", "created_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(system__isnull=True) ^ Q(of_unit__isnull=True), name="a_schedule_is_about_one_thing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} – {self.system or self.of_unit}"

    @property
    def unit(self) -> Any:
        """The unit that it is about, or that of its system."""
        return self.of_unit or (self.system and self.system.unit)

    @property
    def home_system(self) -> AISystem | None:
        """Its system."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under what it is about."""
        return self.system_id or self.of_unit_id

    def is_own(self, person: Any) -> bool:
        """Of the owners of the system."""
        return self.system is not None and self.system.is_own(person)


class LetterheadQuerySet(AuditedQuerySet):
    """Letterheads."""

    def visible_to(self, user: Any) -> Self:
        """Everybody who is signed in reads the documents that bear it."""
        return self.all() if user.is_authenticated else self.none()


class Letterhead(Audited):
    """The organisation's own look of documents: logo, colour, words on the cover. The newest one counts."""

    logo = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    colour = models.CharField(_("colour"), max_length=7, default="#1e40af")
    cover_text = models.TextField(_("words on the cover"), blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)

    objects = LetterheadQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.colour

    @property
    def unit(self) -> BusinessUnit:
        """It is of the whole organisation."""
        return BusinessUnit.objects.get(parent=None)


# A report of these kinds tells what only the readers of one assessment or one incident may know.
NARROWER: dict[str, Any] = {"pia": Assessment, "incident": Incident}


class DocumentQuerySet(AuditedQuerySet):
    """Reports and packs."""

    def visible_to(self, user: Any) -> Self:
        """Documents of the systems that the person may see."""
        return self.filter(system__in=AISystem.objects.visible_to(user))


class Filed(Job):
    """A job that ends in a file, frozen under its digest."""

    language = models.CharField(_("language"), max_length=10, default="en")
    as_of = models.DateTimeField(_("as of"), null=True)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    code = models.CharField(_("verification code"), max_length=20, unique=True, null=True, editable=False)

    class Meta:
        abstract = True


class Document(Filed):
    """A file about a system or one version of it."""

    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="+")

    unit_path: ClassVar[str] = "system__unit"

    objects = DocumentQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def unit(self) -> Any:
        """The unit of its system."""
        return self.system.unit

    @property
    def home_system(self) -> AISystem:
        """Its system."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under its version, or its system."""
        return self.version_id or self.system_id


class ReportQuerySet(DocumentQuerySet):
    """Reports."""

    def visible_to(self, user: Any) -> Self:
        """Those on systems that the person may see; what tells of one assessment or incident, as that itself; of an
        audit, as the log; of a whole unit, as its board packs."""
        from registry import access

        told = {kind: model.objects.visible_to(user) for kind, model in NARROWER.items()}
        own = Q(system__business_owner=user.pk) | Q(system__technical_owner=user.pk)
        narrow = Q(pk__in=[])
        for kind, rows in told.items():
            narrow |= Q(kind=kind, subject_id__in=rows.values("pk"))
        narrow |= Q(kind="audit") & access.reach(user, access.AUDIT_VIEW, unit="system__unit", system="system", own=own)
        of_systems = Q(system__in=AISystem.objects.visible_to(user)) & (~Q(kind__in=[*told, "audit"]) | narrow)
        return self.filter(of_systems | Q(of_unit__isnull=False) & BoardPack.reach(user))


class Report(Document):
    """A document built from the database, with its digest and the data behind it: on a system, or on a unit and all below it."""

    system = models.ForeignKey(  # type: ignore[assignment]
        AISystem, null=True, on_delete=models.PROTECT, related_name="+"
    )
    of_unit = models.ForeignKey(
        BusinessUnit, verbose_name=_("unit"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=30)
    framework = models.CharField(_("framework"), max_length=30, blank=True)
    subject_id = models.UUIDField(_("what it is about"), null=True, editable=False)
    schedule = models.ForeignKey(
        ReportSchedule, null=True, on_delete=models.PROTECT, related_name="reports", editable=False
    )
    data = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    task: ClassVar[str] = "reports.build_report"
    noun: ClassVar[str] = "report"

    objects = ReportQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(system__isnull=True) ^ Q(of_unit__isnull=True), name="a_report_is_about_one_thing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} – {self.version or self.system or self.of_unit}"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.pk])

    @property
    def unit(self) -> Any:
        """The unit that it is about, or that of its system."""
        return self.of_unit or (self.system and self.system.unit)

    @property
    def about(self) -> Any:
        """The log files it under its version, its system or its unit."""
        return self.version_id or self.system_id or self.of_unit_id

    def is_own(self, person: Any) -> bool:
        """Whoever asked for it; a report on a unit is nobody's own."""
        return self.of_unit_id is None and super().is_own(person)


class MinutesQuerySet(AuditedQuerySet):
    """Minutes."""

    def visible_to(self, user: Any) -> Self:
        """Those of the meetings that the person may see."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))


class Minutes(Filed):
    """The minutes of a meeting as a PDF, printed from what was fixed when it was closed."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="+")
    data = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    task: ClassVar[str] = "reports.build_minutes"
    unit_path: ClassVar[str] = "meeting__unit"
    noun: ClassVar[str] = "minutes"

    objects = MinutesQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return str(self.meeting)

    def get_absolute_url(self) -> str:
        return reverse("meeting-minutes", args=[self.meeting_id])

    @property
    def unit(self) -> Any:
        """The unit of the meeting."""
        return self.meeting.unit

    @property
    def about(self) -> Any:
        """The log files it under the meeting."""
        return self.meeting_id


class BoardPackQuerySet(AuditedQuerySet):
    """Board packs."""

    def visible_to(self, user: Any) -> Self:
        """Those of the units of which the person may read every system and its incidents, as a pack tells of them all."""
        return self.filter(BoardPack.reach(user))


class BoardPack(Filed):
    """What a board reads before it decides: the portfolio of a unit and of all units below it."""

    of_unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+")
    schedule = models.ForeignKey(
        ReportSchedule, null=True, on_delete=models.PROTECT, related_name="board_packs", editable=False
    )
    data = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    task: ClassVar[str] = "reports.build_board_pack"
    unit_path: ClassVar[str] = "of_unit"
    noun: ClassVar[str] = "board_pack"

    objects = BoardPackQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return str(self.of_unit)

    def get_absolute_url(self) -> str:
        return reverse("board-pack", args=[self.pk])

    @staticmethod
    def reach(user: Any) -> Q:
        """The units about which the person may read everything that a pack tells."""
        from registry import access

        return access.reach(user, access.INCIDENT_VIEW, unit="of_unit", system=None)

    @property
    def unit(self) -> Any:
        """The unit."""
        return self.of_unit

    def is_own(self, person: Any) -> bool:
        """Nobody's own: who may ask about his own systems alone does not ask about a whole unit."""
        return False

    @property
    def about(self) -> Any:
        """The log files it under the unit."""
        return self.of_unit_id


# They build on the classes above, and are read from here by everybody else.
from reports.audits.models import DeskItem as DeskItem  # noqa: E402
from reports.imported.models import (  # noqa: E402
    FrameworkApproval as FrameworkApproval,
    FrameworkEdition as FrameworkEdition,
)
from reports.packs.models import Pack as Pack, Signature as Signature, SigningKey as SigningKey  # noqa: E402
from reports.standings.models import Standing as Standing, StandingHead as StandingHead  # noqa: E402
