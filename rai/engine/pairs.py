"""The same curated rows as two versions predict them: matched by a key, and what the two come to side by side."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from rai.checks.saying import InputError, Said
from rai.engine.counts import key_column
from rai.engine.labels import canonical, check_labels, too_many
from rai.engine.moments import Moment, moment_of
from rai.engine.paired_areas import AreaPair, area_pair
from rai.engine.places import place_of, row_name
from rai.engine.predictions import BROKEN as NOT_COMPARABLE, broken_values, cut_sql, parsed
from rai.engine.rows import FILLED, REASONS, number_sql, require_numbers, written
from rai.engine.scores import surprise
from rai.engine.sources import Limits, Source, opened

Kind = Literal["classification", "multiclass", "regression"]
Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

MOST_ROWS = 200_000
MOST_LABELS = 50
MOST_KEYS = 50


@dataclass(frozen=True)
class Asked:
    """Which columns of both tables, what is predicted, and how many keys of rows that went wrong may be told (0: none)."""

    key: str
    target: str
    prediction: str
    score: str | None = None
    positive: str = "1"
    kind: Kind = "classification"
    shown: int = 0


@dataclass(frozen=True)
class Quantity:
    """An error of each row under both versions: its moments now and before, and those of now − before, row by row."""

    now: Moment
    before: Moment
    change: Moment


@dataclass(frozen=True)
class Pairs:
    """Two versions on the same rows. `cells` counts rows by label, previous and present prediction (2 × 2 × 2, flat).

    Of several classes every label counts as 1, and so does a right prediction. `areas` holds the previous version first.
    Without a previous table both are the present one.
    """

    asked: Asked
    rows: int
    rows_before: int | None
    matched: int
    missing: Mapping[str, int]
    relabelled: int
    cells: tuple[int, ...]
    areas: AreaPair | None = None
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    newly_wrong: tuple[str, ...] = ()
    is_probability: bool = False
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def has_previous(self) -> bool:
        """There is a previous version to hold this one against."""
        return self.rows_before is not None

    @property
    def counts(self) -> np.ndarray:
        """Rows by label, previous and present prediction, (2, 2, 2)."""
        return np.array(self.cells, dtype=np.int64).reshape(2, 2, 2)


@dataclass(frozen=True)
class Row:
    """One row as it stands in a file; what is missing is None, and `lacks` says of each column how it is written."""

    truth: str | float | None
    guess: str | float | None
    score: float | None
    lacks: Mapping[str, str]


@dataclass(frozen=True)
class Golden:
    """The rows of one table by key, and rows without a key by how that is written."""

    label: str
    rows: int
    by_key: Mapping[str, Row]
    keyless: Mapping[str, int]


def read_pairs(files: Files, previous: Files | None, asked: Asked, *, limits: Limits | None = None) -> Pairs:
    """Match the rows of two CSV or Parquet tables by the text of the key, exactly, and sum up what changed.

    Rows of one table only, without key, label or prediction are counted by reason. Raises InputError for a key that stands
    twice (with both rows), for labels or numbers that cannot be used, and for columns that are not there.
    """
    started = time.perf_counter()
    if not 0 <= asked.shown <= MOST_KEYS:
        raise InputError(
            "{shown} keys cannot be shown; from 0 to {most_keys} can.", shown=asked.shown, most_keys=MOST_KEYS
        )
    now = golden(files, asked, limits, has_target=True)
    before = None if previous is None else golden(previous, asked, limits, has_target=False)
    missing: Counter[str] = Counter({f"no key: {how}": n for how, n in now.keyless.items()})
    if before:
        missing |= Counter({f"no key in the previous table: {how}": n for how, n in before.keyless.items()})
        missing["only in the previous table"] = len(before.by_key.keys() - now.by_key.keys())
    kept = list(complete(now, before, missing))
    if not kept:
        raise InputError(
            "No row of {label} can be compared: {told}. Check the key and the columns.",
            label=now.label,
            told=told(missing),
        )
    found = summed(kept, asked)
    relabelled = sum(each[2].truth is not None and each[2].truth != each[1].truth for each in kept) if before else 0
    return Pairs(
        asked, now.rows, None if before is None else before.rows, len(kept), dict(sorted((+missing).items())), relabelled,
        timings={"read": time.perf_counter() - started}, **found,
    )  # fmt: skip


def told(missing: Counter[str]) -> str:
    """Reasons and rows for a sentence."""
    return "; ".join(f"{reason} ({rows:,})" for reason, rows in sorted((+missing).items())) or "it has no rows"


def complete(now: Golden, before: Golden | None, missing: Counter[str]) -> Iterator[tuple[str, Row, Row]]:
    """Key, present and previous row of all that have what is needed, in the order of the keys; the others are counted."""
    for key in sorted(now.by_key):
        row = now.by_key[key]
        other = row if before is None else before.by_key.get(key)
        lacking = next((f"no {what}: {row.lacks[what]}" for what in ("label", "prediction") if what in row.lacks), None)
        if other is None:
            missing["only in this table"] += 1
        elif lacking:
            missing[lacking] += 1
        elif "prediction" in other.lacks:
            missing[f"no prediction in the previous table: {other.lacks['prediction']}"] += 1
        else:
            for side, where in ((row, ""), (other, " in the previous table")):
                if "score" in side.lacks and (before is not None or not where):
                    missing[f"no score{where}: {side.lacks['score']}"] += 1
            yield key, row, other


# ---- one table


def golden(files: Files, asked: Asked, limits: Limits | None, *, has_target: bool) -> Golden:
    """The rows of a table by key; the previous table may lack the label, because the present one is judged by."""
    with opened(files, limits=limits, threads=1) as source:
        read = fetched(source, asked, has_target=has_target or asked.target in source.columns)
        by_key: dict[str, Row] = {}
        seats: dict[str, int] = {}
        keyless: Counter[str] = Counter()
        for number, key, row in read:
            if key is None or not key.strip() or key.strip().lower() == "nan":
                keyless[written(key)] += 1
                continue
            if key in by_key:
                raise doubled(source, asked, key, seats[key], number)
            by_key[key], seats[key] = row, number
        return Golden(source.label, len(read), by_key, keyless)


def doubled(source: Source, asked: Asked, key: str, first: int, second: int) -> InputError:
    """The sentence for a key that names two rows. The key itself is told only where keys may be."""
    named = f' "{key[:60]}"' if asked.shown else ""
    return InputError(
        '{label} holds the same key{named} of column "{key}" twice: in {row_name} and {row_name2}. A '
        "golden set holds each case once; take one of them out, or choose another key.",
        label=source.label,
        named=named,
        key=asked.key,
        row_name=row_name(source, first),
        row_name2=row_name(source, second),
    )


def fetched(source: Source, asked: Asked, *, has_target: bool) -> list[tuple[int, str | None, Row]]:
    """Row number, key and cells of every row, in the order of the file."""
    fields, values = selected(source, asked, has_target=has_target)
    named = ", ".join(f"{sql} AS {name}" for name, sql in fields.items())
    found = source.rows(f"SELECT row_number() OVER () AS r, {named} FROM {{scan}} LIMIT {MOST_ROWS + 1}", **values)
    if not found:
        raise InputError("{label} has a header and no rows.", label=source.label)
    if len(found) > MOST_ROWS:
        raise InputError(
            "{label} holds more than {most_rows} rows; a golden set is curated, choose fewer.",
            label=source.label,
            most_rows=f"{MOST_ROWS:,}",
        )
    names = ("r", *fields)
    rows = [dict(zip(names, each, strict=True)) for each in found]
    require_usable(source, asked, rows)
    said = "1" if asked.kind == "classification" and not isinstance(parsed(asked.prediction, source), str) else None
    return [(each["r"], each["key"], row_of(each, asked, said)) for each in rows]


def selected(source: Source, asked: Asked, *, has_target: bool) -> tuple[dict[str, str], dict[str, object]]:
    """SQL of every column that is read, and its bound values."""
    fields = {"key": f"CAST({key_column(source, asked.key)} AS VARCHAR)"}
    if asked.kind == "regression":
        fields["guess"], fields["guess_kind"] = number_sql(source, asked.prediction)
        if has_target:
            fields["truth"], fields["truth_kind"] = number_sql(source, asked.target)
        return fields, {}
    what = parsed(asked.prediction, source)
    sql, values = (key_column(source, what), {}) if isinstance(what, str) else cut_sql(what, source)
    fields["guess"] = f"CAST({sql} AS VARCHAR)"
    # What the column itself holds: a comparison says of nothing how it is written.
    fields["said"] = f"CAST({source.column(what if isinstance(what, str) else what.column)} AS VARCHAR)"
    if has_target:
        fields["truth"] = f"CAST({key_column(source, asked.target)} AS VARCHAR)"
    if asked.score:
        fields["score"], fields["score_kind"] = number_sql(source, asked.score)
    return fields, values


def require_usable(source: Source, asked: Asked, rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse texts where numbers are due, and labels that are not those of the kind."""
    for name, column in (("score", asked.score), ("guess", asked.prediction), ("truth", asked.target)):
        if column and f"{name}_kind" in rows[0]:
            require_numbers(source, column, np.array([row[f"{name}_kind"] for row in rows]))
    if asked.kind == "regression":
        return
    what = parsed(asked.prediction, source)
    if not isinstance(what, str) and any(row["guess"] == str(NOT_COMPARABLE) for row in rows):
        raise broken_values(what, source)
    spelled = {(asked.target, "truth"), *([(what, "guess")] if isinstance(what, str) else [])}
    require_labels(source, asked, {column: Counter(row.get(name) for row in rows) for column, name in sorted(spelled)})


