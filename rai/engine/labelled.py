"""Rows of the running system of which only some have a true outcome yet: counts, sums of scores, and who has a label."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from rai.checks.saying import InputError
from rai.engine.counts import check_total, counted, planned, probe
from rai.engine.cube import Cube, Mapped, amount, texts, whole
from rai.engine.distances import kolmogorov_smirnov, sorted_pair
from rai.engine.moments import Moment, moment_of
from rai.engine.parts import span_in
from rai.engine.periods import BANDS, Span, banded
from rai.engine.rows import Asked as RowsAsked, read_rows
from rai.engine.score_messages import book_of, message_of as book_message, moment_in
from rai.engine.scores import Book, book
from rai.engine.sources import Limits, opened

Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class Asked:
    """What is judged, and the column of times by which it is put into periods, where there is one."""

    target: str
    prediction: str
    column: str | None = None
    unit: str | None = None
    score: str | None = None
    positive: str = "1"
    kind: Literal["classification", "regression"] = "classification"

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that make periods."""
        return () if self.column is None else (self.column,)

    @property
    def period(self) -> tuple[str, str] | None:
        """Column and unit of times."""
        return (self.column, self.unit) if self.column and self.unit else None


@dataclass(frozen=True)
class Selected:
    """Scores of rows with and without a label: their moments, and the largest gap between the two distributions.

    Of predicted numbers the prediction stands for the score; `ks` is None where one side has no rows.
    """

    labelled: Moment
    unlabelled: Moment
    ks: float | None


@dataclass(frozen=True)
class Labelled:
    """All rows, labelled or not: decisions as counts, scores or numbers as sums, and how labelled rows differ."""

    asked: Asked
    cube: Cube | None
    book: Book | None
    selected: Selected | None
    span: Span | None

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `labelled_of` makes an equal value."""
        return {
            "asked": asdict(self.asked), "cube": self.cube and self.cube.to_json(), "book": self.book and book_message(self.book),
            "selected": self.selected and asdict(self.selected), "span": self.span and asdict(self.span),
        }  # fmt: skip

    @property
    def judged_cube(self) -> Cube | None:
        """The counts of labelled rows alone: that others have no label yet is expected, and told apart."""
        if self.cube is None:
            return None
        cells = tuple(cell for cell in self.cube.cells if cell.label is not None)
        return replace(self.cube, cells=cells, rows=sum(cell.rows for cell in cells))

    @property
    def judged_book(self) -> Book | None:
        """The sums of labelled rows alone."""
        if self.book is None:
            return None
        parts = tuple(replace(part, rows=(*part.rows[:2], (0, 0))) for part in self.book.parts)
        return replace(self.book, parts=parts)


def read_labelled(files: Files, asked: Asked, *, limits: Limits | None = None, threads: int | None = None) -> Labelled:
    """Read CSV or Parquet files. Raises InputError that names file, column, row or value and the remedy."""
    if bool(asked.column) != bool(asked.unit):
        raise InputError("Periods need a column of times and the unit that they are put into; name both or none.")
    cube, span = counts_of(files, asked, limits)
    is_number = asked.kind == "regression"
    score = asked.prediction if is_number else asked.score
    if not score:
        return Labelled(asked, cube, None, None, span)
    wanted = RowsAsked(asked.target, score, asked.by, None if is_number else asked.positive)
    rows = read_rows(files, wanted, limits=limits, threads=threads, period=asked.period)
    return Labelled(asked, cube, book(rows), selected(rows.label, rows.score), span)


def counts_of(files: Files, asked: Asked, limits: Limits | None) -> tuple[Cube | None, Span | None]:
    """The counts of decisions by period, and what times the table holds."""
    with opened(files, limits=limits) as source:
        span = None
        if asked.period:
            source, span = banded(source, *asked.period)
        if asked.kind == "regression":
            return None, span
        mapped = Mapped(asked.target, asked.prediction, asked.by, positive=asked.positive)
        if asked.target in asked.by:
            raise InputError('Column "{target}" cannot be time and true outcome at once.', target=asked.target)
        plan = planned(source, mapped)
        probe(source, mapped, plan)
        cells = counted(source, mapped, plan)
        rows = sum(cell.rows for cell in cells)
        check_total(source, rows, limits)
        return Cube(mapped, rows, cells), span


def selected(label: np.ndarray, score: np.ndarray) -> Selected:
    """How the scores of labelled rows differ from those of the others."""
    known = ~np.isnan(score)
    first, second = sorted_pair(score[known & ~np.isnan(label)], score[known & np.isnan(label)])
    ks = float(kolmogorov_smirnov(first, second)) if len(first) and len(second) else None
    return Selected(moment_of(first), moment_of(second), ks)


def labelled_of(value: Mapping[str, Any]) -> Labelled:
    """The rows of a JSON object; raises InputError where the object holds none, because its sender may have read a hostile file."""
    try:
        asked = asked_of(value["asked"])
        cube = None if value["cube"] is None else Cube.from_json(value["cube"])
        sums = None if value["book"] is None else book_of(value["book"])
        span = None if value["span"] is None else span_in(value["span"])
        chosen = None if value["selected"] is None else selected_of(value["selected"])
        if (asked.kind == "classification") != (cube is not None) or (sums is None) != (chosen is None):
            raise ValueError("nothing to judge")
        return Labelled(asked, cube, sums, chosen, span)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "What the reading process sent are no rows of a running system; run the check again."
        ) from error


def asked_of(value: Mapping[str, Any]) -> Asked:
    """The columns, checked."""
    names = ("target", "prediction", "positive")
    given: dict[str, Any] = dict(zip(names, texts(value[name] for name in names), strict=True))
    for name in ("column", "unit", "score"):
        given[name] = None if value[name] is None else texts([value[name]])[0]
    if value["kind"] not in {"classification", "regression"} or given["unit"] not in {None, *BANDS}:
        raise ValueError("not a kind of prediction or time")
    return Asked(**given, kind=value["kind"])


def selected_of(value: Mapping[str, Any]) -> Selected:
    """Who has a label, checked."""
    sides = [moment_in([value[side][name] for name in ("n", "mean", "squares")]) for side in ("labelled", "unlabelled")]
    ks = None if value["ks"] is None else amount(value["ks"])
    if ks is not None and not 0 <= ks <= 1:
        raise ValueError("not a distance")
    if any(whole(side.n) != side.n for side in sides):
        raise ValueError("not rows")
    return Selected(sides[0], sides[1], ks)
