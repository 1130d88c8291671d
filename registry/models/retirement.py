"""The end of a version: its plan, the checklist, who uses it, what was told when, and what vendors say of ends."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit
from registry.models.releases import OfSystem, OfSystemQuerySet
from registry.models.systems import AISystem
from registry.models.versions import ModelVersion


class OfVersionQuerySet(OfSystemQuerySet):
    """Rows that hang on a version."""

    system_path = "version__model__system"


class OfVersion(OfSystem):
    """A row about the end of a version: system, unit and place in the log are the version's."""

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse("version-retirement", args=[self.about])

    @property
    def home_system(self) -> AISystem:
        """The home system of the version."""
        return self.version.home_system  # type: ignore[attr-defined]

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.version_id  # type: ignore[attr-defined]

    @property
    def task_label(self) -> str:
        """Its version; the task itself says the rest."""
        return str(self.version)  # type: ignore[attr-defined]


class RetirementPlan(OfVersion):
    """How a version is taken out of use: why, by which steps, and what becomes of data and of those who use it."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        IN_PROGRESS = "in_progress", _("In progress")
        COMPLETED = "completed", _("Completed")

    version = models.OneToOneField(
        ModelVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="retirement_plan"
    )
    reason = models.TextField(_("why it ends"))
    plan = models.TextField(_("how it is taken out of use"))
    user_communication = models.TextField(_("who is told, and how"))
    data_disposition = models.TextField(_("what becomes of its data, and how long records are kept"))
    residual_risks = models.TextField(_("what may still go wrong"), blank=True)
    status = models.CharField(_("status"), max_length=11, choices=Status, default=Status.PLANNED, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), on_delete=models.PROTECT, related_name="+"
    )
    completed_at = models.DateTimeField(_("completed"), null=True, editable=False)

    objects = OfVersionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return str(self.version)


class PlanItemQuerySet(OfSystemQuerySet):
    """Lines of checklists."""

    system_path = "plan__version__model__system"


class PlanItem(OfVersion):
    """A line of the decommission checklist that somebody did, what shows it, and who else looked at it."""

    plan = models.ForeignKey(RetirementPlan, on_delete=models.PROTECT, related_name="items")
    key = models.CharField(_("line of the checklist"), max_length=40)
    evidence = models.TextField(_("what shows it"))
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("done by"), on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(_("done"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("signed off by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(_("signed off"), null=True)

    objects = PlanItemQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=["plan", "key"], name="one_line_once_a_plan"),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("done_by")), name="signed_by_another_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} – {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("version-line", args=[self.version_id, self.key])

    @property
    def version(self) -> ModelVersion:
        """The version of its plan."""
        return self.plan.version

    @property
    def version_id(self) -> Any:
        """The id of the version of its plan."""
        return self.plan.version_id


class ConsumerQuerySet(OfVersionQuerySet):
    """Who uses a version."""

    def visible_to(self, user: Any) -> Self:
        """Those of the versions that the person may see, and those for which the person answers."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        own = Q(person=user) | Q(system__business_owner=user) | Q(system__technical_owner=user)
        return self.filter(Q(version__model__system__in=AISystem.objects.visible_to(user)) | own)

    def standing(self) -> Self:
        """Those who use it still."""
        return self.filter(ended_at__isnull=True)