def require_labels(source: Source, asked: Asked, found: Mapping[str, Counter[str | None]]) -> None:
    """Two labels, or as many classes as are taken."""
    for column, texts in found.items():
        if len(texts) > MOST_LABELS:
            raise too_many(column, sorted(text for text in texts if text is not None), source.label)
    if asked.kind == "multiclass":
        return
    positive = canonical(asked.positive)
    if positive is None:
        raise InputError("The positive label cannot be empty; name it with --positive.")
    each = [(column, canonical(text), n) for column, texts in found.items() for text, n in texts.items()]

    def place(name: str, value: str) -> Said | str:
        return place_of(source, name, next(text for text in found[name] if text and canonical(text) == value))

    check_labels(each, positive=positive, label=source.label, place=place)


def row_of(cells: Mapping[str, Any], asked: Asked, said: str | None) -> Row:
    """One row; labels as 1.0 and 0.0 where there are two. `said` is what a comparison writes for a positive prediction."""
    lacks: dict[str, str] = {}
    if asked.kind == "regression":
        number = {name: value_of(cells, name) for name in ("truth", "guess")}
        for name, what in (("truth", "label"), ("guess", "prediction")):
            if number[name] is None:
                lacks[what] = REASONS.get(cells.get(f"{name}_kind", 1), REASONS[1])
        return Row(number["truth"], number["guess"], None, lacks)
    truth, guess = canonical(cells.get("truth")), canonical(cells["guess"])
    for what, text, found in (("label", cells.get("truth"), truth), ("prediction", cells["said"], guess)):
        if found is None:
            lacks[what] = written(text)
    score = value_of(cells, "score") if asked.score else None
    if asked.score and score is None:
        lacks["score"] = REASONS[cells["score_kind"]]
    if asked.kind == "multiclass":
        return Row(truth, guess, None, lacks)
    positive = canonical(asked.positive)
    sides = [
        None if each is None else float(each == wanted)
        for each, wanted in ((truth, positive), (guess, said or positive))
    ]
    return Row(sides[0], sides[1], score, lacks)


