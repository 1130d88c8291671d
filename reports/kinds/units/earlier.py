"""What was said of a unit before: its recorded standings, and what has changed since the one that the report looks back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from reports.evaluation import Evaluation
from reports.framework_files import Requirement
from reports.standings import kept
from reports.standings.grid import counted
from reports.standings.kept import Said

# The report looks back by a quarter, and shows what was recorded within a year.
PERIOD: Final = timedelta(days=92)
YEAR: Final = timedelta(days=366)
ORDER: Final = ("not_met", "partly", "met")


@dataclass(frozen=True)
class Change:
    """A requirement that came to something else than it had come to."""

    requirement: Requirement
    before: str
    now: str

    @property
    def is_better(self) -> bool | None:
        """More of it is shown than was; None where it began or ceased to apply."""
        if {self.before, self.now} <= set(ORDER):
            return ORDER.index(self.now) > ORDER.index(self.before)
        return None


@dataclass(frozen=True)
class Record:
    """What was said from a day to a day, counted."""

    since: date
    until: date
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Earlier:
    """The records of the last year, oldest first; `day` is the one that is compared with, None where there is none.

    `other_rules`: it was said by other rules than those of today. `disbelieved`: rows that were changed from outside.
    """

    day: date | None
    changes: tuple[Change, ...]
    records: tuple[Record, ...]
    other_rules: bool
    disbelieved: int

    @property
    def better(self) -> int:
        """How many came to more than they had."""
        return sum(one.is_better is True for one in self.changes)

    @property
    def worse(self) -> int:
        """How many came to less than they had."""
        return sum(one.is_better is False for one in self.changes)


def earlier(found: Evaluation, subject: str, as_of: datetime) -> Earlier:
    """The past of a subject of standings, as it was recorded."""
    today = as_of.date()
    rows = [row for row in kept.said(found.framework.slug, subject) if row.since < today]
    whole = [row for row in rows if row.is_whole]
    base = compared_with(whole, today)
    recent = [row for row in whole if row.until >= today - YEAR]
    return Earlier(
        day=min(base.until, max(base.since, today - PERIOD)) if base else None,
        changes=tuple(changes(found, base)) if base else (),
        records=tuple(Record(row.since, min(row.until, today), counted(row.cells.values())) for row in recent),
        other_rules=base is not None and base.rules != found.framework.digest,
        disbelieved=len(rows) - len(whole),
    )


def compared_with(rows: list[Said], today: date) -> Said | None:
    """What was said a period ago; where the record is shorter, the first that was said."""
    before = [row for row in rows if row.since <= today - PERIOD]
    return before[-1] if before else next(iter(rows), None)


def changes(found: Evaluation, base: Said) -> list[Change]:
    """The requirements that came to something else, in the framework's order."""
    pairs = [(entry, base.cells.get(entry.requirement.id)) for entry in found.requirements]
    return [
        Change(entry.requirement, cell.result, entry.result)
        for entry, cell in pairs
        if cell is not None and cell.result != entry.result
    ]
