"""Packs, the requests to sign them, and the public halves of signing keys.

Import them from reports.models, which loads this module last.
"""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Audited, AuditedQuerySet, BusinessUnit, Job, RoleAssignment
from reports.models import Document, Report


class PackQuerySet(AuditedQuerySet):
    """Packs."""

    def visible_to(self, user: Any) -> Self:
        """Those of systems that the person may see; those of units in which the person reads the log of everything."""
        from registry import access

        of_units = access.reach(user, access.AUDIT_VIEW, unit="of_unit", system=None)
        return self.filter(Q(system__in=AISystem.objects.visible_to(user)) | Q(of_unit__isnull=False) & of_units)


class Pack(Document):
    """A bundle of evidence that a stranger verifies offline: of a version, of a system, or of a unit and all below it.

    One with an engagement is what an auditor was engaged to see. `salt` makes the names that stand in place of people's.
    """

    system = models.ForeignKey(  # type: ignore[assignment]
        AISystem, null=True, on_delete=models.PROTECT, related_name="+"
    )
    of_unit = models.ForeignKey(
        BusinessUnit, verbose_name=_("unit"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    engagement = models.ForeignKey(RoleAssignment, null=True, on_delete=models.PROTECT, related_name="packs")
    since = models.DateField(_("from"), null=True)
    until = models.DateField(_("until"), null=True)
    shows_people = models.BooleanField(_("names of people are shown"), default=True)
    salt = models.CharField(max_length=64, blank=True, editable=False)
    report = models.ForeignKey(Report, null=True, on_delete=models.PROTECT, related_name="packs")
    key_fingerprint = models.CharField(_("key"), max_length=64, blank=True, editable=False)

    unaudited: ClassVar[frozenset[str]] = Job.unaudited | {"salt"}  # the log is read by more people
    task: ClassVar[str] = "reports.build_pack"
    noun: ClassVar[str] = "pack"

    objects = PackQuerySet.as_manager()  # type: ignore[assignment, misc]

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("pack", args=[self.pk])

    @property
    def subject(self) -> Any:
        """What it is of."""
        return self.version or self.system or self.of_unit

    @property
    def unit(self) -> Any:
        """The unit that it is of, or that of its system."""
        return self.of_unit or (self.system and self.system.unit)

    @property
    def is_wide(self) -> bool:
        """It is of more than one version: of everything that the log tells of its subject."""
        return self.version_id is None

    @property
    def about(self) -> Any:
        """The log files it under its subject."""
        return self.version_id or self.system_id or self.of_unit_id


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

    objects = SignatureQuerySet.as_manager()  # type: ignore[misc]

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

    objects = SigningKeyQuerySet.as_manager()  # type: ignore[misc]

    def __str__(self) -> str:
        return self.fingerprint[:16]