def value_of(cells: Mapping[str, Any], name: str) -> float | None:
    """A number that is there."""
    return float(cells[name]) if cells.get(f"{name}_kind") == FILLED else None


# ---- both together


def summed(kept: Sequence[tuple[str, Row, Row]], asked: Asked) -> dict[str, Any]:
    """What the matched rows come to."""
    if asked.kind == "regression":
        return {"cells": (0,) * 8, "quantities": errors(kept)}
    coded = [(key, *codes(row, other)) for key, row, other in kept]
    counts = Counter((label, before, now) for _key, label, before, now in coded)
    cells = tuple(counts[(a, b, c)] for a in (0, 1) for b in (0, 1) for c in (0, 1))
    wrong = [key for key, label, before, now in coded if before == label != now]
    found: dict[str, Any] = {"cells": cells, "newly_wrong": tuple(wrong[: asked.shown])}
    return found | (ranked(kept) if asked.score and asked.kind == "classification" else {})


def codes(row: Row, other: Row) -> tuple[int, int, int]:
    """Label, previous and present prediction as 0 or 1; of several classes whether each is right."""
    if isinstance(row.truth, str):
        return 1, int(other.guess == row.truth), int(row.guess == row.truth)
    return int(row.truth or 0), int(other.guess or 0), int(row.guess or 0)


def ranked(kept: Sequence[tuple[str, Row, Row]]) -> dict[str, Any]:
    """Areas and errors of the scores, over rows that have both."""
    both = [(row, other) for _key, row, other in kept if row.score is not None and other.score is not None]
    label = np.array([row.truth for row, _ in both], dtype=np.float64)
    now, before = (np.array([pair[place].score for pair in both], dtype=np.float64) for place in (0, 1))
    found: dict[str, Any] = {"areas": area_pair(label, before, now)}
    if len(both) and min(now.min(), before.min()) >= 0 and max(now.max(), before.max()) <= 1:
        order = np.lexsort((now, before, label))
        label, now, before = label[order], now[order], before[order]
        sides = {"brier_score": [(label - each) ** 2 for each in (now, before)], "log_loss": [surprise(each, label) for each in (now, before)]}  # fmt: skip
        found |= {"is_probability": True, "quantities": {name: quantity(*each) for name, each in sides.items()}}
    return found


def errors(kept: Sequence[tuple[str, Row, Row]]) -> dict[str, Quantity]:
    """Sizes and squares of the errors of numbers."""
    columns = (
        [row.truth for _, row, _ in kept],
        [row.guess for _, row, _ in kept],
        [other.guess for _, _, other in kept],
    )
    truth, now, before = (np.array(each, dtype=np.float64) for each in columns)
    order = np.lexsort((before, now, truth))
    residual = [truth[order] - each[order] for each in (now, before)]
    return {
        "mean_absolute_error": quantity(*(np.abs(each) for each in residual)),
        "mean_squared_error": quantity(*(each**2 for each in residual)),
    }


def quantity(now: np.ndarray, before: np.ndarray) -> Quantity:
    """The moments of an error of each row, and of its change."""
    return Quantity(moment_of(now), moment_of(before), moment_of(now - before))
