"""Assessments of vendors: one row a questionnaire, with its answers, its score and what was decided on it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.canonical import digest
from registry.models import Audited, BusinessUnit, Vendor
from registry.models.vendors import OfVendorQuerySet
from risk.questionnaires import Reply, template
from risk.template_parts import Template


class VendorAssessment(Audited):
    """A questionnaire about a vendor and what it is wanted for; decided by somebody else than who filled it."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        DECIDED = "decided", _("Decided")

    vendor = models.ForeignKey(Vendor, verbose_name=_("vendor"), on_delete=models.PROTECT, related_name="assessments")
    use = models.TextField(_("what it is wanted for"))
    template = models.CharField(_("questionnaire"), max_length=40)
    template_version = models.CharField(_("version of the questionnaire"), max_length=20)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    score = models.PositiveSmallIntegerField(_("risk that is left, of 100"), null=True)
    level = models.CharField(_("level"), max_length=12, blank=True)
    result = models.CharField(_("result"), max_length=24, choices=Vendor.Result, blank=True)
    conditions = models.TextField(_("conditions"), blank=True)
    reason = models.TextField(_("reason"), blank=True)
    filled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("filled by"), on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    assessed_at = models.DateField(_("decided"), null=True)
    valid_until = models.DateField(_("valid until"), null=True)

    objects = OfVendorQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["vendor"], condition=~Q(status="decided"), name="one_open_assessment_a_vendor"
            ),
            models.CheckConstraint(
                condition=~Q(status="decided")
                | (Q(decided_by__isnull=False, valid_until__isnull=False) & ~Q(result="") & ~Q(reason="")),
                name="decided_vendor_assessment_has_decider",
            ),
        )

    def __str__(self) -> str:
        return str(self.vendor)

    def get_absolute_url(self) -> str:
        return reverse("vendor-assessment", args=[self.pk])

    @property
    def form(self) -> Template:
        """The questionnaire of this installation."""
        return template(self.template)

    @property
    def unit(self) -> BusinessUnit:
        """The unit of the vendor."""
        return self.vendor.unit

    @property
    def about(self) -> Any:
        """The log files it under the vendor."""
        return self.vendor_id

    @property
    def is_open(self) -> bool:
        """Nothing has been decided on it yet."""
        return self.status != self.Status.DECIDED

    def is_own(self, person: Any) -> bool:
        """As the vendor."""
        return self.vendor.is_own(person)

    def replies(self) -> dict[str, Reply]:
        """The answers so far, by question."""
        return {question: Reply(*said) for question, said in self.answers.items()}

    @property
    def answers_digest(self) -> str:
        """The digest of what is decided on."""
        return digest({"template": self.template, "version": self.template_version, "answers": self.answers})
