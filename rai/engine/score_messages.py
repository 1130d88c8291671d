"""A book of scores as JSON and back: what the child sends is checked field by field before anything is computed on it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rai.checks.saying import InputError
from rai.engine.areas import Area
from rai.engine.calibration import MOST_BINS, Bins
from rai.engine.cube import amount, texts, whole
from rai.engine.fit import Fit
from rai.engine.moments import Moment
from rai.engine.rows import Asked
from rai.engine.scores import Book, Part

LEAST_PROBABILITY, MOST_PROBABILITY = 0.0, 1.0


def message_of(book: Book) -> dict[str, Any]:
    """The book as JSON."""
    return {
        **{name: getattr(book, name) for name in ("rows", "least", "most")},
        "asked": asdict(book.asked),
        "missing": dict(book.missing),
        "parts": [part_message(part) for part in book.parts],
        "timings": dict(book.timings),
    }


def part_message(part: Part) -> dict[str, Any]:
    """One group as JSON."""
    return {
        "by": list(part.by),
        "values": list(part.values),
        "rows": [list(row) for row in part.rows],
        "moments": {name: [each.n, each.mean, each.squares] for name, each in part.moments.items()},
        "area": None if part.area is None else asdict(part.area),
        "bins": None if part.bins is None else part.bins.to_json(),
        "fit": None if part.fit is None else asdict(part.fit),
    }


def book_of(value: Mapping[str, Any]) -> Book:
    """The book of a JSON object; raises InputError where the object is none, because its sender may have read a hostile file."""
    try:
        asked = asked_of(value["asked"])
        parts = tuple(part_of(each) for each in value["parts"])
        missing = {str(reason): whole(rows) for reason, rows in value["missing"].items()}
        ends = (optional(value["least"]), optional(value["most"]))
        return Book(asked, whole(value["rows"]), missing, *ends, parts, dict(value.get("timings", {})))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            "The sums sent by the reading process are not those of scores; run the check again."
        ) from error


def asked_of(value: Mapping[str, Any]) -> Asked:
    """The columns, checked."""
    target, score = texts([value["target"], value["score"]])
    positive = None if value["positive"] is None else texts([value["positive"]])[0]
    return Asked(target, score, texts(value["groups"]), positive, value["is_probability"] is True)


def part_of(value: Mapping[str, Any]) -> Part:
    """One group, checked: its rows, moments, area, bins and fit speak of the same rows."""
    by = texts(value["by"])
    rows = tuple((whole(there), whole(lacking)) for there, lacking in value["rows"])
    if len(rows) != 3:
        raise ValueError("not the rows of a group")
    part = Part(
        by, texts(value["values"], len(by)), rows, {str(name): moment_in(each) for name, each in value["moments"].items()},
        area_in(value["area"]), bins_in(value["bins"]), fit_in(value["fit"]),
    )  # fmt: skip
    if any(moment.n != part.n for moment in part.moments.values()):
        raise ValueError("moments of other rows")
    if part.area and (part.area.positives, part.area.negatives) != (rows[1][0], rows[0][0]):
        raise ValueError("an area of other rows")
    if part.bins and part.bins.rows != part.n:
        raise ValueError("bins of other rows")
    return part


def moment_in(value: Any) -> Moment:
    """A moment, checked."""
    n, mean, squares = value
    return Moment(whole(n), amount(mean), at_least_zero(squares))


def area_in(value: Mapping[str, Any] | None) -> Area | None:
    """An area, checked."""
    if value is None:
        return None
    found, variance = optional(value["value"]), optional(value["variance"])
    if found is not None:
        share(found)
    if variance is not None:
        at_least_zero(variance)
    return Area(found, variance, whole(value["positives"]), whole(value["negatives"]))


def bins_in(value: Mapping[str, Any] | None) -> Bins | None:
    """Bins, checked: two to ten of two or more rows, scores and shares within 0 and 1."""
    if value is None:
        return None
    columns = {name: tuple(amount(each) for each in value[name]) for name in Bins.__dataclass_fields__}
    sizes = {len(column) for column in columns.values()}
    bins = Bins(**columns)
    if len(sizes) != 1 or not 2 <= len(bins) <= MOST_BINS or min(bins.n) < 2:
        raise ValueError("not bins")
    for each in (*bins.score, *bins.label):
        share(each)
    for each in (*bins.residual, *bins.within):
        at_least_zero(each)
    return bins


def fit_in(value: Mapping[str, Any] | None) -> Fit | None:
    """A fit, checked."""
    return None if value is None else Fit(*(optional(value[name]) for name in ("value", "low", "high")))


def optional(value: Any) -> float | None:
    """A finite number or None."""
    return None if value is None else amount(value)


def share(value: float) -> float:
    """A number from 0 to 1, give or take the last digit."""
    if not LEAST_PROBABILITY - 1e-12 <= value <= MOST_PROBABILITY + 1e-12:
        raise ValueError("not a share")
    return value


def at_least_zero(value: Any) -> float:
    """A finite number that is not negative."""
    if amount(value) < 0:
        raise ValueError("a negative spread")
    return float(value)
