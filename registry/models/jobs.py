"""The abstract job: a leased row, so that the broker is only a doorbell and never the record."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited


class JobStatus(models.TextChoices):
    """Where a job is; how it ended is another field."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    ERRORED = "errored", _("Errored")
    CANCELLED = "cancelled", _("Cancelled")


class Job(Audited):
    """Work that a worker does. Lease and progress are working state and stay out of the log; status is in it."""

    status = models.CharField(_("status"), max_length=10, choices=JobStatus, default=JobStatus.QUEUED, editable=False)
    reason = models.TextField(_("reason"), blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("requested by"), on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False, db_index=True)
    rung_at = models.DateTimeField(null=True, editable=False)
    progress = models.PositiveSmallIntegerField(default=0, editable=False)
    message = models.CharField(max_length=200, blank=True, editable=False)

    unaudited: ClassVar[frozenset[str]] = frozenset({"lease_token", "lease_until", "rung_at", "progress", "message"})
    task: ClassVar[str] = ""
    unit_path: ClassVar[str] = ""  # the lookup that leads from the row to its business unit
    noun: ClassVar[str] = "job"
    is_part: ClassVar[bool] = False  # a step of another job, for which nobody asked by itself

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        """It will not change any more."""
        return self.status in {JobStatus.FINISHED, JobStatus.ERRORED, JobStatus.CANCELLED}

    def is_own(self, person: Any) -> bool:
        """The person asked for it."""
        return self.requested_by_id == person.pk


class SweepLease(models.Model):
    """One row that decides which worker sweeps."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField(null=True)
