"""Release policies and who approved them, what gates answered when something was decided, and opinions before a move."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models.people import Duty
from registry.models.proposals import Approval, Proposal, ProposalQuerySet
from registry.models.releases import OfSystem, OfSystemQuerySet, Release
from registry.models.systems import AISystem

AUDIT_DAYS: Final = 365


class ReviewPolicy(Proposal):
    """One version of the release policy: its text, what was read from it, and how far its approval has come."""

    number = models.PositiveIntegerField(_("number"))
    source = models.TextField(_("text"))
    status = models.CharField(
        _("status"), max_length=10, choices=Proposal.Status, default=Proposal.Status.DRAFT, editable=False
    )
    proposed_at = models.DateTimeField(_("proposed"), null=True, editable=False)
    audit_due_on = models.DateField(_("next audit"), null=True, editable=False)
    audited_on = models.DateField(_("last audited"), null=True, editable=False)

    noun: ClassVar[str] = "policy"
    task: ClassVar[str] = "approve_policy"
    place: ClassVar[str] = "unit"

    objects = ProposalQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["unit", "number"], name="one_policy_a_number"),
            models.UniqueConstraint(fields=["unit"], condition=Q(status="in_force"), name="one_policy_in_force"),
        )

    def __str__(self) -> str:
        return _("Release policy %d") % self.number

    @property
    def task_label(self) -> str:
        """Its number; the task itself says the rest."""
        return f"#{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("policy", args=[self.pk])

    @property
    def asked_at(self) -> datetime:
        """A draft waits for nobody."""
        return self.proposed_at or self.created_at

    def require_sound(self) -> None:
        """People and units that it names may be gone."""
        from registry.policies import reading

        reading.require_readable(self.source)

    def begin(self) -> None:
        """Its audits begin as well."""
        super().begin()
        self.plan_audit()

    def plan_audit(self) -> None:
        """The day of the next audit."""
        self.audit_due_on = timezone.localdate() + timedelta(days=int(self.body.get("audit_days", AUDIT_DAYS)))


class PolicyApproval(Approval):
    """One of the two people who brought a policy into force, with the reason."""

    policy = models.ForeignKey(ReviewPolicy, on_delete=models.PROTECT, related_name="approvals")

    class Meta:
        ordering = ("at",)
        constraints = (models.UniqueConstraint(fields=["policy", "person"], name="one_person_approves_once"),)


class GateRecord(OfSystem):
    """What the gates answered at a moment of decision; written once."""

    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="gate_records")
    release = models.ForeignKey(Release, null=True, on_delete=models.PROTECT, related_name="gate_records")
    moment = models.CharField(_("moment"), max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField(db_index=True)
    results = models.JSONField(_("answers"))
    policy_digest = models.CharField(_("digest of the policy"), max_length=71)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("decided"), default=timezone.now)

    objects = OfSystemQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.moment} – {self.system}"

    @property
    def home_system(self) -> AISystem:
        """The system that was decided about."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under what was decided on."""
        return self.release.version_id if self.release else self.system_id


class StageOpinion(OfSystem):
    """What the holder of a duty said of a system before a move of its stage; it holds for the facts that it was given on."""

    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="stage_opinions")
    verb = models.CharField(_("move"), max_length=20)
    duty = models.CharField(_("duty"), max_length=30, choices=Duty)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_favourable = models.BooleanField(_("nothing stands against it"))
    reason = models.TextField(_("reason"))
    facts_digest = models.CharField(_("digest of what it was given on"), max_length=71)
    at = models.DateTimeField(_("given"), default=timezone.now)

    objects = OfSystemQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.verb} – {self.get_duty_display()} – {self.system}"

    @property
    def home_system(self) -> AISystem:
        """The system."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under the system."""
        return self.system_id
