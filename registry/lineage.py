"""Questions to the lineage graph: what a thing came from, what came from it, and by which path; one recursive query."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from registry.models import AISystem, LineageLink, ModelVersion, Release
from registry.models.lineage import Relation

# In these the source gives to the target; in all others but the last named below, the source came from the target.
GIVES: Final = (Relation.FEEDS, Relation.DEPLOYED_AS)
# Says what comes after, not what came from what.
NO_FLOW: Final = (Relation.REPLACES,)
UP, DOWN = "up", "down"

# Each thing is visited once, so that a circle ends; the OR lets both databases use the indexes of both ends.
WALK: Final = """
WITH RECURSIVE seen ({columns}) AS NOT MATERIALIZED ({links}),
reached(node) AS (
    SELECT {start}
    UNION
    SELECT CASE WHEN seen.relation IN ({gives}) THEN seen.{far_of_giver} ELSE seen.{far} END
    FROM reached JOIN seen ON {joined}
)
SELECT seen.id, seen.source_type, seen.source_id, seen.source_label, seen.relation,
       seen.target_type, seen.target_id, seen.target_label
FROM reached JOIN seen ON {joined}
"""
JOINED: Final = """(
    (seen.{near} = reached.node AND seen.relation NOT IN ({gives}, {still}))
    OR (seen.{near_of_giver} = reached.node AND seen.relation IN ({gives}))
)"""
COLUMNS: Final = (
    "id",
    "source_type",
    "source_id",
    "source_label",
    "relation",
    "target_type",
    "target_id",
    "target_label",
)


class Link(NamedTuple):
    """A link as the recursive query reads it; ids as the database gives them, which SQLite keeps as text."""

    id: Any
    source_type: str
    source_id: Any
    source_label: str
    relation: str
    target_type: str
    target_id: Any
    target_label: str

    @property
    def words(self) -> str:
        """The link as people read it."""
        return f"{self.source_label} {Relation(self.relation).label} {self.target_label}"

    def end(self, direction: str) -> tuple[Any, str, str]:
        """Id, type and label of the end that lies further up or down."""
        if (direction == DOWN) == (self.relation in GIVES):
            return self.target_id, self.target_type, self.target_label
        return self.source_id, self.source_type, self.source_label


class Reached(NamedTuple):
    """A thing that lies up or down from where the question began, `distance` links away by the shortest path."""

    key: Any
    type: str
    label: str
    distance: int
    link: Link
    before: "Reached | None"

    @property
    def id(self) -> UUID:
        """Its id; made when it is asked for, since most of thousands never are."""
        return uuid_of(self.key)

    @property
    def path(self) -> tuple[Link, ...]:
        """The links of that path, from where the question began."""
        links, here = [], self
        while here is not None:
            links.append(here.link)
            here = here.before  # type: ignore[assignment]
        return tuple(reversed(links))


def came_from(start: UUID, links: Any) -> list[Reached]:
    """Everything that `start` came from, nearest first; `links` is a QuerySet of the links that may be seen."""
    return reached(start, links, UP)


def came_of(start: UUID, links: Any) -> list[Reached]:
    """Everything that came from `start` and so is touched when it changes, nearest first."""
    return reached(start, links, DOWN)


def reached(start: UUID, links: Any, direction: str) -> list[Reached]:
    """Each thing once, by a shortest path; paths of one length in the order of their labels."""
    return reached_each([start], links, direction)[start]


def reached_each(starts: Iterable[UUID], links: Any, direction: str) -> dict[UUID, list[Reached]]:
    """The same from several beginnings, by one query for all of them."""
    begins = list(starts)
    back = UP if direction == DOWN else DOWN
    edges: dict[Any, list[Link]] = defaultdict(list)
    for link in walked(begins, links, direction) if begins else ():
        edges[link.end(back)[0]].append(link)
    for ways in edges.values():
        ways.sort(key=lambda each: (each.end(direction)[2], each.relation, each.id))
    return {start: nearest_first(prepared(start), edges, direction) for start in begins}


def nearest_first(begin: Any, edges: Mapping[Any, list[Link]], direction: str) -> list[Reached]:
    """Everything that the links lead to from one beginning."""
    found: dict[Any, Reached] = {}
    waiting: deque[tuple[Any, Reached | None]] = deque([(begin, None)])
    while waiting:
        node, before = waiting.popleft()
        for link in edges.get(node, ()):
            pk, kind, label = link.end(direction)
            if pk != begin and pk not in found:
                found[pk] = Reached(pk, kind, label, before.distance + 1 if before else 1, link, before)
                waiting.append((pk, found[pk]))
    return list(found.values())


def walked(starts: list[UUID], links: Any, direction: str) -> Iterable[Link]:
    """Every link on some way up or down from one of `starts`, by one query."""
    inner, values = links.order_by().values_list(*COLUMNS).query.sql_with_params()
    near, far = ("target_id", "source_id") if direction == DOWN else ("source_id", "target_id")
    words: dict[str, Any] = {"near": near, "far": far, "near_of_giver": far, "far_of_giver": near}
    words |= {"gives": quoted(GIVES), "still": quoted(NO_FLOW)}
    begin = "%s::uuid" if connection.vendor == "postgresql" else "%s"
    statement = WALK.format(
        links=inner, columns=", ".join(COLUMNS), start=" UNION SELECT ".join([begin] * len(starts)),
        joined=JOINED.format(**words), **words,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *map(prepared, starts)])
        return map(Link._make, cursor.fetchall())


def prepared(pk: UUID) -> Any:
    """An id as the database keeps it."""
    return LineageLink._meta.pk.get_db_prep_value(pk, connection)


def quoted(relations: tuple[Relation, ...]) -> str:
    """Relations as SQL texts; they are words of this module's own."""
    return ", ".join(f"'{relation.value}'" for relation in relations)


