"""The tables of the log: chained entries, their erasable bodies, the one head row, checkpoints, and erasures."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet, BypassRefused


class AuditEntryQuerySet(models.QuerySet):
    """Entries: read and appended, never changed."""

    def update(self, **kwargs: Any) -> int:
        raise BypassRefused("AuditEntry: the log is append-only.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise BypassRefused("AuditEntry: the log is append-only.")

    def visible_to(self, user: Any) -> Self:
        """Entries of the units whose log the person may read."""
        from registry import access

        return self.filter(access.reach(user, access.AUDIT_VIEW, unit="unit", system=None, own=models.Q(actor=user)))

    def about(self, row: Any) -> Self:
        """Entries on one row, or filed under it."""
        return self.filter(models.Q(object_id=row.pk) | models.Q(about_id=row.pk))


class AuditEntry(models.Model):
    """One change. `header` holds the exact bytes that are hashed; the columns repeat them for queries."""

    seq = models.BigIntegerField(primary_key=True)
    ts_utc = models.CharField(max_length=32)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    token_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60, db_index=True)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    object_rev = models.PositiveIntegerField()
    unit = models.ForeignKey("registry.BusinessUnit", null=True, on_delete=models.PROTECT, related_name="+")
    about_id = models.UUIDField(null=True, db_index=True)
    object_digest = models.BinaryField(max_length=32)
    body_commit = models.BinaryField(max_length=32)
    header = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)
    prev_hash = models.BinaryField(max_length=32)
    entry_hash = models.BinaryField(max_length=32, unique=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ("seq",)
        indexes = (models.Index(fields=["object_type", "object_id", "object_rev"]),)

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class AuditBody(models.Model):
    """The personal text of an entry: salted, committed to in the header, and erasable without breaking the chain."""

    entry = models.OneToOneField(AuditEntry, primary_key=True, on_delete=models.PROTECT, related_name="body")
    salt = models.BinaryField(max_length=32, null=True)
    body = models.BinaryField(null=True)
    erased_at = models.DateTimeField(null=True)
    erased_reason = models.TextField(blank=True)


class AuditHead(models.Model):
    """The one row that every writer locks: size of the log, hash of its last entry, edge of the Merkle tree."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    entry_hash = models.BinaryField(max_length=32)
    frontier = models.BinaryField(null=True)


class AuditCheckpoint(models.Model):
    """A signed note on the log at one size, and where outside the installation it was put."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    made_at = models.DateTimeField(default=timezone.now)
    note = models.TextField()
    key_fingerprint = models.CharField(max_length=64)
    # {place: {"ok": bool, "at": ISO time, "says": sentence}}
    receipts = models.JSONField(default=dict)

    class Meta:
        ordering = ("size",)

    def __str__(self) -> str:
        return f"{self.size}"


class WitnessedNote(models.Model):
    """The newest note of another installation that this one has seen and found consistent with the one before."""

    origin = models.CharField(max_length=200, primary_key=True)
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    seen_at = models.DateTimeField(auto_now=True)


class BodyErasureQuerySet(AuditedQuerySet):
    """Requests to erase the personal text of an entry."""

    def visible_to(self, user: Any) -> Self:
        """Those of the units in which the person asks for erasures or confirms them."""
        from registry import access

        asks = access.reach(user, access.ERASE_REQUEST, unit="unit", system=None)
        return self.filter(asks | access.reach(user, access.ERASE_CONFIRM, unit="unit", system=None))

    def to_confirm(self, user: Any) -> Self:
        """Those that wait for this very person to confirm them: asked for by somebody else."""
        from registry import access

        here = access.reach(user, access.ERASE_CONFIRM, unit="unit", system=None)
        return self.filter(here, confirmed_at=None).exclude(requested_by__pk=user.pk)


class BodyErasure(Audited):
    """A request to erase the body of one entry: made by one person, carried out when another confirms it."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="erasure")
    unit = models.ForeignKey("registry.BusinessUnit", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    objects = BodyErasureQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return str(_("erasure of entry %d") % self.entry_id)
