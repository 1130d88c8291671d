"""Versions of models: exact bytes, what is said of them, and when they end."""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.base import Audited, AuditedQuerySet
from registry.models.evidence import Blob
from registry.models.people import BusinessUnit
from registry.models.systems import AISystem, Model


class VersionStatus(models.TextChoices):
    """The states of a version; the transitions between them stand in registry/lifecycle.py."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    REJECTED = "rejected", _("Rejected")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    SUSPENDED = "suspended", _("Suspended")
    DEPRECATED = "deprecated", _("Deprecated")
    RETIRED = "retired", _("Retired")


class ModelVersionQuerySet(AuditedQuerySet):
    """Versions."""

    def visible_to(self, user: Any) -> Self:
        """Versions whose home system the person may see; joined rather than looked up in a list, for long lists."""
        from registry import access

        return self.filter(access.reach(user, access.MODEL_VIEW, unit="model__system__unit", system="model__system"))

    def retiring_before(self, day: Any) -> Self:
        """Versions in use whose retirement date comes before the day."""
        return self.filter(retirement_date__lt=day).exclude(status=VersionStatus.RETIRED)


class ModelVersion(Audited):
    """A version of a model: exact bytes, identified by their SHA-256, immutable once submitted."""

    model = models.ForeignKey(Model, verbose_name=_("model"), on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=60)
    status = models.CharField(
        _("status"), max_length=20, choices=VersionStatus, default=VersionStatus.DRAFT, editable=False
    )
    artifact = models.ForeignKey(Blob, verbose_name=_("artefact"), on_delete=models.PROTECT, related_name="+")
    artifact_name = models.CharField(_("file name"), max_length=255)
    change_note = models.TextField(_("what is new in it"), blank=True)
    provider = models.CharField(_("provider"), max_length=160, blank=True)
    base_model = models.CharField(_("base model"), max_length=200, blank=True)
    licence = models.CharField(
        _("licence"), max_length=120, blank=True, help_text=_("Its SPDX name where it has one, for example Apache-2.0.")
    )
    training_run = models.CharField(_("training run"), max_length=200, blank=True)
    training_record = models.JSONField(_("record of the training run"), default=dict, blank=True, editable=False)
    commercial = models.BooleanField(
        _("commercial model"),
        default=False,
        help_text=_("A vendor's model that is used under a contract or for a fee."),
    )
    known_good = models.BooleanField(_("known to be good"), default=False, editable=False)
    backup_verified_at = models.DateTimeField(_("stored bytes last verified"), null=True, editable=False)
    deprecation_date = models.DateField(_("deprecation date"), null=True, blank=True)
    retirement_date = models.DateField(_("retirement date"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", verbose_name=_("successor"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("registered by"), on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(_("frozen at"), null=True, editable=False)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ("model__name", "-created_at")
        constraints = (
            models.UniqueConstraint(fields=["model", "version"], name="version_once_a_model"),
            models.UniqueConstraint(fields=["model", "artifact"], name="artifact_once_a_model"),
            models.CheckConstraint(
                condition=Q(retirement_date__isnull=True)
                | Q(deprecation_date__isnull=True)
                | Q(retirement_date__gte=models.F("deprecation_date")),
                name="retired_after_deprecated",
            ),
        )
        indexes = (
            models.Index(fields=["created_at", "id"], name="versions_by_age"),
            models.Index(fields=["status", "created_at", "id"], name="versions_by_status"),
            # What lists ask of the versions of some systems, so that none of their rows need be read.
            models.Index(
                fields=["model", "created_at", "id", "status", "provider", "base_model"], name="versions_of_model"
            ),
            models.Index(Upper("provider"), name="versions_by_provider"),
            models.Index(Upper("base_model"), name="versions_by_base_model"),
        )

    def __str__(self) -> str:
        return f"{self.model.name} {self.version}"

    def clean(self) -> None:
        """Dates in their order, and a successor that is another version and does not lead back here."""
        first, last = self.deprecation_date, self.retirement_date
        if first and last and last < first:
            raise ValidationError({
                "retirement_date": _("It retires on %(last)s, before it is deprecated on %(first)s. Change one of the two.")
                % {"last": date_format(last), "first": date_format(first)}
            })  # fmt: skip
        seen, here = {self.pk}, self.successor
        while here is not None and here.pk not in seen:
            seen.add(here.pk)
            here = here.successor
        if here is not None:
            raise ValidationError(
                {"successor": _("A version does not follow itself, and this one would by way of its successors.")}
            )

    def get_absolute_url(self) -> str:
        return reverse("version", args=[self.pk])

    @property
    def artifact_hash(self) -> str:
        """`sha256:` and the hex digest of the artefact's bytes: the version's identity."""
        return self.artifact.digest

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its home system."""
        return self.model.system.unit

    @property
    def unit_id(self) -> Any:
        """The id of that unit, without reading the unit."""
        return self.model.system.unit_id

    @property
    def home_system(self) -> AISystem:
        """Its home system."""
        return self.model.system

    @property
    def about(self) -> Any:
        """The log files what concerns a version under the version."""
        return self.pk

    @property
    def is_draft(self) -> bool:
        """It may still be edited."""
        return self.status in {VersionStatus.DRAFT, VersionStatus.CHANGES_REQUESTED}

    @property
    def is_past_retirement(self) -> bool:
        """Its retirement date has come."""
        return self.retirement_date is not None and self.retirement_date <= moment.today()

    @property
    def release(self) -> Any:
        """Its newest release at the home system, or None."""
        return self.releases.filter(system=self.model.system).order_by("-created_at").first()

    @property
    def card(self) -> Any:
        """Its newest card revision, or None."""
        return self.cards.order_by("-number").first()

    def is_own(self, person: Any) -> bool:
        """The person owns its system or registered it."""
        return self.registered_by_id == person.pk or self.home_system.is_own(person)