class Consumer(OfVersion):
    """Somebody who uses a version: a person, a unit by a person who speaks for it, or a system by its owner.

    `acknowledged_date` is the day of retirement that was acknowledged: an earlier day asks anew.
    """

    version = models.ForeignKey(
        ModelVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="consumers"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="uses",
    )  # fmt: skip
    of_unit = models.ForeignKey(
        BusinessUnit, verbose_name=_("for the unit"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    system = models.ForeignKey(
        AISystem, verbose_name=_("system"), null=True, blank=True, on_delete=models.PROTECT, related_name="uses"
    )
    use = models.CharField(_("what it is used for"), max_length=255, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("acknowledged by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_date = models.DateField(_("for the end on"), null=True)
    answer = models.TextField(_("what is done about it"), blank=True)
    ended_at = models.DateTimeField(_("uses it no more since"), null=True)

    objects = ConsumerQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["version", "system"], condition=Q(ended_at__isnull=True), name="one_system_uses_once"
            ),
            models.UniqueConstraint(
                fields=["version", "person"],
                condition=Q(ended_at__isnull=True, system__isnull=True, of_unit__isnull=True),
                name="one_person_uses_once",
            ),
            models.UniqueConstraint(
                fields=["version", "of_unit"], condition=Q(ended_at__isnull=True, of_unit__isnull=False),
                name="one_unit_uses_once",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(system__isnull=False), name="somebody_answers_for_a_use"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} – {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("consumer", args=[self.pk])

    @property
    def name(self) -> str:
        """Who uses it, as people read it."""
        return str(self.system or self.of_unit or self.person)

    @property
    def answers(self) -> Any:
        """The person who is told and who acknowledges."""
        return self.person or self.system.business_owner  # type: ignore[union-attr]

    def is_answered_by(self, person: Any) -> bool:
        """The person is told of the end, or owns the system that uses it."""
        if self.system is not None and self.system.is_own(person):
            return True
        return self.person_id is not None and self.person_id == person.pk

    @property
    def has_acknowledged(self) -> bool:
        """The end was acknowledged, for the day that holds now or an earlier one."""
        if self.acknowledged_date is None:
            return False
        return self.version.retirement_date is None or self.acknowledged_date <= self.version.retirement_date


class RetirementNotice(OfVersion):
    """That people were told of an end, so many days before it; the row is taken once, whoever tells."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="retirement_notices")
    retirement_date = models.DateField(_("retirement date"))
    days = models.PositiveSmallIntegerField(_("days before"))
    has_plan = models.BooleanField(_("there was a plan"))
    told = models.JSONField(_("who was told"), default=list)

    objects = OfVersionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=["version", "retirement_date", "days"], name="one_notice_an_interval"),
        )

    def __str__(self) -> str:
        return f"{self.version} – {self.days}"


class VendorEndQuerySet(AuditedQuerySet):
    """What vendors say."""

    def visible_to(self, user: Any) -> Self:
        """Of the units in which the person may look."""
        from registry import access

        return self.filter(access.reach(user, access.MODEL_VIEW, unit="unit", system=None))


class VendorEnd(Audited):
    """A line of a vendor's list of ends: which model, when, and where the vendor says so in which words."""

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(_("provider"), max_length=160)
    model = models.CharField(_("model"), max_length=200)
    deprecation_date = models.DateField(_("deprecation date"), null=True)
    retirement_date = models.DateField(_("retirement date"))
    replacement = models.CharField(_("what the vendor advises instead"), max_length=200, blank=True)
    source = models.URLField(_("source"), max_length=500)
    quotation = models.TextField(_("in the vendor's words"))
    list_name = models.CharField(_("list"), max_length=255)
    list_digest = models.CharField(_("digest of the list"), max_length=71)
    row = models.PositiveIntegerField(_("row"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("imported by"), on_delete=models.PROTECT, related_name="+"
    )

    objects = VendorEndQuerySet.as_manager()

    class Meta:
        ordering = ("retirement_date", "provider", "model")
        constraints = (
            models.UniqueConstraint(
                fields=["unit", "provider", "model", "retirement_date"], name="one_end_once_a_unit"
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.model}"

    def get_absolute_url(self) -> str:
        return reverse("vendor-ends")


class VendorEndMatch(OfVersion):
    """A version to which a vendor's end applies; the date is proposed to its owner and never written over another."""

    class How(models.TextChoices):
        BASE_MODEL = "base_model", _("by its base model")
        NAME = "name", _("by its own name and provider")
        COMPONENT = "component", _("by a component of it")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACCEPTED = "accepted", _("Accepted")
        DISMISSED = "dismissed", _("Dismissed")

    end = models.ForeignKey(VendorEnd, on_delete=models.PROTECT, related_name="matches")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="vendor_ends")
    how = models.CharField(_("how it was matched"), max_length=10, choices=How)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PROPOSED, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_reason = models.TextField(_("reason"), blank=True)

    objects = OfVersionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("created_at",)
        constraints = (models.UniqueConstraint(fields=["end", "version"], name="one_match_once"),)

    def __str__(self) -> str:
        return f"{self.end} – {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("vendor-match", args=[self.pk])
