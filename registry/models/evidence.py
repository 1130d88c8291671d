"""Bytes, what they are attached to, and evidence: hashed facts about a version, written once."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.base import Audited, AuditedQuerySet

# Evidence that ends within this time is listed as ending soon.
SOON = timedelta(days=30)
# A description that stands in the place of bytes of which only the digest is known (registry/declared.py).
DECLARED: Final = "application/vnd.attestry.declared+json"


class Blob(models.Model):
    """Bytes under their SHA-256; stored once, never changed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest

    @property
    def digest(self) -> str:
        """`sha256:` and the hex digest."""
        return f"sha256:{self.sha256}"

    @property
    def declared(self) -> str:
        """The digest that it stands for: its own, or that which a description declares."""
        return str(json.loads(self.read())["declared"]) if self.media_type == DECLARED else self.digest

    @property
    def place(self) -> str:
        """Where the storage keeps it; no name that a person gave is part of it."""
        return f"sha256/{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"

    @property
    def path(self) -> Path:
        """The file on disk, for a child process to open."""
        return Path(default_storage.path(self.place))

    def read(self) -> bytes:
        """All the bytes."""
        with default_storage.open(self.place) as file:
            return file.read()


class AttachmentQuerySet(AuditedQuerySet):
    """Files attached to rows."""

    def of(self, row: Any) -> Self:
        """The files of one row."""
        return self.filter(object_type=row._meta.label, object_id=row.pk)


class Attachment(Audited):
    """A file of a row: a chart, a report's PDF, a document. Who may see the row may see the file."""

    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=255)
    role = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        indexes = (models.Index(fields=["object_type", "object_id"]),)

    def __str__(self) -> str:
        return self.name


class Verdict(models.TextChoices):
    """What a check said; only PASS opens a gate that asks for a verdict."""

    PASS = "pass", _("Pass")
    FAIL = "fail", _("Fail")
    INSUFFICIENT = "insufficient", _("Insufficient")
    RECORDED = "recorded", _("Recorded")


class EvidenceQuerySet(AuditedQuerySet):
    """Evidence."""

    def visible_to(self, user: Any) -> Self:
        """Evidence of versions whose checks the person may see."""
        from registry import access

        return self.filter(
            access.reach(user, access.CHECK_VIEW, unit="version__model__system__unit", system="version__model__system")
        )

    def standing(self) -> Self:
        """Neither withdrawn nor superseded."""
        return self.filter(withdrawn_at__isnull=True, superseded_by__isnull=True)

    def ending_before(self, moment: Any) -> Self:
        """Standing evidence whose time runs out before a moment, or has run out, and that no later run has renewed."""
        later = Evidence.objects.standing().filter(
            version=OuterRef("version"), check_slug=OuterRef("check_slug"), valid_until__gt=OuterRef("valid_until")
        )
        return self.standing().filter(valid_until__lte=moment).exclude(Exists(later))

    def renewable_by(self, user: Any) -> Self:
        """Evidence that the person may have renewed: of own systems, or of all that a risk officer answers for."""
        from registry import access

        system = "version__model__system"
        own = Q(**{f"{system}__business_owner": user}) | Q(**{f"{system}__technical_owner": user})
        return self.filter(access.reach(user, access.CHECK_RUN, unit=f"{system}__unit", system=system, own=own))


class Evidence(Audited):
    """A hashed fact about a version: the only thing that gates and rules read about measurements."""

    class Kind(models.TextChoices):
        CHECK = "check", _("Check")
        DOCUMENT = "document", _("Document")
        ATTESTATION = "attestation", _("Attestation")
        REPORTED = "reported", _("Reported from elsewhere")

    version = models.ForeignKey("registry.ModelVersion", on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    check_slug = models.CharField(_("check"), max_length=60, blank=True)
    shows = models.JSONField(_("shows"), default=list, help_text=_("Names of the vocabulary that it is evidence for."))
    digest = models.CharField(_("digest"), max_length=71)
    outcome = models.JSONField(_("outcome"))
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, blank=True)
    effective_at = models.DateTimeField(_("holds from"), default=timezone.now)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    superseded_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_reason = models.TextField(_("why withdrawn"), blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    unaudited: ClassVar[frozenset[str]] = frozenset()
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at",)
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"{self.check_slug or self.get_kind_display()} – {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("evidence", args=[self.pk])

    @property
    def unit(self) -> Any:
        """The unit of its version."""
        return self.version.unit

    @property
    def unit_id(self) -> Any:
        """The id of that unit, without reading the unit."""
        return self.version.unit_id

    @property
    def home_system(self) -> Any:
        """The home system of its version."""
        return self.version.home_system

    @property
    def about(self) -> Any:
        """The log files it under its version."""
        return self.version_id

    @property
    def is_expired(self) -> bool:
        """Its time has run out."""
        return self.valid_until is not None and self.valid_until <= moment.now()

    @property
    def is_standing(self) -> bool:
        """Neither withdrawn nor superseded nor expired."""
        return self.withdrawn_at is None and self.superseded_by_id is None and not self.is_expired

    def is_own(self, person: Any) -> bool:
        """As its version."""
        return self.version.is_own(person)
