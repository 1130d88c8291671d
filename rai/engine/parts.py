"""One table by the parts of one column, such as months, plants or sources: counts, sums of scores, and what times it holds."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rai.checks.saying import InputError
from rai.engine.counts import read
from rai.engine.cube import Cube, texts, whole
from rai.engine.periods import BANDS, MOST_ZONES, Span, banded
from rai.engine.score_messages import book_of, message_of as book_message
from rai.engine.scores import Book, read_scores
from rai.engine.sources import Limits, opened

MOST_PARTS = 1_000


@dataclass(frozen=True)
class Asked:
    """The column that makes the parts (`unit` puts its times into bands), and what is judged in each."""

    column: str
    target: str
    prediction: str
    unit: str | None = None
    score: str | None = None
    positive: str = "1"
    kind: Literal["classification", "regression"] = "classification"

    @property
    def period(self) -> tuple[str, str] | None:
        """Column and unit of times."""
        return (self.column, self.unit) if self.unit else None


@dataclass(frozen=True)
class Parts:
    """Counts of decisions, and sums of scores or numbers, by part; `span` where the column holds times."""

    asked: Asked
    cube: Cube | None
    book: Book | None
    span: Span | None

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `parts_of` makes equal parts."""
        return {
            "asked": asdict(self.asked), "cube": self.cube and self.cube.to_json(),
            "book": self.book and book_message(self.book), "span": self.span and asdict(self.span),
        }  # fmt: skip


def read_parts(
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    asked: Asked,
    *,
    limits: Limits | None = None,
    threads: int | None = None,
) -> Parts:
    """Read CSV or Parquet files by part. Raises InputError that names file, column, row or value and the remedy."""
    span = span_of(files, asked, limits)
    by: dict[str, Any] = {"limits": limits, "period": asked.period}
    score = asked.prediction if asked.kind == "regression" else asked.score
    positive = None if asked.kind == "regression" else asked.positive
    cube = book = None
    if asked.kind == "classification":
        cube = read(
            files,
            target=asked.target,
            prediction=asked.prediction,
            sensitive=[asked.column],
            positive=asked.positive,
            **by,
        )
    if score:
        book = read_scores(
            files, target=asked.target, score=score, groups=[asked.column], positive=positive, threads=threads, **by
        )
    return few(Parts(asked, cube, book, span))


def span_of(files: Any, asked: Asked, limits: Limits | None) -> Span | None:
    """What times the column holds; None where its values are taken as they stand.

    Times with a zone cannot be: how they are written depends on the clock of the machine that reads them.
    """
    with opened(files, limits=limits) as source:
        if asked.unit:
            return banded(source, asked.column, asked.unit)[1]
        source.column(asked.column)
        if source.type_of(asked.column) == "TIMESTAMP WITH TIME ZONE":
            raise InputError(
                'Column "{column}" of {label} holds times with a zone; put them into days, months, quarters or years.',
                column=asked.column,
                label=source.label,
            )
    return None


def few(parts: Parts) -> Parts:
    """The parts, unless there are more than anybody can read."""
    by = (parts.asked.column,)
    if parts.cube is not None:
        found = len(parts.cube.table(by))
    else:
        found = sum(part.by == by for part in parts.book.parts) if parts.book else 0
    if found > MOST_PARTS:
        raise InputError(
            'Column "{column}" makes {found} parts, more than {most_parts}; put its times into months or '
            "years, or choose a column with fewer values.",
            column=parts.asked.column,
            found=f"{found:,}",
            most_parts=f"{MOST_PARTS:,}",
        )
    return parts


def parts_of(value: Mapping[str, Any]) -> Parts:
    """The parts of a JSON object; raises InputError where the object holds none, because its sender may have read a hostile file."""
    try:
        asked = asked_of(value["asked"])
        span = None if value["span"] is None else span_in(value["span"])
        cube = None if value["cube"] is None else Cube.from_json(value["cube"])
        book = None if value["book"] is None else book_of(value["book"])
        if (cube is None and book is None) or (asked.kind == "classification") != (cube is not None):
            raise ValueError("nothing to judge")
        return Parts(asked, cube, book, span)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("What the reading process sent are no parts of a table; run the check again.") from error


def asked_of(value: Mapping[str, Any]) -> Asked:
    """The columns, checked."""
    names = ("column", "target", "prediction", "positive")
    given: dict[str, Any] = dict(zip(names, texts(value[name] for name in names), strict=True))
    for name in ("unit", "score"):
        given[name] = None if value[name] is None else texts([value[name]])[0]
    if value["kind"] not in {"classification", "regression"} or given["unit"] not in {None, *BANDS}:
        raise ValueError("not a kind of prediction or time")
    return Asked(**given, kind=value["kind"])


def span_in(value: Mapping[str, Any]) -> Span:
    """What times the column holds, checked."""
    first, last = (None if value[end] is None else texts([value[end]])[0][:40] for end in ("first", "last"))
    zones = tuple(zone[:40] for zone in texts(value["zones"]))
    column, unit = texts([value["column"], value["unit"]])
    if unit not in BANDS or len(zones) > MOST_ZONES:
        raise ValueError("not times")
    return Span(column, unit, first, last, zones, whole(value["missing"]))  # type: ignore[arg-type]
