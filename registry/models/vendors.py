"""Vendors, and the agreements under which they serve."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit


class CatalogueQuerySet(AuditedQuerySet):
    """What a unit keeps for itself and all units below it."""

    def visible_to(self, user: Any) -> Self:
        """Rows of the units in which the person may look, and of the units above these."""
        from registry import access

        return self.filter(access.reach_above(user, access.MODEL_VIEW, unit="unit"))


class VendorQuerySet(CatalogueQuerySet):
    """Vendors."""

    def read_in_full_by(self, user: Any) -> Self:
        """Vendors whose contacts, agreements and assessments the person may read: by duty, or answering for them."""
        from registry import access

        return self.filter(access.reach_above(user, access.PIA_VIEW, unit="unit", own=Q(owner=user.pk)))


class Importance(models.TextChoices):
    """How much would stop if it were gone."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class Vendor(Audited):
    """A supplier of models, data, tools or services; known to its unit and all units below."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        CONDITIONAL = "conditional", _("Approved under conditions")
        SUSPENDED = "suspended", _("Suspended")
        EXITED = "exited", _("Exited")

    class Result(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        ACCEPTED_WITH_CONDITIONS = "accepted_with_conditions", _("Accepted with conditions")
        REJECTED = "rejected", _("Rejected")

    USABLE = (Status.APPROVED, Status.CONDITIONAL)

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    services = models.TextField(_("what it supplies"))
    contact = models.TextField(_("contacts"), blank=True, help_text=_("One a line: name, role, address."))
    criticality = models.CharField(
        _("importance"), max_length=10, choices=Importance, help_text=_("How much would stop if it were gone.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who answers for it"), on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PROPOSED, editable=False)
    conditions = models.TextField(_("conditions"), blank=True, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("proposed by"), on_delete=models.PROTECT, related_name="+"
    )
    review_due = models.DateField(_("review due"), null=True, blank=True)
    last_reviewed_at = models.DateField(_("last reviewed"), null=True, editable=False)
    assessment_result = models.CharField(
        _("result of the assessment"), max_length=24, choices=Result, blank=True, editable=False
    )
    assessment_score = models.PositiveSmallIntegerField(_("risk that is left, of 100"), null=True, editable=False)
    assessment_level = models.CharField(_("level"), max_length=12, blank=True, editable=False)
    rai_practice = models.TextField(_("what it does for responsible AI"), blank=True, editable=False)

    objects = VendorQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["unit", "name"], name="vendor_once_a_unit"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("vendor", args=[self.pk])

    @property
    def about(self) -> Any:
        """What a change of this row is about, for the log."""
        return self.pk

    @property
    def is_usable(self) -> bool:
        """Its components may serve."""
        return self.status in self.USABLE

    @property
    def is_overdue(self) -> bool:
        """Its review date has come."""
        return self.review_due is not None and self.review_due <= moment.today()

    def is_own(self, person: Any) -> bool:
        """The person answers for it."""
        return self.owner_id == person.pk


class OfVendorQuerySet(AuditedQuerySet):
    """Rows of a vendor that not everybody reads."""

    def visible_to(self, user: Any) -> Self:
        """Of the vendors that the person may read in full."""
        return self.filter(vendor__in=Vendor.objects.read_in_full_by(user))

    def known_to(self, user: Any) -> Self:
        """Of the vendors that the person may know of: their names, not their clauses."""
        return self.filter(vendor__in=Vendor.objects.visible_to(user))

    def active(self) -> Self:
        """Agreements in force."""
        return self.filter(status=Agreement.Status.ACTIVE)

    def unread(self) -> Self:
        """Agreements in force whose terms nobody has read as they are now, or whose review is due."""
        return self.active().filter(Q(reviewed_at__isnull=True) | Q(review_due__lte=moment.today()))


class Agreement(Audited):
    """A contract or terms of service, with the clauses that matter for AI and the date on which they were read."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("In force")
        EXPIRED = "expired", _("Expired")
        TERMINATED = "terminated", _("Terminated")

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("Contract")
        TERMS = "terms_of_service", _("Terms of service")
        DATA_PROCESSING = "data_processing", _("Data processing agreement")
        LICENCE = "licence", _("Licence")
        SERVICE_LEVEL = "service_level", _("Service levels")

    vendor = models.ForeignKey(
        Vendor, verbose_name=_("vendor"), on_delete=models.PROTECT, related_name="agreements", editable=False
    )
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    terms_version = models.CharField(_("version of the terms"), max_length=60, blank=True)
    terms_date = models.DateField(_("date of the terms"), help_text=_("The date that the text itself bears."))
    url = models.CharField(_("where the text is"), max_length=500, blank=True)
    expires_on = models.DateField(_("ends"), null=True, blank=True)
    review_due = models.DateField(_("read again by"), null=True, blank=True)
    reviewed_at = models.DateField(_("read"), null=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("read by"), null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    data_use_terms = models.TextField(_("use of our data, also for training and tuning"), blank=True)
    ip_terms = models.TextField(_("rights in models, prompts and outputs"), blank=True)
    privacy_terms = models.TextField(_("privacy"), blank=True)
    security_terms = models.TextField(_("security"), blank=True)
    incident_notification_terms = models.TextField(_("notice of incidents"), blank=True)
    audit_right = models.TextField(_("right to audit"), blank=True)
    sla = models.TextField(_("service levels"), blank=True)
    liability = models.TextField(_("liability"), blank=True)
    content_ownership = models.TextField(_("who owns what is generated"), blank=True)
    termination_terms = models.TextField(_("termination and return of data"), blank=True)

    objects = OfVendorQuerySet.as_manager()

    class Meta:
        ordering = ("title",)
        constraints = (models.UniqueConstraint(fields=["vendor", "title"], name="agreement_once_a_vendor"),)

    def __str__(self) -> str:
        return f"{self.vendor}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("agreement", args=[self.pk])

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its vendor."""
        return self.vendor.unit

    @property
    def about(self) -> Any:
        """The log files it under its vendor."""
        return self.vendor_id

    @property
    def is_unread(self) -> bool:
        """It is in force, and nobody has read its terms as they are now or its review is due."""
        is_due = self.review_due is not None and self.review_due <= moment.today()
        return self.status == self.Status.ACTIVE and (self.reviewed_at is None or is_due)

    def is_own(self, person: Any) -> bool:
        """As its vendor."""
        return self.vendor.is_own(person)
