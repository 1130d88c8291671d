"""Model cards: numbered revisions, of which a submission pins one."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.versions import ModelVersion


class ModelCardQuerySet(AuditedQuerySet):
    """Cards."""

    def visible_to(self, user: Any) -> Self:
        """Cards of the versions that the person may see."""
        return self.filter(version__in=ModelVersion.objects.visible_to(user))


class ModelCard(Audited):
    """A revision of a version's card. `fields` holds what a person wrote, by field id of the card schema."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Superseded")

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="cards")
    number = models.PositiveIntegerField(_("revision"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    fields = models.JSONField(_("fields"), default=dict)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)

    objects = ModelCardQuerySet.as_manager()

    class Meta:
        ordering = ("version", "-number")
        constraints = (models.UniqueConstraint(fields=["version", "number"], name="card_number_once_a_version"),)

    def __str__(self) -> str:
        return _("Card of %(version)s, revision %(number)d") % {"version": self.version, "number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("version-card", args=[self.version_id])

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

    def is_own(self, person: Any) -> bool:
        """As its version."""
        return self.version.is_own(person)
