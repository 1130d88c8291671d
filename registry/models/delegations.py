"""Delegations: a person hands a duty to a deputy for a time, and what the deputy decided in it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit, Duty
from registry.models.systems import AISystem


class DelegationQuerySet(AuditedQuerySet):
    """Delegations."""

    def standing(self) -> Self:
        """Asked for or in force: nobody ended it and its last day is not over."""
        return self.filter(ended_at__isnull=True, ends_on__gte=moment.today())

    def in_force(self) -> Self:
        """Begun, accepted by the deputy, and confirmed where a second person must confirm the duty."""
        begun = self.standing().filter(starts_on__lte=moment.today(), accepted_at__isnull=False)
        return begun.exclude(needs_confirmation=True, confirmed_at__isnull=True)

    def to_confirm(self, user: Any) -> Self:
        """Those that wait for this very person's yes as the second."""
        from registry import access

        here = access.reach(user, access.GRANT_CONFIRM, unit="unit", system="system")
        waiting = self.standing().filter(here, needs_confirmation=True, confirmed_at__isnull=True)
        waiting = waiting.filter(accepted_at__isnull=False).exclude(Q(from_person=user.pk) | Q(to_person=user.pk))
        return waiting.filter(duty=Duty.ADMINISTRATOR) if access.is_administrator(user) else waiting

    def visible_to(self, user: Any) -> Self:
        """One's own, and those in units that one can see."""
        here = Q(unit__in=BusinessUnit.objects.visible_to(user))
        return self.filter(here | Q(from_person=user.pk) | Q(to_person=user.pk))


class Delegation(Audited):
    """One duty of one person in the hands of a deputy for a time; it holds while the person holds the duty."""

    from_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("from"), on_delete=models.PROTECT, related_name="delegations_given"
    )
    to_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("deputy"), on_delete=models.PROTECT, related_name="delegations_taken"
    )
    duty = models.CharField(_("duty"), max_length=30, choices=Duty)
    unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="delegations")
    system = models.ForeignKey(
        AISystem, verbose_name=_("only for this system"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="delegations",
    )  # fmt: skip
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    reason = models.TextField(_("reason"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    needs_confirmation = models.BooleanField(_("needs a second person"), default=False, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("confirmed by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "-created_at")
        constraints = (
            models.CheckConstraint(condition=~Q(from_person=F("to_person")), name="no_delegation_to_oneself"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="delegation_ends_after_start"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | (~Q(confirmed_by=F("from_person")) & ~Q(confirmed_by=F("to_person"))),
                name="a_delegation_is_confirmed_by_a_third_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_person} → {self.to_person} – {self.unit}"

    def get_absolute_url(self) -> str:
        return reverse("delegation", args=[self.pk])

    @property
    def state(self) -> str:
        """Where it stands today, in one word."""
        if self.ended_at is not None:
            return "ended" if self.accepted_at else "declined"
        if self.ends_on < moment.today():
            return "ended"
        if self.accepted_at is None or (self.needs_confirmation and self.confirmed_at is None):
            return "requested"
        return "active" if self.starts_on <= moment.today() else "planned"

    @property
    def state_label(self) -> str:
        """The same for a reader, with what it waits for."""
        if self.state == "requested":
            waits = _("waits for a second person") if self.accepted_at else _("waits for the deputy")
            return str(waits)
        return str(STATES[self.state])

    @property
    def home_system(self) -> Any:
        """The one system that it is for, if it is for one."""
        return self.system

    @property
    def person_id(self) -> Any:
        """Whoever gets a right by it, as a duty calls that person."""
        return self.to_person_id

    @property
    def granted_by_id(self) -> Any:
        """Whoever gives it, as a duty calls that person."""
        return self.from_person_id

    @property
    def task_label(self) -> str:
        """Who asks; the task itself says for what."""
        return f"{self.from_person} – {self.unit}"

    @property
    def settled_at(self) -> Any:
        """The moment from which it gave a right: the last yes that it needed."""
        return self.confirmed_at or self.accepted_at


STATES = {
    "ended": _("Ended"),
    "declined": _("Declined or withdrawn"),
    "active": _("In force"),
    "planned": _("Begins later"),
}


# What deputies decide that several people decide together: here it matters that two of them are one.
NOUNS = {"registry.SignOff": "sign_off", "risk.Acceptance": "acceptance", "registry.PolicyApproval": "policy_approval"}


class DelegatedActQuerySet(AuditedQuerySet):
    """What deputies decided."""

    def visible_to(self, user: Any) -> Self:
        """With their delegation."""
        return self.filter(delegation__in=Delegation.objects.visible_to(user))


class DelegatedAct(Audited):
    """One decision that a deputy took in the place of the delegator: for every rule on persons it is the decision of both."""

    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, related_name="acts")
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField(unique=True)

    objects = DelegatedActQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.delegation} – {self.noun}"

    @property
    def noun(self) -> str:
        """What was decided, as the log names such things: `sign_off`, `acceptance`."""
        return NOUNS[self.object_type]

    @property
    def unit(self) -> Any:
        """The unit of the delegation."""
        return self.delegation.unit

    @property
    def about(self) -> Any:
        """The log files it under the delegation."""
        return self.delegation_id
