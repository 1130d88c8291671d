"""What a page shows of a framework: the cells of one scope on one day, kept or decided anew, and how they came about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from registry import access, moment
from registry.models import AISystem, BusinessUnit, User
from registry.vocabulary import vocabulary
from reports.evaluation import Evaluation, evaluate
from reports.framework_files import Framework, Group, Requirement
from reports.models import BoardPack
from reports.sources import DjangoFacts
from reports.standings import kept
from reports.standings.kept import Cell, Said
from reports.standings.watched import logged

WIDTH, HEIGHT = 160, 32
MOST_DAYS: Final = 60
# So many systems are decided while a reader waits.
LARGE: Final = 200


@dataclass(frozen=True)
class Place:
    """Of what and of which day a framework is asked: a system, a unit, or all that the reader may see; today without a day."""

    system: AISystem | None = None
    unit: BusinessUnit | None = None
    day: date | None = None

    @property
    def as_of(self) -> datetime:
        """Now, or the end of the day."""
        return datetime.combine(self.day, time(23, 59, 59), UTC) if self.day else moment.now()

    @property
    def subject(self) -> str:
        """The key of what is kept: the topmost unit is the organisation."""
        if self.unit is not None and self.unit.parent_id is not None:
            return str(self.unit.pk)
        return str(self.system.pk) if self.system else kept.ORGANISATION

    @property
    def query(self) -> str:
        """What an address says of the place."""
        named = {"system": self.system and self.system.pk, "unit": self.unit and self.unit.pk, "day": self.day}
        said = "&".join(f"{name}={value}" for name, value in named.items() if value)
        return f"?{said}" if said else ""


@dataclass(frozen=True)
class Entry:
    """One requirement in the grid."""

    requirement: Requirement
    cell: Cell

    @property
    def result(self) -> str:
        """Met, partly, not met or not applicable."""
        return self.cell.result


@dataclass(frozen=True)
class Grid:
    """Every requirement of a framework with what it came to. `head` is there where the cells were kept; `behind` is the
    number of entries that the log has beyond it, None where it is in step."""

    framework: Framework
    requirements: tuple[Entry, ...]
    head: Any = None
    behind: int | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many requirements came to each result."""
        return counted(entry.cell for entry in self.requirements)

    @property
    def passed(self) -> tuple[int, int]:
        """How many items pass, of those that apply."""
        cells = [entry.cell for entry in self.requirements]
        return sum(cell.passed for cell in cells), sum(cell.applying for cell in cells)

    @property
    def stale(self) -> list[Entry]:
        """Where evidence is there and too old."""
        return [entry for entry in self.requirements if entry.cell.is_stale]


def grid(framework: Framework, place: Place, *, person: User | None) -> Grid:
    """The cells as this person may know them, or the program itself (None): what is kept where it is in step, decided
    now where it is not. Of a large organisation what was said last stands in the meantime, and says so."""
    if place.day is None and (person is None or reads_all(person)):
        head = kept.in_step(framework)
        waiting = head is None and place.system is None and person is not None and AISystem.objects.count() > LARGE
        head = kept.head_of(framework) if waiting else head
        cells = kept.of_day(head, place.subject) if head else None
        if head and cells:
            return laid_out(framework, cells, head, logged() - head.seq if waiting else None)
    found = decided(framework, place, person=person)
    return laid_out(framework, {entry.requirement.id: kept.cell(entry) for entry in found.requirements})


def laid_out(framework: Framework, cells: dict[str, Cell], head: Any = None, behind: int | None = None) -> Grid:
    """Cells in the order of the framework."""
    return Grid(framework, tuple(Entry(one, cells[one.id]) for one in framework.requirements), head, behind)


def decided(framework: Framework, place: Place, *, person: User | None) -> Evaluation:
    """The framework as the database shows it to this person, as of now or of the day."""
    below = place.unit if place.unit and place.unit.parent_id else None
    facts = DjangoFacts(user=person, system=place.system, as_of=place.as_of, unit=below)
    system, unit = (str(one.pk) if one else None for one in (place.system, below))
    return evaluate(framework, facts, system=system, unit=unit, as_of=place.as_of)


