"""What an evaluation may look at: the systems a reader can see, as of a day, and what hangs on them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model as Row, Q

from registry.models import (
    AISystem,
    Evidence,
    LineageLink,
    ModelVersion,
    Relation,
    Release,
    Stage,
    Tier,
    VersionStatus,
)
from registry.vocabulary import vocabulary
from reports.facts import ORGANISATION, Subject

COMPUTED = (Evidence.Kind.CHECK, Evidence.Kind.REPORTED)
IN_USE = (Stage.PILOT, Stage.PRODUCTION)
NEVER_IN_FORCE = (VersionStatus.REJECTED, VersionStatus.RETIRED)
TIERS = [str(tier) for tier in Tier]


class Scope:
    """The rows of an evaluation. Rows made after the day are left out; others are read as they stand now.

    `focus` is the system of a report on one system: what costs queries for each version is looked up for it alone.
    """

    def __init__(self, *, user: Any, as_of: datetime, focus: UUID | None = None) -> None:
        self.user = user
        self.focus = focus
        self.as_of = as_of
        self.kept: dict[str, Any] = {}
        self.until = datetime.combine(as_of.astimezone(UTC).date() + timedelta(days=1), time.min, UTC)

    def rows(self, model: Any) -> Any:
        """Rows of a table that the reader may see and that existed on the day."""
        found = model.objects.all() if self.user is None else model.objects.visible_to(self.user)
        return found.filter(created_at__lt=self.until)

    @cached_property
    def systems(self) -> dict[UUID, AISystem]:
        """Every system."""
        return {system.pk: system for system in self.asked("systems")}

    def asked(self, name: str) -> Any:
        """Which rows of a table this scope holds, in which order, with what is joined to them."""
        if name == "systems":
            return self.rows(AISystem).select_related("unit", "business_owner", "technical_owner")
        if name == "versions":
            return self.rows(ModelVersion).select_related("model", "artifact").order_by("-created_at", "pk")
        if name == "releases":
            return self.rows(Release).select_related("version__model", "review").order_by("-created_at", "pk")
        if name == "runs":
            return self.rows(Evidence).filter(self.stands, kind__in=COMPUTED).select_related("version__model")
        return self.rows(LineageLink).order_by("created_at", "pk")

    @property
    def stands(self) -> Q:
        """Of evidence: neither withdrawn nor superseded, or only after the day."""
        withdrawn = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=self.until)
        return withdrawn & (Q(superseded_by__isnull=True) | Q(superseded_by__created_at__gte=self.until))

    def remembered(self, _key: tuple[str, UUID], made: Callable[[], Any]) -> Any:
        """What is dear to look up for one row; a scope that outlives a change keeps it, this one does not."""
        return made()

    def fact(self, name: str, row: Row, made_of: tuple[Any, ...], made: Callable[[], Any]) -> Any:
        """A fact that is made of one row and of these values; a scope that outlives a change makes it anew when they differ."""
        return made()

    def once(self, name: str, made: Callable[[], Any]) -> Any:
        """What several answers of one evaluation need, looked up for the first of them."""
        if name not in self.kept:
            self.kept[name] = made()
        return self.kept[name]

    @cached_property
    def releases_of_version(self) -> dict[UUID, list[UUID]]:
        """The releases of each version."""
        found: dict[UUID, list[UUID]] = defaultdict(list)
        for pk, release in self.releases.items():
            found[release.version_id].append(pk)
        return found

    @cached_property
    def system_ids(self) -> frozenset[UUID]:
        """The ids of every system."""
        return frozenset(self.systems)

    @cached_property
    def tiers(self) -> dict[UUID, str]:
        """The risk tier of every system."""
        return {pk: str(system.risk_tier) for pk, system in self.systems.items()}

    @cached_property
    def paths(self) -> dict[UUID, str]:
        """Where every system stands among the units."""
        return {pk: system.unit.path for pk, system in self.systems.items()}

    @cached_property
    def in_use(self) -> frozenset[UUID]:
        """The systems in pilot or production."""
        return frozenset(pk for pk, system in self.systems.items() if system.lifecycle_stage in IN_USE)

    @cached_property
    def runs(self) -> dict[UUID, Evidence]:
        """Every run of a check that stands, of whatever version."""
        return {run.pk: run for run in self.asked("runs")}

    @cached_property
    def links(self) -> dict[UUID, LineageLink]:
        """Every link of the lineage."""
        return {link.pk: link for link in self.asked("links")}

    @cached_property
    def versions(self) -> dict[UUID, ModelVersion]:
        """Every version of a model, newest first, at home in the same rows of systems."""
        found = {version.pk: version for version in self.asked("versions")}
        self.join(found.values(), ())
        return found

    @cached_property
    def releases(self) -> dict[UUID, Release]:
        """Every release, newest first."""
        found = {release.pk: release for release in self.asked("releases") if release.system_id in self.system_ids}
        self.join((), found.values())
        return found

    def join(self, versions: Iterable[ModelVersion], releases: Iterable[Release]) -> None:
        """Let versions and releases hang on the same rows of systems."""
        for version in versions:
            if home := self.systems.get(version.model.system_id):
                version.model.system = home
        for release in releases:
            release.system = self.systems[release.system_id]

    @cached_property
    def systems_of_version(self) -> dict[UUID, frozenset[UUID]]:
        """The home system of a version and the systems for which it was put up for release."""
        found: dict[UUID, set[UUID]] = {pk: {version.model.system_id} for pk, version in self.versions.items()}
        for release in self.releases.values():
            found.setdefault(release.version_id, set()).add(release.system_id)
        return {pk: frozenset(systems) for pk, systems in found.items()}

    @cached_property
    def versions_in_force(self) -> dict[UUID, set[UUID]]:
        """By system: the published versions; where there are none, the newest of each model that may still be used.

        Systems that have neither are left out.
        """
        published: dict[UUID, set[UUID]] = defaultdict(set)
        newest: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
        for release in self.releases.values():
            if release.status == Release.Status.PUBLISHED:
                published[release.system_id].add(release.version_id)
        for version in self.versions.values():
            if version.status not in NEVER_IN_FORCE:
                newest[version.model.system_id].setdefault(version.model_id, version.pk)
        both = {pk: published.get(pk) or set(newest[pk].values()) for pk in published.keys() | newest.keys()}
        return {pk: found for pk, found in both.items() if found and pk in self.system_ids}

    @cached_property
    def served(self) -> dict[UUID, list[UUID]]:
        """By version: the systems in which it is in force."""
        found: dict[UUID, list[UUID]] = defaultdict(list)
        for pk, versions in self.versions_in_force.items():
            for version in versions:
                found[version].append(pk)
        return {version: sorted(systems) for version, systems in found.items()}

    def systems_served_by(self, version: UUID) -> list[UUID]:
        """The systems in which the version is in force."""
        return self.served.get(version, [])

    def looked_at(self, version: UUID) -> list[UUID]:
        """The systems served by a version, for facts that are dear to look up: none outside the focus."""
        served = self.systems_served_by(version)
        return served if self.focus is None or self.focus in served else []

    @cached_property
    def systems_of_data(self) -> dict[UUID, set[UUID]]:
        """The systems whose versions in force were made or tested with a data set version."""
        found: dict[UUID, set[UUID]] = defaultdict(set)
        for source, target in self.data_links:
            for version, data in ((source, target), (target, source)):
                found[data].update(self.systems_served_by(version))
        return found

    @cached_property
    def data_of_version(self) -> dict[UUID, set[UUID]]:
        """The versions of data to which a version is linked."""
        found: dict[UUID, set[UUID]] = defaultdict(set)
        for source, target in self.data_links:
            for version, data in ((source, target), (target, source)):
                if version in self.versions:
                    found[version].add(data)
        return found

    @cached_property
    def relations_from(self) -> dict[UUID, set[str]]:
        """The relations of the links that begin at each row."""
        found: dict[UUID, set[str]] = defaultdict(set)
        for link in self.links.values():
            found[link.source_id].add(str(link.relation))
        return found

    @cached_property
    def data_links(self) -> list[tuple[UUID, UUID]]:
        """The two ends of every link by which something was made or tested with data."""
        relations = (Relation.TRAINED_ON, Relation.EVALUATED_ON, Relation.RETRIEVES_FROM, Relation.FEEDS)
        return [(link.source_id, link.target_id) for link in self.links.values() if link.relation in relations]

    def highest_tier(self, systems: Any) -> str:
        """The highest risk tier among systems given by id, or an empty string."""
        return max((self.tiers[pk] for pk in systems if pk in self.tiers), key=TIERS.index, default="")

    def beneath(self, path: str) -> list[UUID]:
        """The systems of a unit and of all units below it."""
        return [pk for pk, each in self.paths.items() if each.startswith(path)]


def subject_of(system: Any) -> Subject:
    """A system, given by its id, as the subject of facts."""
    return ("system", str(system))


def subjects_of(systems: Any) -> frozenset[Subject]:
    """Systems, given by their ids, as subjects."""
    return frozenset(subject_of(system) for system in systems)


def main_subject(systems: Any, otherwise: Subject = ORGANISATION) -> Subject:
    """The first of the systems, or another subject where there is none."""
    return min((subject_of(system) for system in systems), default=otherwise)


def fields_of(row: Row, entity: str, **given: Any) -> dict[str, Any]:
    """The row's fields by the vocabulary's names: given values first, then columns and properties of that name.

    Foreign keys become ids, so that nothing is fetched row by row; names that the row does not have stay None.
    """
    return {name: given[name] if name in given else _column(row, name) for name in vocabulary().entities[entity].fields}


def _column(row: Row, name: str) -> Any:
    try:
        field = row._meta.get_field(name)
    except FieldDoesNotExist:
        return getattr(row, name) if isinstance(getattr(type(row), name, None), property) else None
    if not field.concrete or field.many_to_many:
        return None
    value = getattr(row, field.attname)
    return str(value) if field.is_relation and value is not None else value
