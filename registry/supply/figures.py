"""The figures of compared versions side by side, read from the evidence that stands for each."""

from dataclasses import dataclass
from typing import Any

from registry.cards import figures
from registry.models import Candidate, Evidence
from registry.release_gates import newest_evidence


@dataclass(frozen=True)
class Cell:
    """One figure of one candidate, with the run that it comes from and the digest of the rows it was computed on."""

    value: str
    low: str
    high: str
    verdict: str
    evidence: str
    evidence_id: str
    data: str


@dataclass(frozen=True)
class Row:
    """One metric or rule of one check over all candidates, in their order; None where a candidate has no run of it."""

    check: str
    name: str
    cells: tuple[Cell | None, ...]

    @property
    def is_on_same_data(self) -> bool:
        """At least two candidates have the figure, and all that do were measured on the same rows."""
        found = [cell.data for cell in self.cells if cell is not None]
        return len(found) > 1 and len(set(found)) == 1 and bool(found[0])

    def as_json(self, candidates: list[Candidate]) -> dict[str, Any]:
        """What is kept with a decision."""
        cells = {str(one.pk): vars(cell) for one, cell in zip(candidates, self.cells, strict=True) if cell is not None}
        return {"check": self.check, "name": self.name, "same_data": self.is_on_same_data, "cells": cells}


def side_by_side(candidates: list[Candidate]) -> list[Row]:
    """Every figure that some candidate's evidence holds: over all rows, and of each rule that a run was judged by."""
    columns = [figures_of(candidate) for candidate in candidates]
    names = sorted({name for column in columns for name in column})
    return [Row(check, name, tuple(column.get((check, name)) for column in columns)) for check, name in names]


def figures_of(candidate: Candidate) -> dict[tuple[str, str], Cell]:
    """The figures of a version by check and name; a component has none of its own."""
    if candidate.version is None:
        return {}
    found: dict[tuple[str, str], Cell] = {}
    for row in newest_evidence(candidate.version):
        for figure in figures.of_outcome(row.outcome, by_group=False):
            found[row.check_slug, figure.name] = cell(row, figure.value, figure.low, figure.high)
        for rule in row.outcome.get("thresholds") or ():
            texts = [
                figures.shown(rule[name]) if rule.get(name) is not None else "" for name in ("value", "low", "high")
            ]
            if texts[0]:
                found[row.check_slug, str(rule.get("rule"))] = cell(row, *texts, verdict=str(rule.get("verdict", "")))
    return found


def cell(row: Evidence, value: str, low: str, high: str, *, verdict: str = "") -> Cell:
    """A figure with the run behind it."""
    data = str((row.outcome.get("inputs") or {}).get("data", ""))
    return Cell(value, low, high, verdict, row.digest, str(row.pk), data)


def kept(comparison: Any, candidates: list[Candidate]) -> list[Row]:
    """The rows that were kept with a decision, as they were then."""
    return [
        Row(row["check"], row["name"], tuple(kept_cell(row["cells"].get(str(one.pk))) for one in candidates))
        for row in comparison.figures
    ]


def kept_cell(told: dict[str, str] | None) -> Cell | None:
    """A cell from what was kept."""
    return Cell(**told) if told else None