def uuid_of(value: Any) -> UUID:
    """An id as both databases give it."""
    return value if isinstance(value, UUID) else UUID(value)


def systems_of_each(versions: list[ModelVersion], links: Any, person: Any) -> dict[UUID, list[AISystem]]:
    """For each version the systems that its end touches, its home first, as far as the person may see them."""
    ways = reached_each([version.pk for version in versions], links, DOWN)
    kind = ModelVersion._meta.label
    below = {start: {each.id for each in found if each.type == kind} for start, found in ways.items()}
    rows = ModelVersion.objects.filter(pk__in={pk for found in below.values() for pk in found})
    homes = dict(rows.values_list("pk", "model__system"))
    others = Release.objects.filter(version__in=versions).exclude(status=Release.Status.WITHDRAWN)
    served: dict[UUID, set[Any]] = defaultdict(set)
    for version, system in others.values_list("version", "system"):
        served[version].add(system)
    wanted = {each.pk: {homes[pk] for pk in below[each.pk] if pk in homes} | served[each.pk] for each in versions}
    seen = AISystem.objects.visible_to(person).in_bulk({pk for pks in wanted.values() for pk in pks})
    return {
        each.pk: [each.home_system, *sorted((seen[pk] for pk in wanted[each.pk] - {each.home_system.pk} if pk in seen),
                                            key=lambda system: system.name)]
        for each in versions
    }  # fmt: skip


def systems_of(found: Any, below: list[Reached], person: Any) -> Any:
    """The systems that a change of `found` touches, as far as the person may see them."""
    versions = [each.id for each in below if each.type == ModelVersion._meta.label]
    if isinstance(found, ModelVersion):
        versions.append(found.pk)
    return AISystem.objects.visible_to(person).filter(models__versions__in=versions).distinct().order_by("name")


def circle(source_id: UUID, relation: str, target_id: UUID) -> tuple[Link, ...]:
    """The path by which a new link would close a circle, whoever may see it; empty where it would not."""
    if relation in NO_FLOW:
        return ()
    giver, taker = (source_id, target_id) if relation in GIVES else (target_id, source_id)
    return next((each.path for each in came_of(taker, LineageLink.objects.all()) if each.id == giver), ())
