"""Reminders of tasks that are due, escalations of what is overdue, and the mails that carry them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.work import Task


class ReminderQuerySet(AuditedQuerySet):
    """Reminders."""

    def visible_to(self, user: Any) -> Self:
        """Of the person's own tasks."""
        return self.filter(task__in=Task.objects.visible_to(user))


class Reminder(Audited):
    """That a task was reminded of, or handed up, at one step before or after its day; the row is taken once."""

    class Step(models.TextChoices):
        BEFORE = "before", _("before its day")
        OVERDUE = "overdue", _("its day is over")
        ESCALATED = "escalated", _("handed up")

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="reminders")
    due_on = models.DateField(_("due"))
    step = models.CharField(_("step"), max_length=9, choices=Step)
    days = models.PositiveSmallIntegerField(_("days"))
    told = models.JSONField(_("who was told"), default=list)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=["task", "due_on", "step", "days"], name="one_reminder_a_step"),)

    def __str__(self) -> str:
        return f"{self.task_id} – {self.step} {self.days}"

    @property
    def unit(self) -> Any:
        """The unit of the task."""
        return self.task.unit

    @property
    def about(self) -> Any:
        """The log files it under what the task is about."""
        return self.task.object_id


class DailyMail(models.Model):
    """The mail of one person on one day. Working state: what it tells stands in tasks and reminders already."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="daily_mails")
    day = models.DateField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    says = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-day",)
        constraints = (models.UniqueConstraint(fields=["person", "day"], name="one_mail_a_day"),)

    def __str__(self) -> str:
        return f"{self.person_id} – {self.day}"
