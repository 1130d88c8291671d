"""Editions of frameworks that an organisation brought, and the two people who approved each that claims something.

Import them from reports.models, which loads this module last.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import Approval, Audited, Blob, Proposal, ProposalQuerySet


class FrameworkEdition(Proposal):
    """One edition of a framework: the file that somebody brought, what was read from it, and how far its approval is."""

    slug = models.CharField(_("short name"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    edition = models.CharField(_("edition"), max_length=120)
    file_name = models.CharField(_("file"), max_length=200)
    source = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+", editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=Proposal.Status, default=Proposal.Status.PROPOSED, editable=False
    )

    unaudited: ClassVar[frozenset[str]] = Audited.unaudited | {"body"}  # bound by its digest
    noun: ClassVar[str] = "framework"
    task: ClassVar[str] = "approve_framework"
    place: ClassVar[str] = "slug"

    objects = ProposalQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=["slug"], condition=Q(status="in_force"), name="one_edition_in_force"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("framework-edition", args=[self.pk])

    def require_sound(self) -> None:
        """Names that its rules use may be gone."""
        from reports.imported import catalogue

        catalogue.check(self.body, file=self.file_name)


class FrameworkApproval(Approval):
    """One of the two people who brought an edition into force, with the reason."""

    edition = models.ForeignKey(FrameworkEdition, on_delete=models.PROTECT, related_name="approvals")

    class Meta:
        ordering = ("at",)
        constraints = (models.UniqueConstraint(fields=["edition", "person"], name="one_approval_of_an_edition"),)
