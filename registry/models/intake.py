"""How uses of AI enter the inventory: what was answered at intake, and uses that were found outside of it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit
from registry.models.releases import OfSystem, OfSystemQuerySet
from registry.models.systems import AISystem, Tier


class Fitness(models.TextChoices):
    """What the policy of uses says of a proposed one."""

    SUITABLE = "suitable", _("Suitable")
    BOARD = "board", _("Needs the board")
    UNSUITABLE = "unsuitable", _("Not suitable")


class Intake(OfSystem):
    """What was answered when a system was proposed, and what followed: kept as it was, whatever is edited later."""

    system = models.OneToOneField(AISystem, on_delete=models.PROTECT, related_name="intake")
    answers = models.JSONField(_("answers"))
    use = models.CharField(_("kind of use"), max_length=60)
    fitness = models.CharField(_("the policy of uses says"), max_length=10, choices=Fitness)
    draft_tier = models.CharField(_("draft tier"), max_length=10, choices=Tier)
    rules = models.JSONField(_("rules that gave the tier"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("answered by"), on_delete=models.PROTECT, related_name="+"
    )

    objects = OfSystemQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return str(self.system)

    @property
    def home_system(self) -> AISystem:
        """The system that it brought in."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under the system."""
        return self.system_id


class FoundUseQuerySet(AuditedQuerySet):
    """Uses found outside the inventory."""

    def visible_to(self, user: Any) -> Self:
        """Those of the units in which the person may look at systems."""
        from registry import access

        return self.filter(access.reach(user, access.MODEL_VIEW, unit="unit", system=None))


class FoundUse(Audited):
    """A use of AI that somebody came across and that the inventory did not hold."""

    class Source(models.TextChoices):
        COST_LINE = "cost_line", _("Cost line")
        NETWORK_LIST = "network_list", _("Network list")
        IMPORT = "import", _("Import")
        REPORT = "report", _("Somebody said so")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        TAKEN_IN = "taken_in", _("Taken in")
        DISMISSED = "dismissed", _("Dismissed")

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("what was found"), max_length=160)
    note = models.TextField(_("what is known of it"), blank=True)
    source = models.CharField(_("found in"), max_length=12, choices=Source)
    found_on = models.DateField(_("found"), default=timezone.localdate)
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("noted by"), on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN, editable=False)
    system = models.ForeignKey(
        AISystem,
        verbose_name=_("system"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="found_uses",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    reason = models.TextField(_("why dismissed"), blank=True, editable=False)

    objects = FoundUseQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("found-uses")