def reads_all(person: User) -> bool:
    """The person sees every row that decides: who may read the whole log may read all that it tells of."""
    root = BusinessUnit.objects.filter(parent=None).first()
    return root is not None and access.allowed(person, access.AUDIT_VIEW, BoardPack(of_unit=root))


def reads_history(person: User, place: Place) -> bool:
    """What was said of a system is for its readers, as reports on it are; of a unit, for those of its board packs."""
    if place.system is not None:
        return True
    unit = place.unit or BusinessUnit.objects.filter(parent=None).first()
    return unit is not None and access.allowed(person, access.INCIDENT_VIEW, BoardPack(of_unit=unit))


def counted(cells: Iterable[Cell]) -> dict[str, int]:
    """How many came to each result; results that did not occur are there with 0."""
    found = Counter(cell.result for cell in cells)
    return {name: found[name] for name in vocabulary().requirement_results}


# ---- over time


@dataclass(frozen=True)
class Line:
    """The share of met requirements of a function over time, drawn, with its first and its last number."""

    group: Group
    points: str
    first: int
    last: int
    total: int


@dataclass(frozen=True)
class Record:
    """What was said from a day to a day, counted: in whole, and how many are met in each function."""

    said: Said
    counts: dict[str, int]
    met: tuple[int, ...]


@dataclass(frozen=True)
class Trend:
    """What was said of a subject over time, the newest first; days that were not recorded are not filled in."""

    lines: tuple[Line, ...]
    records: tuple[Record, ...]
    days: int
    changed: int
    width: int = WIDTH
    height: int = HEIGHT


def trend(framework: Framework, subject: str) -> Trend | None:
    """The recorded standings of a subject; None where there are none. Rows changed from outside are left out, counted."""
    rows = kept.said(framework.slug, subject)
    whole = [row for row in rows if row.is_whole][-MOST_DAYS:]
    if not whole:
        return None
    tops = [group for group in framework.groups if not group.parent]
    inside = {top.id: [one.id for one in framework.requirements if top.id in one.group[:1]] for top in tops}
    tops = [top for top in tops if inside[top.id]]
    series = {top.id: [met(row, inside[top.id]) for row in whole] for top in tops}
    lines = tuple(line(top, whole, series[top.id], len(inside[top.id])) for top in tops)
    records = [
        Record(row, counted(row.cells.values()), tuple(series[top.id][number] for top in tops))
        for number, row in enumerate(whole)
    ]
    return Trend(lines, tuple(reversed(records)), (whole[-1].until - whole[0].since).days + 1, len(rows) - len(whole))


def met(row: Said, ids: Sequence[str]) -> int:
    """How many of the requirements were met."""
    return sum(row.cells[key].result == "met" for key in ids if key in row.cells)


def line(top: Group, rows: Sequence[Said], numbers: Sequence[int], total: int) -> Line:
    """The numbers as steps: each as long as it was said."""
    begin, end = rows[0].since, rows[-1].until
    span = (end - begin).days + 1
    points = []
    for row, number in zip(rows, numbers, strict=True):
        height = HEIGHT - 2 - (HEIGHT - 4) * number / total
        for day in ((row.since - begin).days, (row.until - begin).days + 1):
            points.append(f"{WIDTH * day / span:.1f},{height:.1f}")
    return Line(top, " ".join(points), numbers[0], numbers[-1], total)


@dataclass(frozen=True)
class Then:
    """What was said on a past day, and where what is known now of that day differs from it."""

    said: Said
    counts: dict[str, int]
    differing: tuple[tuple[Requirement, str, str], ...]


def then(found: Grid, place: Place) -> Then | None:
    """What was said on the day of the place beside what is known now of it; None where nothing was recorded."""
    rows = kept.said(found.framework.slug, place.subject)
    row = next((row for row in rows if place.day and row.is_whole and row.since <= place.day <= row.until), None)
    if row is None:
        return None
    pairs = [(entry, row.cells.get(entry.requirement.id)) for entry in found.requirements]
    differing = [
        (entry.requirement, before.result, entry.result)
        for entry, before in pairs
        if before and before.result != entry.result
    ]
    return Then(row, counted(row.cells.values()), tuple(differing))
