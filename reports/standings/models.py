"""The tables of standings: what was said from one day to another, and up to which entry of the log it is in step.

Derived from everything else and made again at any time; no other row refers to them and nothing is decided from them.
Import them from reports.models, which loads this module last.
"""

from typing import Any

from django.db import models


class Standing(models.Model):
    """What a framework said of one subject from a day to a day; the newest one of a subject is what it says now.

    `subject` is the id of a system or of a unit, empty for the organisation. `results` holds for each requirement the
    result, its basis, its marks, and how many items pass of those that apply.
    """

    framework = models.CharField(max_length=40)
    subject = models.CharField(max_length=36, blank=True)
    since = models.DateField()
    until = models.DateField()
    rules = models.CharField(max_length=71)
    program = models.CharField(max_length=71)
    results: Any = models.JSONField()
    seal = models.CharField(max_length=64)

    class Meta:
        ordering = ("framework", "subject", "since")
        constraints = (models.UniqueConstraint(fields=["framework", "subject", "since"], name="one_standing_a_day"),)
        indexes = (models.Index(fields=["framework", "until"]),)

    def __str__(self) -> str:
        return f"{self.framework} {self.subject} {self.since}"


class StandingHead(models.Model):
    """Up to which entry of the log, on which day and by which rules the standings of a framework are in step."""

    framework = models.CharField(max_length=40, primary_key=True)
    day = models.DateField()
    seq = models.BigIntegerField()
    rules = models.CharField(max_length=71)
    program = models.CharField(max_length=71)
    seal = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.framework} {self.seq}"
