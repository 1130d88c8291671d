"""The data from which something came, by lineage: all of it, its highest class, and whether a system is cleared for it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry import lineage
from registry.datasets import standard
from registry.models import AISystem, DatasetVersion, DataTerms, LineageLink, ModelVersion


@dataclass(frozen=True)
class Input:
    """A version of data that something came from, and the way there as sentences."""

    data: DatasetVersion
    way: tuple[str, ...]

    @property
    def label(self) -> str:
        """The class of the data."""
        return standard.label_of(self.data.dataset.classification)


def terms_of(system: AISystem) -> DataTerms:
    """The terms of a system, or those that hold for one that has none; the latter are not stored."""
    return DataTerms.objects.filter(system=system).first() or DataTerms(system=system)


def clearance_of(system: AISystem) -> str:
    """The highest class that the system may use."""
    return terms_of(system).clearance or standard.default_clearance()


def inputs_of(start: UUID, links: Any = None) -> list[Input]:
    """Every version of data that something came from, directly or not, nearest first; by all links unless some are given."""
    found = [
        each
        for each in lineage.came_from(start, LineageLink.objects.all() if links is None else links)
        if each.type == DatasetVersion._meta.label
    ]
    rows = DatasetVersion.objects.select_related("dataset__unit").in_bulk([each.id for each in found])
    return [Input(rows[each.id], tuple(link.words for link in each.path)) for each in found if each.id in rows]


def inputs_of_system(system: AISystem, links: Any = None) -> dict[ModelVersion, list[Input]]:
    """Each version of the system's models that came from data, with that data."""
    versions = ModelVersion.objects.filter(model__system=system).select_related("model__system")
    return {version: found for version in versions if (found := inputs_of(version.pk, links))}


def classes_below(target: Any) -> list[str]:
    """The classes of a thing: its own where it is data, and those of all data that it came from."""
    own = [target.dataset.classification] if isinstance(target, DatasetVersion) else []
    return [*own, *(each.data.dataset.classification for each in inputs_of(target.pk))]


def highest_input(system: AISystem) -> str:
    """The highest class of all data that any version of the system came from; empty where there is none."""
    found = inputs_of_system(system).values()
    return standard.highest([each.data.dataset.classification for inputs in found for each in inputs])
