"""What stands on an auditor's desk: requests, notes, samples and findings of one engagement.

Import them from reports.models, which loads this module last.
"""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Audited, AuditedQuerySet, BusinessUnit, RoleAssignment, User


class DeskItemQuerySet(AuditedQuerySet):
    """Items of auditors' desks."""

    def visible_to(self, user: Any) -> Self:
        """Those where the person reads the log, and those that wait for the person."""
        from registry import access

        return self.filter(access.reach(user, access.AUDIT_VIEW, unit="unit", system="system", own=Q(owner=user.pk)))

    def open(self) -> Self:
        """Those that wait for an answer, or for somebody to look at one."""
        return self.filter(status__in=(DeskItem.Status.OPEN, DeskItem.Status.ANSWERED))


class DeskItem(Audited):
    """A request for evidence, a note, a sample or a finding.

    A request and a finding have an owner and a day: the owner answers, or says what was done, and somebody else closes
    them. A sample is what a seed drew from a population, with the digest of the population.
    """

    class Kind(models.TextChoices):
        REQUEST = "request", _("Request")
        NOTE = "note", _("Note")
        SAMPLE = "sample", _("Sample")
        FINDING = "finding", _("Finding")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")
        RECORDED = "recorded", _("Recorded")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    engagement = models.ForeignKey(RoleAssignment, on_delete=models.PROTECT, related_name="desk_items", editable=False)
    unit = models.ForeignKey(BusinessUnit, on_delete=models.PROTECT, related_name="+", editable=False)
    system = models.ForeignKey(
        AISystem, verbose_name=_("system"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, editable=False)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    framework = models.CharField(_("framework"), max_length=30, blank=True)
    requirement = models.CharField(_("requirement"), max_length=40, blank=True)
    owner = models.ForeignKey(
        User, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True, editable=False)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    sample = models.JSONField(_("sample"), default=dict, editable=False)

    noun: ClassVar[str] = "desk_item"

    objects = DeskItemQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("desk-item", args=[self.pk])

    @property
    def home_system(self) -> AISystem | None:
        """The system that it is about."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under the system, or by itself."""
        return self.system_id or self.pk

    @property
    def is_followed(self) -> bool:
        """It has an owner who answers."""
        return self.kind in {self.Kind.REQUEST, self.Kind.FINDING}

    def is_own(self, person: Any) -> bool:
        """It waits for this person's answer."""
        return self.owner_id == person.pk
