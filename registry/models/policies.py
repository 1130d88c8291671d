"""Release policies and who approved them, what gates answered when something was decided, and opinions before a move."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit, Duty
from registry.models.releases import OfSystem, OfSystemQuerySet, Release
from registry.models.systems import AISystem


class ReviewPolicyQuerySet(AuditedQuerySet):
    """Release policies."""

    def visible_to(self, user: Any) -> Self:
        """Policies of the units in which the person sees systems, and of the units above: they bind what is below."""
        from registry import access

        return self.filter(access.reach_above(user, access.MODEL_VIEW, unit="unit"))

    def in_force(self) -> Self:
        """The policy that reviews freeze now; none while the shipped one holds."""
        return self.filter(status=ReviewPolicy.Status.IN_FORCE)


class ReviewPolicy(Audited):
    """One version of the release policy: its text, what was read from it, and how far its approval has come."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")
        REJECTED = "rejected", _("Rejected")

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    source = models.TextField(_("text"))
    body = models.JSONField(_("policy"))
    digest = models.CharField(_("digest"), max_length=71)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(_("why it changes"))
    proposed_at = models.DateTimeField(_("proposed"), null=True, editable=False)
    in_force_at = models.DateTimeField(_("in force since"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    audit_due_on = models.DateField(_("next audit"), null=True, editable=False)
    audited_on = models.DateField(_("last audited"), null=True, editable=False)

    objects = ReviewPolicyQuerySet.as_manager()  # type: ignore[misc]

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


class PolicyApprovalQuerySet(AuditedQuerySet):
    """Approvals of release policies."""

    def visible_to(self, user: Any) -> Self:
        """As the policies."""
        return self.filter(policy__in=ReviewPolicy.objects.visible_to(user))


class PolicyApproval(Audited):
    """One of the two people who brought a policy into force, with the reason."""

    policy = models.ForeignKey(ReviewPolicy, on_delete=models.PROTECT, related_name="approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("approved"), default=timezone.now)

    objects = PolicyApprovalQuerySet.as_manager()

    class Meta:
        ordering = ("at",)
        constraints = (models.UniqueConstraint(fields=["policy", "person"], name="one_person_approves_once"),)

    def __str__(self) -> str:
        return f"{self.policy} – {self.person}"

    @property
    def unit(self) -> Any:
        """The unit of the policy."""
        return self.policy.unit

    @property
    def about(self) -> Any:
        """The log files it under its policy."""
        return self.policy_id


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
