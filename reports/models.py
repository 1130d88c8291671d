"""Reports, evidence packs and the public halves of signing keys."""

from typing import Any, ClassVar, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Audited, AuditedQuerySet, Blob, BusinessUnit, Job, Meeting, ModelVersion


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


class Report(Document):
    """A document built from the database, with its digest and the data behind it."""

    kind = models.CharField(_("kind"), max_length=30)
    framework = models.CharField(_("framework"), max_length=30, blank=True)
    data = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    task: ClassVar[str] = "reports.build_report"
    noun: ClassVar[str] = "report"

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.kind} – {self.version or self.system}"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.pk])


class Pack(Document):
    """A bundle of evidence that a stranger verifies offline."""

    report = models.ForeignKey(Report, null=True, on_delete=models.PROTECT, related_name="packs")
    key_fingerprint = models.CharField(_("key"), max_length=64, blank=True, editable=False)

    task: ClassVar[str] = "reports.build_pack"
    noun: ClassVar[str] = "pack"

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.version or self.system}"

    def get_absolute_url(self) -> str:
        return reverse("pack", args=[self.pk])


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
        from registry import access

        return self.filter(access.reach(user, access.INCIDENT_VIEW, unit="of_unit", system=None))


class BoardPack(Filed):
    """What a board reads before it decides: the portfolio of a unit and of all units below it."""

    of_unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+")
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


class SignatureQuerySet(AuditedQuerySet):
    """Signatures."""

    def visible_to(self, user: Any) -> Self:
        """Those of the packs that the person may see."""
        return self.filter(pack__in=Pack.objects.visible_to(user))


class Signature(Job):
    """What one pack is to be signed with, asked by the worker that built it of the process that holds the key."""

    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="signatures")
    as_of = models.DateTimeField(_("as of"))
    digest = models.CharField(max_length=64)
    statement = models.TextField()
    signature = models.CharField(max_length=128, blank=True, editable=False)
    key_fingerprint = models.CharField(_("key"), max_length=64, blank=True, editable=False)

    unaudited: ClassVar[frozenset[str]] = Job.unaudited | {"statement"}  # bound by its digest
    task: ClassVar[str] = "reports.sign"
    unit_path: ClassVar[str] = "pack__system__unit"
    noun: ClassVar[str] = "signature"
    is_part: ClassVar[bool] = True

    objects = SignatureQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.pack} – {self.digest[:16]}"

    @property
    def unit(self) -> Any:
        """The unit of the pack."""
        return self.pack.unit

    @property
    def about(self) -> Any:
        """The pack: the log of the version stays as it was when its slice was put into the pack."""
        return self.pack_id


class SigningKeyQuerySet(AuditedQuerySet):
    """Keys."""

    def visible_to(self, user: Any) -> Self:
        """Public keys are for everybody who is signed in."""
        return self.all() if user.is_authenticated else self.none()


class SigningKey(Audited):
    """The public half of a signing key; the private half is a file that only the server's user reads."""

    fingerprint = models.CharField(max_length=64, unique=True)
    algorithm = models.CharField(max_length=20, default="ed25519")
    public_pem = models.TextField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    objects = SigningKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.fingerprint[:16]
