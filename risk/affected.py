"""What a change of a data set's class touches: every version that came from it, and systems, deployments, outputs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from registry import lineage
from registry.lineage import Reached
from registry.models import (
    AISystem,
    Dataset,
    DatasetVersion,
    Deployment,
    LineageLink,
    ModelVersion,
    Release,
    VersionStatus,
)


@dataclass(frozen=True)
class Touched:
    """A thing that came from the data, and the ids of the links that lead there by the shortest way; none for a part."""

    row: Any
    way: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Affected:
    """All that a change touches, whoever may see it."""

    versions: list[Touched]
    systems: list[AISystem]
    deployments: list[Deployment]
    outputs: list[Touched]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {name: len(rows) for name, rows in vars(self).items()}

    @property
    def to_decide(self) -> list[Touched]:
        """The versions about which somebody must decide: all that have not ended for good."""
        return [each for each in self.versions if each.row.status != VersionStatus.RETIRED]


def affected_by(dataset: Dataset) -> Affected:
    """What came from any version of a data set, directly or not, nearest first."""
    reached: dict[Any, Reached] = {}
    for data in dataset.versions.order_by("created_at"):
        for each in lineage.came_of(data.pk, LineageLink.objects.all()):
            if each.id not in reached or each.distance < reached[each.id].distance:
                reached[each.id] = each
    ordered = sorted(reached.values(), key=lambda each: (each.distance, each.label))
    versions = rows_of(ModelVersion, ordered, "model__system__unit", "model__system__technical_owner")
    versions += parts_of_releases(dataset, {each.row.pk for each in versions})
    outputs = [each for each in rows_of(DatasetVersion, ordered, "dataset") if each.row.dataset_id != dataset.pk]
    ids = [each.row.pk for each in versions]
    return Affected(versions, systems_of(ids), deployments_of(ids, ordered), outputs)


def rows_of(table: Any, reached: list[Reached], *related: str) -> list[Touched]:
    """The reached things of one table with their ways."""
    here = [each for each in reached if each.type == table._meta.label]
    rows = table.objects.select_related(*related).in_bulk([each.id for each in here])
    return [
        Touched(rows[each.id], tuple(lineage.uuid_of(link.id) for link in each.path))
        for each in here
        if each.id in rows
    ]


def parts_of_releases(dataset: Dataset, known: set[Any]) -> list[Touched]:
    """Versions whose releases carry the data as a part without a link of lineage."""
    releases = Release.objects.filter(dataset_versions__dataset=dataset).exclude(version__in=known).distinct()
    rows = {one.version_id: one for one in releases.select_related("version__model__system__unit")}
    return [Touched(one.version) for one in rows.values()]


def systems_of(versions: list[Any]) -> list[AISystem]:
    """The homes of versions, and the systems that others of their releases serve."""
    homes = AISystem.objects.filter(models__versions__in=versions)
    served = AISystem.objects.filter(releases__version__in=versions)
    return list((homes | served).distinct().order_by("name"))


def deployments_of(versions: list[Any], reached: list[Reached]) -> list[Deployment]:
    """Where releases of the versions run, and deployments to which a link leads."""
    linked = [each.id for each in reached if each.type == Deployment._meta.label]
    rows = Deployment.objects.running().filter(release__version__in=versions) | Deployment.objects.filter(pk__in=linked)
    return list(rows.distinct().select_related("release__version__model", "release__system"))


@dataclass(frozen=True)
class Seen:
    """The part of a list that somebody may see, and how many more there are."""

    rows: list[Any]
    hidden: int


def seen_by(person: Any, affected: Affected) -> dict[str, Seen]:
    """What a person may see of each kind; the rest is a number."""
    tables = {"versions": ModelVersion, "systems": AISystem, "deployments": Deployment, "outputs": DatasetVersion}
    return {name: seen(person, table, getattr(affected, name)) for name, table in tables.items()}


def seen(person: Any, table: Any, rows: list[Any]) -> Seen:
    """The visible rows of one kind."""
    ids = [pk_of(row) for row in rows]
    visible = set(table.objects.visible_to(person).filter(pk__in=ids).values_list("pk", flat=True))
    shown = [row for row in rows if pk_of(row) in visible]
    return Seen(shown, len(rows) - len(shown))


def way_words(person: Any, way: Any) -> str:
    """A way as people read it; where a link of it may not be seen, only that there is one."""
    if not way:
        return _("It is a part of a release.")
    links = LineageLink.objects.visible_to(person).in_bulk([UUID(str(pk)) for pk in way])
    if len(links) < len(way):
        return _("By way of things that you may not see.")
    return "; ".join(str(links[UUID(str(pk))]) for pk in way)


def pk_of(row: Any) -> Any:
    """The key of a row, or of the row that was touched."""
    return row.row.pk if isinstance(row, Touched) else row.pk
