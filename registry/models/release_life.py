"""What befalls a release after its approval: the steps of its roll-out, and later runs that people decide on."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.evidence import Evidence
from registry.models.releases import Deployment, OfSystem, OfSystemQuerySet, Release
from registry.models.systems import AISystem


class RolloutStepQuerySet(OfSystemQuerySet):
    """Steps of roll-outs."""

    system_path = "deployment__release__system"


class RolloutStep(OfSystem):
    """A share of use that a deployment was given, by whom, and until when it bakes before the next one.

    A step that was stopped stays as it is; going on begins the same step anew, as a row of its own.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="rollout_steps")
    number = models.PositiveSmallIntegerField(_("step"))
    share = models.PositiveSmallIntegerField(_("share of use, in per cent"))
    days = models.PositiveSmallIntegerField(_("days before the next step"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    halted_at = models.DateTimeField(_("stopped"), null=True)
    halted_because = models.TextField(_("why it was stopped"), blank=True)

    objects = RolloutStepQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return _("Step %(number)d: %(share)d %%") % {"number": self.number, "share": self.share}

    @property
    def home_system(self) -> AISystem:
        """The system of the deployment."""
        return self.deployment.home_system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.deployment.about

    @property
    def is_halted(self) -> bool:
        """An alarm or a person stopped it."""
        return self.halted_at is not None

    @property
    def baked_on(self) -> Any:
        """The first moment at which the next step may begin."""
        return self.created_at + timedelta(days=self.days)

    @property
    def is_baked(self) -> bool:
        """Its days are over and nothing stopped it."""
        return not self.is_halted and self.baked_on <= moment.now()


def settings_of(evidence: Evidence) -> Any:
    """What a run was asked to do, as its outcome keeps it."""
    return (evidence.outcome.get("inputs") or {}).get("parameters")


class LaterRunQuerySet(OfSystemQuerySet):
    """Later runs that speak against releases."""

    system_path = "release__system"

    def waiting(self) -> Self:
        """Nobody has decided on them, and nothing overtook them."""
        return self.filter(status=LaterRun.Status.OPEN)

    def standing(self) -> Self:
        """Those that nothing overtook, decided or not."""
        return self.exclude(status=LaterRun.Status.OVERTAKEN)

    def of_check(self, evidence: Evidence, *, is_alarm: bool) -> Self:
        """What the same check with the same settings said before, of the same version and rows of the same kind."""
        alike: Any = self.filter(
            evidence__version=evidence.version_id, evidence__check_slug=evidence.check_slug, is_alarm=is_alarm
        )
        same = [
            row.pk for row in alike.select_related("evidence") if settings_of(row.evidence) == settings_of(evidence)
        ]
        return self.filter(pk__in=same).exclude(evidence=evidence)

    def accepted(self) -> Self:
        """Accepted for a time that is not over."""
        return self.filter(choice=LaterRun.Choice.ACCEPT, accepted_until__gte=moment.today())

    def against(self, release: Release) -> Self:
        """Those that close the gate of a release: undecided, to be mended, or accepted for a time that is over."""
        ended = Q(choice=LaterRun.Choice.ACCEPT, accepted_until__lt=moment.today())
        decided = Q(status=LaterRun.Status.DECIDED) & (ended | ~Q(choice=LaterRun.Choice.ACCEPT))
        rows = self.filter(Q(status=LaterRun.Status.OPEN) | decided, release=release)
        return rows.exclude(evidence__in=release.evidence.all())


class LaterRun(OfSystem):
    """A run that failed after a release was frozen, and what a person decided: it acts by policy, it voids nothing."""

    class Status(models.TextChoices):
        OPEN = "open", _("To be decided")
        DECIDED = "decided", _("Decided")
        OVERTAKEN = "overtaken", _("Overtaken")

    class Choice(models.TextChoices):
        RETRAIN = "retrain", _("Retrain")
        FALL_BACK = "fall_back", _("Fall back")
        ACCEPT = "accept", _("Accept for a time")

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="later_runs")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+")
    is_alarm = models.BooleanField(_("alarm of monitoring"), default=False)
    consequence = models.CharField(_("what the policy does"), max_length=8)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN, editable=False)
    choice = models.CharField(_("decision"), max_length=10, choices=Choice, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    accepted_until = models.DateField(_("accepted until"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = LaterRunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=["release", "evidence"], name="one_decision_a_later_run"),)

    def __str__(self) -> str:
        return f"{self.evidence.check_slug} – {self.release.version}"

    def get_absolute_url(self) -> str:
        return reverse("later-run", args=[self.pk])

    def is_answered_by(self, evidence: Evidence) -> bool:
        """A later run was asked to do the same, so that its verdict takes the place of this one."""
        return settings_of(evidence) == settings_of(self.evidence) and evidence.shows == self.evidence.shows

    @property
    def home_system(self) -> AISystem:
        """The system of the release."""
        return self.release.system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.release.version_id
