"""What is joined to what around one thing: links of the lineage, and the base models, vendors, systems and deployments of its versions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from registry import lineage
from registry.models import ArtifactVersion, Dataset, DatasetVersion, Deployment, LineageLink, ModelVersion, Relation

VERSION, DATA, ARTIFACT = ModelVersion._meta.label, DatasetVersion._meta.label, ArtifactVersion._meta.label
ADDRESSES: Final = {VERSION: "version", DATA: "dataset", ARTIFACT: "artifact"}
KINDS: Final = {
    VERSION: gettext_lazy("Model version"), DATA: gettext_lazy("Data set"), ARTIFACT: gettext_lazy("Artefact"), "base": gettext_lazy("Base model"),
    "system": gettext_lazy("System"), "deployment": gettext_lazy("Deployment"),
}  # fmt: skip
# More boxes than this are no picture that anybody reads.
MOST_NODES: Final = 60


@dataclass(frozen=True)
class Node:
    """A box: `kind` is the type of a row, or one of base, system, deployment; `url` may be empty."""

    key: str
    kind: str
    label: str
    url: str = ""
    is_start: bool = False

    @property
    def kind_label(self) -> str:
        """What it is, in words."""
        return str(KINDS.get(self.kind, _("Other")))


@dataclass(frozen=True)
class Edge:
    """An arrow from what gives to what takes."""

    giver: str
    taker: str
    label: str


@dataclass(frozen=True)
class Graph:
    """The boxes and arrows of a picture; `left` counts the things that had no room."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left: int


def seen_graph(found: Any, person: Any) -> Graph:
    """The graph around a version as far as a person may see it."""
    return graph_of(found, LineageLink.objects.visible_to(person), ModelVersion.objects.visible_to(person))


def unit_graph(version: ModelVersion) -> Graph:
    """The graph around a version for a document, which many read: links and versions of its own unit and below."""
    path = version.unit.path
    links = LineageLink.objects.filter(unit__path__startswith=path)
    return graph_of(version, links, ModelVersion.objects.filter(model__system__unit__path__startswith=path))


def graph_of(found: Any, links: Any, versions: Any, *, most: int = MOST_NODES) -> Graph:
    """The nearest things up and down from a version, with what they rest on and where they serve.

    `links` and `versions` are those that may be seen.
    """
    up, down = (lineage.reached(found.pk, links, way) for way in (lineage.UP, lineage.DOWN))
    near = sorted([*up, *down], key=lambda each: (each.distance, each.label))
    kept = near[: most - 1]
    start = node_of(found.pk, found._meta.label, str(found), is_start=True)
    nodes = {start.key: start, **{str(each.id): node_of(each.id, each.type, each.label) for each in kept}}
    edges = list(edges_within(links, set(nodes)))
    for node, edge in around(nodes, versions):
        if len(nodes) < most or node.key in nodes:
            nodes.setdefault(node.key, node)
            edges.append(edge)
    return Graph(tuple(nodes.values()), tuple(dict.fromkeys(edges)), len(near) - len(kept))


def node_of(pk: UUID, kind: str, label: str, *, is_start: bool = False) -> Node:
    """The box of a row of the lineage."""
    url = reverse("lineage", args=[ADDRESSES[kind], pk]) if kind in ADDRESSES else ""
    return Node(str(pk), kind, label, url, is_start)


def edges_within(links: Any, keys: set[str]) -> Iterator[Edge]:
    """The links between boxes that are there, from giver to taker."""
    rows = links.filter(source_id__in=keys, target_id__in=keys).order_by("created_at", "pk")
    for link in rows:
        ends = (str(link.source_id), str(link.target_id))
        giver, taker = ends if link.relation in lineage.GIVES or link.relation in lineage.NO_FLOW else ends[::-1]
        yield Edge(giver, taker, str(Relation(link.relation).label))


def around(nodes: dict[str, Node], versions: Any) -> Iterator[tuple[Node, Edge]]:
    """What the versions among the boxes rest on by name, the systems that they serve, and what of them runs."""
    keys = [node.key for node in nodes.values() if node.kind == VERSION]
    rows = list(versions.filter(pk__in=keys).select_related("model__system").order_by("created_at", "pk"))
    for version in rows:
        key, system = str(version.pk), version.model.system
        if version.base_model:
            base = f"{version.provider} {version.base_model}".strip()
            yield (
                Node(f"base {base.casefold()}", "base", base),
                Edge(f"base {base.casefold()}", key, _("is the base of")),
            )
        box = Node(str(system.pk), "system", system.name, system.get_absolute_url())
        yield box, Edge(key, box.key, _("belongs to"))
    running = Deployment.objects.running().filter(release__version__in=rows)
    for each in running.select_related("release__version__model").order_by("created_at", "pk"):
        box = Node(
            str(each.pk), "deployment", f"{each.get_environment_display()}, {each.region}", each.get_absolute_url()
        )
        yield box, Edge(str(each.release.version_id), box.key, _("runs as"))


# ---- questions


@dataclass(frozen=True)
class Affected:
    """A thing that an answer names: how far away, and by which way in words."""

    node: Node
    distance: int
    way: tuple[str, ...]


def below(starts: Iterable[Any], links: Any, said: Any) -> list[Affected]:
    """The things themselves and all that came from them, nearest first; `said` puts why a start is one in words."""
    begins = {row.pk: row for row in starts}
    found: dict[UUID, Affected] = {
        pk: Affected(node_of(pk, row._meta.label, str(row)), 0, (said(row),)) for pk, row in begins.items()
    }
    for pk, reached in lineage.reached_each(begins, links, lineage.DOWN).items():
        for each in reached:
            way = (*found[pk].way, *(link.words for link in each.path))
            known = found.get(each.id)
            if known is None or known.distance > each.distance:
                found[each.id] = Affected(node_of(each.id, each.type, each.label), each.distance, way)
    return sorted(found.values(), key=lambda each: (each.distance, each.node.label))


def data_versions(person: Any, **which: Any) -> Any:
    """Versions of the data sets that the person may see."""
    seen = Dataset.objects.visible_to(person)
    return DatasetVersion.objects.filter(dataset__in=seen, **which).select_related("dataset")
