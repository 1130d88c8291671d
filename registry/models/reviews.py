"""Reviews of releases and their sign-offs: who is asked, who decided what, and on which digest."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.people import Duty
from registry.models.releases import OfSystem, OfSystemQuerySet, Release
from registry.models.systems import AISystem


class ReviewQuerySet(OfSystemQuerySet):
    """Reviews."""

    system_path = "release__system"

    def open(self) -> Self:
        """Reviews that wait for sign-offs."""
        return self.filter(status=Review.Status.OPEN)


class Review(OfSystem):
    """People signing off one release, under a policy that was frozen when it was opened."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        APPROVED = "approved", _("Approved")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="review")
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.OPEN, editable=False)
    policy = models.JSONField(_("policy"))
    policy_digest = models.CharField(_("digest of the policy"), max_length=71)
    material = models.JSONField(_("material, as frozen"), default=dict)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    subject_digest = models.CharField(_("digest of what is decided on"), max_length=71)
    gates_at_decision = models.JSONField(_("gates at the decision"), default=list)
    due_on = models.DateField(_("due"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "created_at")

    def __str__(self) -> str:
        return _("Review of %s") % self.release.version

    @property
    def task_label(self) -> str:
        """Its version; the task itself says the rest."""
        return str(self.release.version)

    def get_absolute_url(self) -> str:
        return reverse("review", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The system of the release."""
        return self.release.system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.release.version_id


class SignOffQuerySet(OfSystemQuerySet):
    """Sign-offs."""

    system_path = "review__release__system"

    def standing(self) -> Self:
        """Decisions that were taken and not voided."""
        return self.filter(voided_at__isnull=True).exclude(decision="")

    def waiting(self) -> Self:
        """Slots that nobody has filled and that are still needed."""
        return self.filter(voided_at__isnull=True, decision="", not_needed_at__isnull=True)

    def approving(self) -> Self:
        """Standing decisions that say yes, with conditions or without."""
        return self.standing().filter(decision__in=SignOff.YES)

    def binding(self) -> Self:
        """Standing decisions on the material; who abstained has decided nothing about it."""
        return self.standing().exclude(decision=SignOff.Decision.ABSTAIN)


class SignOff(OfSystem):
    """One slot per stage, duty and ordinal; filled once by one person with a decision bound to a digest.

    A voided decision stays as it was, with what voided it; a new slot is opened beside it.
    """

    class Decision(models.TextChoices):
        APPROVE = "approve", _("Approve")
        CONDITIONAL = "approve_with_conditions", _("Approve with conditions")
        REQUEST_CHANGES = "request_changes", _("Request changes")
        REJECT = "reject", _("Reject")
        ABSTAIN = "abstain", _("Abstain: I have a conflict of interest")

    YES = (Decision.APPROVE, Decision.CONDITIONAL)

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="sign_offs")
    stage = models.PositiveSmallIntegerField(_("stage"))
    duty = models.CharField(_("duty"), max_length=30, choices=Duty)
    ordinal = models.PositiveSmallIntegerField(_("ordinal"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="sign_offs")
    decision = models.CharField(_("decision"), max_length=30, choices=Decision, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    subject_digest = models.CharField(_("digest of what was seen"), max_length=71, blank=True)
    auth_level = models.CharField(_("signed in by"), max_length=20, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    voided_at = models.DateTimeField(_("voided"), null=True)
    void_reason = models.TextField(_("what voided it"), blank=True)
    due_on = models.DateField(_("due"), null=True)
    represents = models.JSONField(_("business units that it speaks for"), default=list, blank=True)
    not_needed_at = models.DateTimeField(_("closed as not needed"), null=True)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ("round", "stage", "duty", "ordinal")
        constraints = (
            models.UniqueConstraint(fields=["review", "round", "stage", "duty", "ordinal"], name="one_slot_once"),
            models.UniqueConstraint(
                fields=["review", "round", "person"],
                condition=models.Q(voided_at__isnull=True, person__isnull=False),
                name="one_person_one_decision",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="") | (models.Q(person__isnull=False) & ~models.Q(subject_digest="")),
                name="a_decision_has_person_and_digest",
            ),
            models.CheckConstraint(
                condition=models.Q(not_needed_at__isnull=True) | models.Q(decision=""),
                name="what_is_not_needed_decides_nothing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_duty_display()} – {self.state}"

    @property
    def signed_with(self) -> str:
        """What was given for this very decision, in words; empty where a session sufficed."""
        words = {
            "password": _("signed with the password"),
            "password+factor": _("signed with the password and a second factor"),
            "passkey": _("signed with a passkey"),
        }
        return str(words.get(self.auth_level, ""))

    @property
    def is_waiting(self) -> bool:
        """Nobody has filled it, and it is still needed."""
        return not self.decision and self.voided_at is None and self.not_needed_at is None

    @property
    def state(self) -> str:
        """Its decision, or that it waits or is not needed any more, in words."""
        if self.not_needed_at is not None:
            return str(_("not needed"))
        return str(self.get_decision_display() or _("waiting"))

    @property
    def home_system(self) -> AISystem:
        """The system of the review."""
        return self.review.release.system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.review.release.version_id
