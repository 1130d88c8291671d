"""Editions of frameworks that an organisation brought, and the two people who approved each that claims something.

Import them from reports.models, which loads this module last.
"""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models import Audited, AuditedQuerySet, Blob, BusinessUnit


class FrameworkEditionQuerySet(AuditedQuerySet):
    """Editions of frameworks."""

    def visible_to(self, user: Any) -> Self:
        """A framework binds every unit, so that whoever may see any system reads it."""
        from registry import access

        return self.filter(access.reach_above(user, access.MODEL_VIEW, unit="unit"))

    def in_force(self) -> Self:
        """The editions that decide now."""
        return self.filter(status=FrameworkEdition.Status.IN_FORCE)


class FrameworkEdition(Audited):
    """One edition of a framework: the file that somebody brought, what was read from it, and how far its approval is."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")
        REJECTED = "rejected", _("Rejected")

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+")
    slug = models.CharField(_("short name"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    edition = models.CharField(_("edition"), max_length=120)
    file_name = models.CharField(_("file"), max_length=200)
    source = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+", editable=False)
    body = models.JSONField(_("what was read"))
    digest = models.CharField(_("digest"), max_length=71)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("brought by"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(_("why it is brought"))
    in_force_at = models.DateTimeField(_("in force since"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    unaudited: ClassVar[frozenset[str]] = Audited.unaudited | {"body"}  # bound by its digest
    noun: ClassVar[str] = "framework"

    objects = FrameworkEditionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=["slug"], condition=Q(status="in_force"), name="one_edition_in_force"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("framework-edition", args=[self.pk])


class FrameworkApprovalQuerySet(AuditedQuerySet):
    """Approvals of editions."""

    def visible_to(self, user: Any) -> Self:
        """As the editions."""
        return self.filter(edition__in=FrameworkEdition.objects.visible_to(user))


class FrameworkApproval(Audited):
    """One of the two people who brought an edition into force, with the reason."""

    edition = models.ForeignKey(FrameworkEdition, on_delete=models.PROTECT, related_name="approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("approved"), default=timezone.now)

    objects = FrameworkApprovalQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("at",)
        constraints = (models.UniqueConstraint(fields=["edition", "person"], name="one_approval_of_an_edition"),)

    def __str__(self) -> str:
        return f"{self.edition} – {self.person}"

    @property
    def unit(self) -> Any:
        """The unit of the edition."""
        return self.edition.unit

    @property
    def about(self) -> Any:
        """The log files it under its edition."""
        return self.edition_id
