"""Comparisons: candidates for a use side by side, and which was chosen why."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.components import Component
from registry.models.releases import OfSystem, OfSystemQuerySet
from registry.models.systems import AISystem
from registry.models.versions import ModelVersion


class Comparison(OfSystem):
    """Models or components compared for a use of a system; once decided it stays as it was."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DECIDED = "decided", _("Decided")

    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="comparisons", editable=False)
    title = models.CharField(_("what is compared"), max_length=200)
    need = models.TextField(_("the use, and what it asks for"))
    criteria = models.JSONField(_("criteria"), default=list, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("started by"), on_delete=models.PROTECT, related_name="+"
    )
    chosen = models.ForeignKey(
        "registry.Candidate", verbose_name=_("chosen"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    figures = models.JSONField(_("figures, as they were at the decision"), default=list, editable=False)

    objects = OfSystemQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="decided") | (Q(chosen__isnull=False, decided_by__isnull=False) & ~Q(reason="")),
                name="a_choice_has_person_and_reason",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("comparison", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The system for whose use it is."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under its system."""
        return self.system_id

    @property
    def is_open(self) -> bool:
        """Nothing has been chosen yet."""
        return self.status == self.Status.OPEN


class CandidateQuerySet(OfSystemQuerySet):
    """Candidates."""

    system_path = "comparison__system"

    def visible_to(self, user: Any) -> Self:
        """As the comparison; a version of a system that the person may not see is left out."""
        seen = Q(version__isnull=True) | Q(version__in=ModelVersion.objects.visible_to(user))
        return super().visible_to(user).filter(seen)

    def in_order(self) -> Self:
        """As they were added, with what they name."""
        return self.select_related("component__vendor", "version__model").order_by("created_at", "pk")


class Candidate(OfSystem):
    """One thing to choose: a component of the catalogue or a version of a model, with its values by criterion."""

    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="candidates")
    component = models.ForeignKey(Component, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField(_("values by criterion, each with its source"), default=dict, blank=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=["comparison", "component"], name="component_compared_once"),
            models.UniqueConstraint(fields=["comparison", "version"], name="version_compared_once"),
            models.CheckConstraint(
                condition=Q(component__isnull=False, version__isnull=True)
                | Q(component__isnull=True, version__isnull=False),
                name="candidate_is_one_thing",
            ),
        )

    def __str__(self) -> str:
        return str(self.thing)

    @property
    def thing(self) -> Component | ModelVersion:
        """What may be chosen."""
        return self.component or self.version  # type: ignore[return-value]

    @property
    def home_system(self) -> AISystem:
        """The system of the comparison."""
        return self.comparison.system

    @property
    def about(self) -> Any:
        """The log files it under the system."""
        return self.comparison.system_id
