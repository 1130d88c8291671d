"""The days on which versions are deprecated and end, for lists, the calendar page and the feed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.models import Consumer, ModelVersion, VersionStatus

KINDS = {"deprecation": "deprecation_date", "retirement": "retirement_date"}
OVER = (VersionStatus.RETIRED, VersionStatus.REJECTED)


@dataclass(frozen=True)
class EndDay:
    """A day on which something ends for a version. `key` stays the same when the day is moved."""

    kind: str
    day: date
    version: ModelVersion
    url: str

    @property
    def key(self) -> str:
        """What tells this event from every other one, also after its day was changed."""
        return f"{self.version.pk}-{self.kind}"

    @property
    def title(self) -> str:
        """The event in words."""
        said = _("%s is deprecated") if self.kind == "deprecation" else _("%s retires")
        return said % self.version


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
