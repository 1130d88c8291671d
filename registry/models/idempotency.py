"""The answers that were given under an Idempotency-Key, kept for a day so that a repeated POST has one effect."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

KEPT = timedelta(hours=24)


class KeptAnswerQuerySet(models.QuerySet):
    """Kept answers."""

    def expired(self) -> Self:
        """Those that are older than a day; their keys are free again."""
        return self.filter(created_at__lt=timezone.now() - KEPT)


class KeptAnswer(models.Model):
    """What one POST was answered, written in the transaction of its effect. Working state: no part of the log."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The public part of the token that was used, empty for a session: two pipelines of one person do not meet.
    credential = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=100)
    body = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person", "credential", "key"], name="one_answer_a_key"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.key} {self.status}"
