"""What an organisation adds to rows of the inventory: tags, and values of custom fields that it defined."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit


class LabelsQuerySet(AuditedQuerySet):
    """Labels."""

    def visible_to(self, user: Any) -> Self:
        """Labels in the units in which the person may look."""
        from registry import access

        return self.filter(access.reach(user, access.MODEL_VIEW, unit="unit", system=None))


class Labels(Audited):
    """The tags of one row and the values of its custom fields by their short names."""

    unit = models.ForeignKey(BusinessUnit, on_delete=models.PROTECT, related_name="+")
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField(unique=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    values = models.JSONField(_("custom fields"), default=dict, blank=True)

    objects = LabelsQuerySet.as_manager()

    def __str__(self) -> str:
        return ", ".join(self.tags)

    @property
    def about(self) -> Any:
        """The log files it under the row."""
        return self.object_id


class LabelWord(models.Model):
    """One tag or one value as lists look for it; made anew whenever the labels of its row are."""

    object_id = models.UUIDField(db_index=True)
    name = models.CharField(max_length=60)
    value = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=["name", "value", "object_id"], name="label_words"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class CustomFieldQuerySet(AuditedQuerySet):
    """Custom fields."""

    def visible_to(self, user: Any) -> Self:
        """Everybody who fills in forms sees what they ask."""
        return self.all() if user.is_authenticated else self.none()

    def of(self, kind: str) -> Self:
        """Those that are in use for one kind of rows."""
        return self.filter(kind=kind, is_used=True)


class CustomField(Audited):
    """A field that an administrator added to one kind of rows."""

    class Kind(models.TextChoices):
        SYSTEMS = "systems", _("Systems")
        MODELS = "models", _("Models")
        VERSIONS = "versions", _("Versions")
        DATASETS = "datasets", _("Data sets")

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DAY = "day", _("Day")
        CHOICE = "choice", _("Choice")
        YES_NO = "yes_no", _("Yes or no")

    kind = models.CharField(_("of what"), max_length=10, choices=Kind)
    slug = models.SlugField(_("short name"), max_length=50)
    name = models.CharField(_("name"), max_length=80)
    type = models.CharField(_("type"), max_length=8, choices=Type)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    is_required = models.BooleanField(_("must be filled in"), default=False)
    is_used = models.BooleanField(_("in use"), default=True)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "name")
        constraints = (models.UniqueConstraint(fields=["kind", "slug"], name="custom_field_once_a_kind"),)

    def __str__(self) -> str:
        return self.name

    @property
    def word(self) -> str:
        """What its values are called among the words of labels and in the addresses of lists."""
        return f"field-{self.slug}"

    @property
    def unit(self) -> BusinessUnit | None:
        """The whole organisation's."""
        return BusinessUnit.objects.filter(parent=None).first()
