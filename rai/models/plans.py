"""Test plans: which checks a system owes, with which parameters, on which rows, how often, and each time a plan was run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy

from rai import cadences
from registry.models import AISystem, Audited, AuditedQuerySet


@dataclass(frozen=True)
class PlannedCheck:
    """One check of a plan: `key` names it within the plan, `role` says on which kind of rows it is run."""

    key: str
    slug: str
    role: str
    parameters: Mapping[str, Any]
    reason: str

    def to_json(self) -> dict[str, Any]:
        """As the plan stores it."""
        return asdict(self)


class PlanQuerySet(AuditedQuerySet):
    """Plans."""

    def visible_to(self, user: Any) -> Self:
        """Plans of the systems that the person may see."""
        return self.filter(system__in=AISystem.objects.visible_to(user))

    def in_force(self) -> Self:
        """The approved revision of each system."""
        return self.filter(status=TestPlan.Status.APPROVED)


class TestPlan(Audited):
    """A revision of a system's plan of tests. A draft is edited; an approved one is never changed, the next supersedes it."""

    __test__ = False  # its name is no test's

    class Status(models.TextChoices):
        DRAFT = "draft", gettext_lazy("Draft")
        APPROVED = "approved", gettext_lazy("Approved")
        SUPERSEDED = "superseded", gettext_lazy("Superseded")

    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="test_plans")
    revision = models.PositiveIntegerField(gettext_lazy("revision"))
    status = models.CharField(
        gettext_lazy("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False
    )
    cadence = models.CharField(gettext_lazy("cadence"), max_length=20, choices=list(cadences.LABELS.items()))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=gettext_lazy("owner"), on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checks = models.JSONField(gettext_lazy("checks"), default=list)
    # The limits as they stood on the day of the approval: rule, principle and reason of each.
    limits = models.JSONField(gettext_lazy("limits"), default=list, editable=False)
    guidance = models.JSONField(gettext_lazy("which fairness metric fits"), default=dict, blank=True)
    retraining = models.JSONField(gettext_lazy("how often to retrain"), default=dict, blank=True)
    risks_covered = models.TextField(gettext_lazy("risks that it covers"), blank=True)
    priorities = models.TextField(gettext_lazy("what comes first, and why"), blank=True)
    unmeasured = models.TextField(gettext_lazy("what is not measured, and why"), blank=True)
    environment = models.TextField(gettext_lazy("where tests run"), blank=True)
    deployment_similarity = models.TextField(gettext_lazy("how like the use the test rows are"), blank=True)
    sample_size_rationale = models.TextField(gettext_lazy("why this many rows"), blank=True)
    experimental_design = models.TextField(gettext_lazy("how rows were chosen and split"), blank=True)
    construct_validity = models.TextField(gettext_lazy("why the labels mean what is meant"), blank=True)
    human_subjects = models.TextField(gettext_lazy("people who take part in tests"), blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(gettext_lazy("approved"), null=True, editable=False)
    approval_reason = models.TextField(gettext_lazy("why approved"), blank=True, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ("system", "-revision")
        constraints = (
            models.UniqueConstraint(fields=["system", "revision"], name="plan_revision_once"),
            models.UniqueConstraint(fields=["system"], condition=Q(status="approved"), name="one_plan_in_force"),
            models.UniqueConstraint(fields=["system"], condition=Q(status="draft"), name="one_plan_drafted"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("author")), name="plan_approved_by_another"
            ),
        )

    def __str__(self) -> str:
        return _("Test plan of %(system)s, revision %(revision)d") % {
            "system": self.system, "revision": self.revision,
        }  # fmt: skip

    @property
    def task_label(self) -> str:
        """Its system; the task itself says the rest."""
        return str(self.system)

    def get_absolute_url(self) -> str:
        return reverse("plan", args=[self.pk])

    @property
    def unit(self) -> Any:
        """The unit of its system."""
        return self.system.unit

    @property
    def home_system(self) -> AISystem:
        """Its system."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under its system."""
        return self.system_id

    def is_own(self, person: Any) -> bool:
        """The person owns the system, or the plan."""
        return self.owner_id == person.pk or self.system.is_own(person)

    @property
    def is_draft(self) -> bool:
        """It may still be edited."""
        return self.status == self.Status.DRAFT

    @property
    def planned(self) -> list[PlannedCheck]:
        """The checks of the plan, in order."""
        return [PlannedCheck(**one) for one in self.checks]

    @property
    def days(self) -> int:
        """Days from one run to the next: the plan's own, and never more than the tier of the system bears."""
        return cadences.days(self.cadence, self.system.risk_tier)

    @property
    def looks(self) -> int:
        """Looks a year, among which false alarms share a year's budget."""
        return cadences.looks(self.days)


class PlanRunQuerySet(AuditedQuerySet):
    """Runs of plans."""

    def visible_to(self, user: Any) -> Self:
        """Runs of plans of the systems that the person may see."""
        return self.filter(plan__system__in=AISystem.objects.visible_to(user))


class PlanRun(Audited):
    """One run of a plan: asked for by a person on one table, or due on a day. Its checks name it; it is written once."""

    plan = models.ForeignKey(TestPlan, on_delete=models.PROTECT, related_name="runs")
    # Stands here too, so that a day is taken once whichever revision of the plan was in force.
    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PlanRunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=["system", "due_on"], name="plan_due_once"),)

    def __str__(self) -> str:
        if self.due_on is None:
            return _("%s, asked for") % self.plan
        return _("%(plan)s, due on %(day)s") % {"plan": self.plan, "day": date_format(self.due_on)}

    @property
    def task_label(self) -> str:
        """Its system; the task itself says the rest."""
        return str(self.plan.system)

    def get_absolute_url(self) -> str:
        return reverse("plan", args=[self.plan_id])

    @property
    def unit(self) -> Any:
        """The unit of its system."""
        return self.plan.unit

    @property
    def home_system(self) -> AISystem:
        """The system of the plan."""
        return self.plan.system

    @property
    def about(self) -> Any:
        """The log files it under its system."""
        return self.system_id

    def is_own(self, person: Any) -> bool:
        """As its plan."""
        return self.plan.is_own(person)
