"""What data a system may use, how its output is labelled and kept, and to whom it goes."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.releases import OfSystem, OfSystemQuerySet
from registry.models.systems import AISystem


class DataTerms(OfSystem):
    """The terms of one system; one that has none yet is cleared for what the standard gives to all."""

    class Distribution(models.TextChoices):
        INTERNAL = "internal", _("Used inside the organisation alone")
        SERVICE = "service", _("Offered as a service")
        SUPPLIED = "supplied", _("Supplied to customers")
        OPEN = "open", _("Published for everybody")

    class OutputUse(models.TextChoices):
        SHOWN = "shown", _("Shown to people, who judge for themselves")
        DECIDES = "decides", _("Acted on without a person in between")
        FEEDS = "feeds", _("Fed to other models or systems")
        TRAINS = "trains", _("Used to train, tune or test models")

    system = models.OneToOneField(AISystem, on_delete=models.PROTECT, related_name="data_terms")
    clearance = models.CharField(_("cleared for data up to"), max_length=20, blank=True)
    clearance_reason = models.TextField(_("why it is cleared"), blank=True)
    output_class = models.CharField(_("class of its output"), max_length=20, blank=True)
    output_protection = models.TextField(_("protection of its output"), blank=True)
    output_retention_days = models.PositiveIntegerField(_("days for which its output is kept"), null=True, blank=True)
    output_reason = models.TextField(_("why this class"), blank=True)
    output_uses = models.JSONField(_("what its output may be used for"), default=list, blank=True)
    distribution = models.CharField(_("distribution"), max_length=10, choices=Distribution, blank=True)

    objects = OfSystemQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("system__name",)
        verbose_name_plural = "data terms"

    def __str__(self) -> str:
        return str(self.system)

    def get_absolute_url(self) -> str:
        return reverse("system-data", args=[self.system_id])

    @property
    def output_uses_told(self) -> list[str]:
        """The uses of its output in words; none where nobody has said."""
        return [str(self.OutputUse(use).label) for use in self.output_uses]

    @property
    def home_system(self) -> AISystem:
        """The system whose terms they are."""
        return self.system

    @property
    def about(self) -> object:
        """The log files them under their system."""
        return self.system_id
