"""What people do with lists: filters they keep, sheets they import, and the index by which things are found."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.evidence import Blob


class SavedFilter(models.Model):
    """A list as a person wants to see it again, under a name; nobody else's business, so not in the log."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    list = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=2000)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["person", "list", "name"], name="filter_name_once"),)

    def __str__(self) -> str:
        return self.name


class ImportQuerySet(AuditedQuerySet):
    """Imports."""

    def visible_to(self, user: Any) -> Self:
        """One's own."""
        return self.filter(requested_by__pk=user.pk)


class Import(Audited):
    """A sheet of rows to enter at once: checked first, then carried out whole or not at all."""

    class Status(models.TextChoices):
        CHECKED = "checked", _("Checked")
        REFUSED = "refused", _("Refused")
        IMPORTED = "imported", _("Imported")

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("of what"), max_length=40)
    name = models.CharField(_("file"), max_length=255)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status, editable=False)
    rows = models.PositiveIntegerField(_("rows"), editable=False)
    faults = models.JSONField(_("faults"), default=list, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("import", args=[self.pk])


class SearchEntry(models.Model):
    """A row that can be found, with its terms; the database's own full-text index follows them (registry/search)."""

    object_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=40)
    words = models.TextField()

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
