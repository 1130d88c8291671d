"""A grid for machines: as JSON and as lines of a table, the same of both."""

from typing import Any, Final

from reports.standings import kept
from reports.standings.grid import Entry, Grid, Place, counted

COLUMNS: Final = (
    "requirement",
    "title",
    "result",
    "basis",
    "overridden",
    "excepted",
    "stale",
    "items_passed",
    "items_applying",
)


def row(entry: Entry) -> tuple[Any, ...]:
    """One requirement by its columns."""
    cell = entry.cell
    return (
        entry.requirement.id, entry.requirement.title, cell.result, cell.basis or "", cell.is_overridden,
        cell.is_excepted, cell.is_stale, cell.passed, cell.applying,
    )  # fmt: skip


def as_json(found: Grid, place: Place, *, with_history: bool) -> dict[str, Any]:
    """A grid with its scope; `log_entry` is there where it was kept, in step with that entry of the log.

    `history` tells what was said from a day to a day, for who may read that.
    """
    passed, applying = found.passed
    return {
        "framework": found.framework.slug,
        "version": found.framework.version,
        "rules": found.framework.digest,
        "day": place.as_of.date().isoformat(),
        "scope": {"system": place.system and str(place.system.pk), "unit": place.unit and str(place.unit.pk)},
        "log_entry": found.head.seq if found.head else None,
        "entries_behind": found.behind or 0,
        "summary": {**found.counts, "items_passed": passed, "items_applying": applying},
        "requirements": [dict(zip(COLUMNS, row(entry), strict=True)) for entry in found.requirements],
        "history": history(found, place) if with_history else [],
    }


def history(found: Grid, place: Place) -> list[dict[str, Any]]:
    """What was said, oldest first; a record that was changed from outside says only that."""
    return [
        {
            "since": one.since.isoformat(), "until": one.until.isoformat(), "rules": one.rules, "believed": one.is_whole,
            "summary": counted(one.cells.values()) if one.is_whole else None,
        }
        for one in kept.said(found.framework.slug, place.subject)
    ]  # fmt: skip
