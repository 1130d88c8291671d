"""Steps of the pipeline that made a version of data, each with the check that was made of it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.datasets import DatasetVersion
from registry.models.evidence import Verdict
from registry.models.people import BusinessUnit


class PipelineStepQuerySet(AuditedQuerySet):
    """Steps."""

    def visible_to(self, user: Any) -> Self:
        """Steps of the data that the person may see."""
        return self.filter(data__in=DatasetVersion.objects.visible_to(user))


class PipelineStep(Audited):
    """One step from collection to storage, known by the digests of its code, of what it read and of what it wrote.

    The result of its check was computed elsewhere and reported with its source; the registry compares the digests.
    """

    data = models.ForeignKey(DatasetVersion, verbose_name=_("data"), on_delete=models.PROTECT, related_name="steps")
    ordinal = models.PositiveSmallIntegerField(_("number"), editable=False)
    name = models.CharField(_("step"), max_length=160)
    code_digest = models.CharField(_("digest of its code"), max_length=71)
    input_digests = models.JSONField(_("digests of what it read"), default=list, blank=True)
    output_digest = models.CharField(_("digest of what it wrote"), max_length=71)
    check_name = models.CharField(_("check"), max_length=160, blank=True)
    verdict = models.CharField(_("result"), max_length=12, choices=Verdict, blank=True)
    source = models.CharField(_("where the result stands"), max_length=300, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, editable=False)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="+"
    )

    objects = PipelineStepQuerySet.as_manager()

    class Meta:
        ordering = ("data", "ordinal")
        constraints = (models.UniqueConstraint(fields=["data", "ordinal"], name="step_once_a_place"),)

    def __str__(self) -> str:
        return f"{self.data}: {self.name}"

    def get_absolute_url(self) -> str:
        return self.data.get_absolute_url()

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its data."""
        return self.data.unit

    @property
    def about(self) -> Any:
        """The log files it under its data."""
        return self.data_id
