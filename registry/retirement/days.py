"""The days on which versions are deprecated and end, and approvals end, for lists, the calendar page and the feed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.models import Consumer, ModelVersion, Release, VersionStatus

KINDS = {"deprecation": "deprecation_date", "retirement": "retirement_date"}
OVER = (VersionStatus.RETIRED, VersionStatus.REJECTED)


@dataclass(frozen=True)
class EndDay:
    """A day on which something ends for a version. `key` stays the same when the day is moved."""

    kind: str
    day: date
    version: ModelVersion
    url: str
    release: Release | None = None

    @property
    def row(self) -> ModelVersion | Release:
        """The row that holds the day; its entries in the log say when the day was changed."""
        return self.release or self.version

    @property
    def key(self) -> str:
        """What tells this event from every other one, also after its day was changed."""
        return f"{self.row.pk}-{self.kind}"

    @property
    def title(self) -> str:
        """The event in words."""
        said = {"deprecation": _("%s is deprecated"), "approval": _("The approval of %s ends")}
        return said.get(self.kind, _("%s retires")) % self.version


def versions_ending(person: Any, unit: Any = None) -> Any:
    """Versions with a date of either kind that have not ended: those that the person may see or uses."""
    seen = ModelVersion.objects.visible_to(person)
    uses = Consumer.objects.standing().filter(
        Q(person=person) | Q(system__business_owner=person) | Q(system__technical_owner=person)
    )
    rows = ModelVersion.objects.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=uses.values("version")))
    if unit is not None:
        rows = rows.filter(model__system__unit__path__startswith=unit.path)
    rows = rows.filter(Q(retirement_date__isnull=False) | Q(deprecation_date__isnull=False)).exclude(status__in=OVER)
    return rows.select_related("model__system__unit", "successor__model")


def end_days(versions: Iterable[ModelVersion], first: date, last: date | None = None) -> list[EndDay]:
    """The days of these versions from `first` to `last`, in order."""
    found = [
        EndDay(kind, getattr(version, column), version, reverse("version-retirement", args=[version.pk]))
        for version in versions
        for kind, column in KINDS.items()
        if getattr(version, column)
        and first <= getattr(version, column)
        and (last is None or getattr(version, column) <= last)
    ]
    return sorted(found, key=lambda each: (each.day, each.kind, str(each.version)))


def within(versions: Any, first: date, last: date) -> Any:
    """Of the versions those with a day in the span."""
    span = (first, last)
    return versions.filter(Q(retirement_date__range=span) | Q(deprecation_date__range=span))


def approval_days(person: Any, first: date, last: date | None = None, unit: Any = None) -> list[EndDay]:
    """The last days of the approvals of published releases that the person may see."""
    rows = Release.objects.visible_to(person).filter(status=Release.Status.PUBLISHED, approval_ends_on__gte=first)
    rows = rows if last is None else rows.filter(approval_ends_on__lte=last)
    rows = rows if unit is None else rows.filter(system__unit__path__startswith=unit.path)
    return [
        EndDay("approval", row.approval_ends_on, row.version, row.get_absolute_url(), row)
        for row in rows.select_related("version__model__system", "version__successor").order_by("approval_ends_on")
        if row.approval_ends_on
    ]
