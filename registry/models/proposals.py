"""What two people bring into force: a text that one proposes and two others approve, and their approvals.

A kind of its own derives both classes, adds its columns and says what it takes the place of (`place`).
"""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit


class ProposalQuerySet(AuditedQuerySet):
    """Proposals of one kind."""

    def visible_to(self, user: Any) -> Self:
        """Those of the units in which the person sees systems, and of the units above: they bind what is below."""
        from registry import access

        return self.filter(access.reach_above(user, access.MODEL_VIEW, unit="unit"))

    def in_force(self) -> Self:
        """Those that decide now."""
        return self.filter(status=Proposal.Status.IN_FORCE)


class Proposal(Audited):
    """A text, what was read from it, and how far its approval has come."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")
        REJECTED = "rejected", _("Rejected")

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+")
    body = models.JSONField(_("what was read"))
    digest = models.CharField(_("digest"), max_length=71)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(_("why it changes"))
    in_force_at = models.DateTimeField(_("in force since"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    noun: ClassVar[str]  # in entries of the log
    task: ClassVar[str]  # the kind of task of those who may approve it
    place: ClassVar[str]  # the column of which each value has one row in force
    status: Any
    approvals: Any

    class Meta:
        abstract = True

    @property
    def asked_at(self) -> datetime:
        """Since when it waits for approval."""
        return self.created_at

    @property
    def before(self) -> Any:
        """The row in force whose place it takes, or None."""
        return type(self)._default_manager.in_force().filter(**{self.place: getattr(self, self.place)}).first()  # type: ignore[attr-defined]

    def require_sound(self) -> None:
        """Raise BadInput where what was sound when it was proposed is so no more."""

    def begin(self) -> None:
        """It decides from now on; not saved."""
        self.status, self.in_force_at = Proposal.Status.IN_FORCE, timezone.now()

    def end(self, status: str) -> None:
        """It decides no more, or never will; not saved."""
        self.status, self.ended_at = status, timezone.now()


class ApprovalQuerySet(AuditedQuerySet):
    """Approvals of one kind of proposal."""

    def visible_to(self, user: Any) -> Self:
        """As what they approve."""
        approved = self.model.approved()  # type: ignore[attr-defined]
        return self.filter(**{f"{approved.name}__in": approved.related_model.objects.visible_to(user)})


class Approval(Audited):
    """One of the two people who brought a proposal into force, with the reason; a kind adds the key to its proposal."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("approved"), default=timezone.now)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.proposal} – {self.person}"

    @classmethod
    def approved(cls) -> Any:
        """The key to what it approves."""
        return next(
            field for field in cls._meta.fields if field.remote_field and field.remote_field.name == "approvals"
        )

    @property
    def proposal(self) -> Any:
        """What it approves."""
        return getattr(self, self.approved().name)

    @property
    def unit(self) -> Any:
        """The unit of the proposal."""
        return self.proposal.unit

    @property
    def about(self) -> Any:
        """The log files it under its proposal."""
        return self.proposal.pk
