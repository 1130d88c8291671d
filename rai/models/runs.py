"""Predictions and check runs: what is computed on, and what was computed."""

from typing import Any, ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rai.models.plans import PlanRun
from registry.models import AISystem, Attachment, AuditedQuerySet, Blob, Evidence, Job, ModelVersion, Verdict


class OfVersionQuerySet(AuditedQuerySet):
    """Rows that hang on a version."""

    def visible_to(self, user: Any) -> Self:
        """Rows of versions whose checks the person may see."""
        from registry import access

        return self.filter(
            access.reach(user, access.CHECK_VIEW, unit="version__model__system__unit", system="version__model__system")
        )


class OfVersion(Job):
    """A job on a version: unit, system and place in the log follow from it."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    # The template and the values of the sentence in `reason`, where it is a refusal of the engine or the sandbox.
    refusal = models.JSONField(default=dict, blank=True, editable=False)

    unit_path: ClassVar[str] = "version__model__system__unit"

    objects = OfVersionQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def unit(self) -> Any:
        """The unit of the version."""
        return self.version.unit

    @property
    def home_system(self) -> AISystem:
        """The home system of the version."""
        return self.version.home_system

    @property
    def about(self) -> Any:
        """The log files it under its version."""
        return self.version_id

    def is_own(self, person: Any) -> bool:
        """The person asked for it, or owns the version."""
        return self.requested_by_id == person.pk or self.version.is_own(person)


MONITORING = "monitoring"
PART: Final = "table-part"
# What the rows of a table are.
ROWS_ARE: Final = (
    ("test", _("held-out test rows")),
    ("development", _("rows the model was tuned on")),
    (MONITORING, _("rows of the running system")),
)


class Predictions(OfVersion):
    """An uploaded table of predictions. Its columns are read by a job in a child process, never by the web process.

    Where several files are one table, `blob` is the list of their digests, so that its own digest is that of the whole,
    whatever order they came in; the files are attached.
    """

    blob = models.ForeignKey(Blob, verbose_name=_("file"), on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=255)
    role = models.CharField(
        _("rows"),
        max_length=12,
        choices=ROWS_ARE,
        default="test",
    )
    rows = models.BigIntegerField(_("rows"), null=True, editable=False)
    columns = models.JSONField(_("columns"), default=list, editable=False)

    task: ClassVar[str] = "rai.read_columns"
    noun: ClassVar[str] = "predictions"

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "predictions"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("predictions", args=[self.pk])

    @property
    def files(self) -> list[tuple[Blob, str]]:
        """The files that hold its rows, with their names, in the order of their digests."""
        parts = Attachment.objects.of(self).filter(role=PART).select_related("blob")
        return sorted(((part.blob, part.name) for part in parts), key=lambda one: one[0].sha256) or [
            (self.blob, self.name)
        ]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(blob.size for blob, _name in self.files)


class CheckRun(OfVersion):
    """A check that was asked for: the job that makes evidence, and keeps no second copy of it."""

    slug = models.CharField(_("check"), max_length=60)
    predictions = models.ForeignKey(Predictions, on_delete=models.PROTECT, related_name="runs")
    parameters = models.JSONField(_("parameters"), default=dict)
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, blank=True, editable=False)
    evidence = models.OneToOneField(Evidence, null=True, on_delete=models.PROTECT, related_name="run", editable=False)
    plan_run = models.ForeignKey(PlanRun, null=True, on_delete=models.PROTECT, related_name="checks", editable=False)
    planned = models.CharField(_("check of the plan"), max_length=60, blank=True, editable=False)

    task: ClassVar[str] = "rai.run_check"
    noun: ClassVar[str] = "check"
    # No column: the parameters that a stored outcome names, while its check is computed again.
    replayed: dict[str, Any] | None = None
    # No column either: the counts that the worker judged, until they are stored beside the evidence.
    counts: Any = None

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["plan_run", "planned", "version"], name="planned_check_once", condition=~Q(planned="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.slug} – {self.version}"

    @property
    def is_look(self) -> bool:
        """It looks at rows of the running system: one of the looks of the year."""
        return self.predictions.role == MONITORING

    def get_absolute_url(self) -> str:
        return reverse("check", args=[self.pk])
