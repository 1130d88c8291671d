"""What the registry itself knows for a card: from records, links, runs and the workflow, each with time and source."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry.cards import figures
from registry.cards.schema import Field
from registry.models import DatasetVersion, Deployment, Evidence, LineageLink, ModelCard, ModelVersion, Release

BY_GROUP: Final = frozenset({"performance.slices", "fairness.group_metrics", "fairness.intersectional"})
COLUMNS: Final = {"business_unit": "unit", "released_at": "created_at"}


@dataclass(frozen=True)
class Source:
    """A value with where it comes from: `kind` is record, lineage, check or workflow, `id` the row, `digest` of a run.

    `brief` is a shorter text for pages and reports where the whole one, as exports carry it, is long.
    """

    text: str
    kind: str = "record"
    id: str = ""
    at: datetime | None = None
    digest: str = ""
    url: str = ""
    brief: str = ""


NOTHING: Final = Source("")


@dataclass(frozen=True)
class Known:
    """What the registry knows for a version's card, read once, whatever the number of fields."""

    version: ModelVersion
    links: dict[str, list[LineageLink]]
    runs: dict[str, Evidence]
    data: list[DatasetVersion]
    releases: list[Release]
    deployments: list[Deployment]
    revisions: list[ModelCard]

    @classmethod
    def of(cls, version: ModelVersion) -> "Known":
        """Five queries and one more where data sets are linked."""
        links: dict[str, list[LineageLink]] = {}
        for link in LineageLink.objects.filter(source_id=version.pk):
            links.setdefault(link.relation, []).append(link)
        runs: dict[str, Evidence] = {}
        for row in Evidence.objects.filter(version=version).standing().order_by("effective_at", "received_at"):
            runs.update(dict.fromkeys(row.shows, row))
        trained = [link.target_id for link in links.get("trained_on", ())]
        return cls(
            version=version,
            links=links,
            runs=runs,
            data=list(DatasetVersion.objects.filter(pk__in=trained).order_by("created_at")) if trained else [],
            releases=list(version.releases.select_related("system").order_by("created_at")),
            deployments=list(Deployment.objects.filter(release__version=version).order_by("created_at")),
            revisions=list(version.cards.exclude(approved_at=None).order_by("number")),
        )

    def value(self, field: Field) -> Source:
        """What stands in a field without anybody writing it, or nothing."""
        kind, _colon, name = field.source.partition(":")
        if kind == "entity":
            return self.of_entity(name)
        if kind == "lineage":
            return of_links(self.links.get(name, []))
        if kind == "check" and name in self.runs:
            return of_run(self.runs[name], by_group=name in BY_GROUP)
        return self.approvals() if kind == "workflow" else NOTHING

    def of_entity(self, name: str) -> Source:
        """A column of the system or the version, or of the rows that belong to it."""
        entity, _dot, column = name.partition(".")
        rows: dict[str, list[Any]] = {
            "ai_system": [self.version.home_system],
            "model_version": [self.version],
            "dataset_version": self.data,
            "release": self.releases,
            "deployment": self.deployments,
        }
        found = [row for row in rows.get(entity, ()) if text_of(row, column)]
        if not found:
            return NOTHING
        lines = dict.fromkeys(LABELS.get(entity, only_text)(row, text_of(row, column)) for row in found)
        last = found[-1]
        return Source("\n".join(lines), "record", str(last.pk), last.created_at, url=address(last))

    def approvals(self) -> Source:
        """The approved revisions of the card."""
        if not self.revisions:
            return NOTHING
        lines = [
            _("Revision %(number)d approved on %(day)s") % {"number": card.number, "day": day(card.approved_at)}
            for card in self.revisions
        ]
        last = self.revisions[-1]
        return Source("\n".join(lines), "workflow", str(last.pk), last.approved_at, url=address(last))


def only_text(row: Any, text: str) -> str:
    """The column as it is."""
    return text


LABELS: Final[dict[str, Callable[[Any, str], str]]] = {
    "dataset_version": lambda row, text: f"{row}: {text}",
    "release": lambda row, text: f"{row}: {text}",
    "deployment": lambda row, text: f"{row.get_environment_display()}: {text}, {row.get_status_display()}",
}


def text_of(row: Any, column: str) -> str:
    """A column as text; empty where the row has none."""
    column = COLUMNS.get(column, column) if not isinstance(row, Release) else column
    display = getattr(row, f"get_{column}_display", None)
    found = display() if callable(display) else getattr(row, column, "")
    if callable(found):
        return ""
    return day(found) if isinstance(found, datetime | date) else str(found or "").strip()


def day(moment: Any) -> str:
    """A date, the same in every language."""
    return date_format(moment, "Y-m-d")


def address(row: Any) -> str:
    """The page of a row that has one."""
    return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""


def of_links(links: list[LineageLink]) -> Source:
    """The linked rows by their labels."""
    if not links:
        return NOTHING
    lines = dict.fromkeys(link.target_label for link in links)
    last = links[-1]
    return Source(
        "\n".join(lines),
        "lineage",
        str(last.pk),
        last.created_at,
        url=reverse("version-lineage", args=[last.source_id]),
    )


def of_run(run: Evidence, *, by_group: bool) -> Source:
    """What a run says: the verdict, its rules, its figures with intervals, each traceable to the run."""
    found = [str(figure) for figure in figures.of_outcome(run.outcome, by_group=by_group)]
    told = [str(run.get_verdict_display()), *figures.judged(run.outcome)]
    whole, brief = cut([*told, *found], figures.MOST), cut([*told, *found], figures.SHOWN)
    return Source(whole, "check", str(run.pk), run.effective_at, run.digest, address(run), brief)


def cut(lines: list[str], most: int) -> str:
    """The first lines; what is left out is counted."""
    left = len(lines) - most
    return "\n".join([*lines[:most], _("… and %d more in the run") % left] if left > 0 else lines)
