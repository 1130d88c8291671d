"""Reading rows where counts do not suffice: labels, scores and group codes as arrays, with what is missing told apart."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from rai.checks.saying import InputError, Said
from rai.engine.cube import MISSING
from rai.engine.labels import canonical, check_labels, too_many
from rai.engine.periods import banded
from rai.engine.places import place_of, rows_of
from rai.engine.predictions import NUMERIC
from rai.engine.sources import Limits, Source, check_rows, opened, text_literal

MAX_VALUES = 10_000
MAX_LABELS = 100
FILLED, NULL, EMPTY, NAN, INFINITE, BROKEN = range(6)
REASONS = {NULL: "NULL", EMPTY: "empty text", NAN: "NaN"}


@dataclass(frozen=True)
class Asked:
    """Which columns: the true value, the model's number beside it, groups; `positive` None for numbers as true values.

    `is_probability`: numbers outside 0 to 1 are refused.
    """

    target: str
    score: str
    groups: tuple[str, ...]
    positive: str | None = "1"
    is_probability: bool = False


@dataclass(frozen=True)
class Rows:
    """Columns as arrays of all rows: `label` and `score` float64 (NaN where missing), `codes` by group column.

    `values` names the codes of each group column; `missing` counts rows by what they lack and how it is written.
    """

    asked: Asked
    label: np.ndarray
    score: np.ndarray
    codes: Mapping[str, np.ndarray]
    values: Mapping[str, tuple[str, ...]]
    missing: Mapping[str, int]
    timings: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.label)


def read_rows(
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    asked: Asked,
    *,
    limits: Limits | None = None,
    threads: int | None = None,
    memory: str = "4GB",
    period: tuple[str, str] | None = None,
) -> Rows:
    """The rows of CSV or Parquet files as arrays: about 13 bytes a row and 4 for each group column.

    `period` names a group column of times and whether it is put into days, months, quarters or years. NULL, NaN and empty texts are missing and told apart; a text that is no number and an infinity are refused. Raises
    InputError that names file, column, row or value and the remedy.
    """
    check_asked(asked)
    started = time.perf_counter()
    with opened(files, limits=limits, threads=threads, memory=memory) as source:
        if period:
            source, _span = banded(source, *period)
        # Names are found before anything is read.
        for name in (asked.target, asked.score, *asked.groups):
            source.column(name)
        texts = {name: group_values(source, name) for name in asked.groups}
        labels = label_values(source, asked) if asked.positive is not None else None
        opened_at = time.perf_counter()
        found = fetched(source, asked, texts, labels)
        if limits:
            check_rows(source, len(found["s"]), limits)
        rows = arranged(source, asked, found, texts, labels)
    return replace(rows, timings={"read": opened_at - started, "rows": time.perf_counter() - opened_at})


def check_asked(asked: Asked) -> None:
    """Refuse one column in two parts."""
    if asked.target == asked.score:
        raise InputError('Column "{target}" cannot be true value and score at once.', target=asked.target)
    twice = next((name for name in asked.groups if asked.groups.count(name) > 1), None)
    if twice is not None:
        raise InputError('Column "{twice}" is named twice among the groups; name it once.', twice=twice)
    used = next((name for name in asked.groups if name in {asked.target, asked.score}), None)
    if used is not None:
        raise InputError('Column "{used}" cannot be a group column and true value or score at once.', used=used)


def group_values(source: Source, name: str) -> dict[str, str]:
    """Text as it stands → value of a group column; blanks become "(missing)"."""
    column = source.column(name)
    found = source.rows(f"SELECT DISTINCT CAST({column} AS VARCHAR) AS v FROM {{scan}} LIMIT {MAX_VALUES + 1}")
    if len(found) > MAX_VALUES:
        raise InputError(
            'Column "{name}" of {label} holds more than {max_values} values; put them into fewer bands.',
            name=name,
            label=source.label,
            max_values=f"{MAX_VALUES:,}",
        )
    texts = sorted(text for (text,) in found if text is not None)
    broken = next((text for text in texts if text.strip().lower().lstrip("+-") in {"nan", "inf", "infinity"}), None)
    if broken is not None:
        place = place_of(source, name, broken)
        raise InputError(
            'Group column "{name}" of {label} holds {broken}{place}; leave the field empty where the value is unknown.',
            name=name,
            label=source.label,
            broken=broken,
            place=Said(", first in {place}", place=place) if place else "",
        )
    return {text: text if text.strip() else MISSING for text in texts}


def label_values(source: Source, asked: Asked) -> dict[str, int | None]:
    """Text as it stands → 1 positive, 0 negative, None missing; refused where they are not two labels."""
    column = source.column(asked.target)
    found = source.rows(
        f"SELECT CAST({column} AS VARCHAR) AS v, count(*) FROM {{scan}} GROUP BY 1 ORDER BY 1 LIMIT {MAX_LABELS + 1}"
    )
    if len(found) > MAX_LABELS:
        raise too_many(asked.target, [text for text, _ in found if text is not None], source.label)
    positive = canonical(asked.positive)
    if positive is None:
        raise InputError("The positive label cannot be empty; name it with --positive.")
    spelled = {canonical(text): text for text, _ in found if text is not None}

    def place(name: str, value: str) -> Said | str:
        return place_of(source, name, spelled[value])

    check_labels(
        [(asked.target, canonical(text), rows) for text, rows in found],
        positive=positive, label=source.label, place=place,
    )  # fmt: skip
    return {text: coded(canonical(text), positive) for text, _ in found if text is not None}


def coded(label: str | None, positive: str) -> int | None:
    """1 for the positive label, 0 for the other, None for a missing one."""
    return None if label is None else int(label == positive)


def fetched(
    source: Source, asked: Asked, texts: Mapping[str, Mapping[str, str]], labels: Mapping[str, int | None] | None
) -> dict[str, np.ndarray]:
    """One pass over the files: `s` and `ks` the score and its kind, `y` and `ky` the true value, `g0` … group codes."""
    score, kind = number_sql(source, asked.score)
    fields = {"s": score, "ks": kind}
    if labels is None:
        fields["y"], fields["ky"] = number_sql(source, asked.target)
    else:
        fields["y"] = code_sql(source, asked.target, list(labels))
    for place, (name, values) in enumerate(texts.items()):
        fields[f"g{place}"] = code_sql(source, name, list(values))
    named = ", ".join(f"{sql} AS {name}" for name, sql in fields.items())
    return source.arrays(f"SELECT {named} FROM {{scan}}")


def number_sql(source: Source, name: str) -> tuple[str, str]:
    """SQL for a column's number (NaN where it has none) and for what stands there instead."""
    column, kind = source.column(name), source.type_of(name)
    if NUMERIC.match(kind):
        number = f"CAST({column} AS DOUBLE)"
        empty, broken = "false", "false"
    elif kind == "VARCHAR":
        number = f"TRY_CAST({column} AS DOUBLE)"
        empty, broken = f"trim({column}) = ''", f"{number} IS NULL"
    else:
        raise InputError(
            'Column "{name}" of {label} is of type {kind}; a column of numbers is needed.',
            name=name,
            label=source.label,
            kind=kind,
        )
    what = (
        f"CASE WHEN {column} IS NULL THEN {NULL} WHEN {empty} THEN {EMPTY} WHEN {broken} THEN {BROKEN}"
        f" WHEN isnan({number}) THEN {NAN} WHEN isinf({number}) THEN {INFINITE} ELSE {FILLED} END"
    )
    return f"coalesce({number}, 'nan'::DOUBLE)", f"CAST({what} AS TINYINT)"


def code_sql(source: Source, name: str, values: Sequence[str]) -> str:
    """SQL for the place of a text among `values`; as many as there are for NULL."""
    column = source.column(name)
    if not values:
        return "CAST(0 AS INTEGER)"
    listed = ", ".join(text_literal(value) for value in values)
    code = f"enum_code(CAST(CAST({column} AS VARCHAR) AS ENUM ({listed})))"
    return f"CAST(coalesce({code}, {len(values)}) AS INTEGER)"


def arranged(
    source: Source,
    asked: Asked,
    found: Mapping[str, np.ndarray],
    texts: Mapping[str, Mapping[str, str]],
    labels: Mapping[str, int | None] | None,
) -> Rows:
    """The fetched columns with codes merged over spellings, refused where a number is broken."""
    if not len(found["s"]):
        raise InputError("{label} has a header and no rows.", label=source.label)
    require_numbers(source, asked.score, found["ks"])
    if asked.is_probability:
        require_probabilities(source, asked.score, found["s"])
    if labels is None:
        require_numbers(source, asked.target, found["ky"])
        label, lacks = np.where(found["ky"] == FILLED, found["y"], np.nan), kinds("true value", found["ky"])
    else:
        label = labelled(found["y"], labels)
        lacks = unlabelled(found["y"], labels)
    score = np.where(found["ks"] == FILLED, found["s"], np.nan)
    lacks |= kinds("score" if labels is not None else "prediction", np.where(np.isnan(label), FILLED, found["ks"]))
    merged = {name: grouped(found[f"g{place}"], values) for place, (name, values) in enumerate(texts.items())}
    codes = {name: codes for name, (codes, _) in merged.items()}
    return Rows(asked, label, score, codes, {name: values for name, (_, values) in merged.items()}, lacks)


def require_numbers(source: Source, name: str, kind: np.ndarray) -> None:
    """Refuse texts that are no numbers, and infinities, by one of them and where it stands first."""
    column = source.column(name)
    tests = {
        BROKEN: (f"TRY_CAST({column} AS DOUBLE) IS NULL AND trim(CAST({column} AS VARCHAR)) <> ''", "is no number"),
        INFINITE: (f"isinf(TRY_CAST({column} AS DOUBLE))", "is no finite number"),
    }
    for code, (test, says) in tests.items():
        rows = int((kind == code).sum())
        if rows:
            ((text,),) = source.rows(f"SELECT min(CAST({column} AS VARCHAR)) FROM {{scan}} WHERE {test}")
            place = place_of(source, name, text)
            raise InputError(
                'Column "{name}" of {label} holds "{text}"{place}, which {says} ({rows_of} of the kind). Write '
                "numbers, or leave the field empty where it is unknown.",
                name=name,
                label=source.label,
                text=text[:60],
                place=Said(" in {place}", place=place) if place else "",
                says=says,
                rows_of=rows_of(rows),
            )


def require_probabilities(source: Source, name: str, score: np.ndarray) -> None:
    """Refuse numbers outside 0 to 1 by one of them and where it stands first; NaN is missing and passes."""
    rows = int(((score < 0) | (score > 1)).sum())
    if not rows:
        return
    column = source.column(name)
    number = f"TRY_CAST({column} AS DOUBLE)"
    # NaN is greater than any number in DuckDB.
    test = f"({number} < 0 OR ({number} > 1 AND NOT isnan({number})))"
    ((text,),) = source.rows(f"SELECT min(CAST({column} AS VARCHAR)) FROM {{scan}} WHERE {test}")
    place = place_of(source, name, text)
    raise InputError(
        'Column "{name}" of {label} holds {text}{place} ({rows_of} outside 0 to 1); probabilities from 0 '
        "to 1 are needed. Divide percentages by 100, or choose the column that holds the model's "
        "probability.",
        name=name,
        label=source.label,
        text=text,
        place=Said(" in {place}", place=place) if place else "",
        rows_of=rows_of(rows),
    )


def labelled(codes: np.ndarray, labels: Mapping[str, int | None]) -> np.ndarray:
    """Codes of texts as 1, 0 or NaN."""
    values = [np.nan if label is None else float(label) for label in labels.values()]
    return np.array([*values, np.nan])[codes]


def unlabelled(codes: np.ndarray, labels: Mapping[str, int | None]) -> dict[str, int]:
    """Rows without a label, by how that is written."""
    found: dict[str, int] = {}
    rows = np.bincount(codes, minlength=len(labels) + 1)
    for (text, label), n in zip([*labels.items(), (None, None)], rows, strict=True):
        if label is None and n:
            reason = f"no label: {written(text)}"
            found[reason] = found.get(reason, 0) + int(n)
    return found


def written(text: str | None) -> str:
    """How a missing value is written."""
    if text is None:
        return REASONS[NULL]
    bare = text.strip()
    return REASONS[EMPTY] if not bare else REASONS[NAN] if bare.lower() == "nan" else f'"{bare}"'


def kinds(what: str, kind: np.ndarray) -> dict[str, int]:
    """Rows without a number, by how that is written."""
    rows = np.bincount(kind, minlength=len(REASONS) + 1)
    return {f"no {what}: {words}": int(rows[code]) for code, words in REASONS.items() if rows[code]}


def grouped(codes: np.ndarray, values: Mapping[str, str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes and names of groups in order of name, blanks and NULL together as "(missing)"."""
    spelled = [*values.values(), MISSING]
    present = np.bincount(codes, minlength=len(spelled)) > 0
    names = tuple(sorted({name for name, is_there in zip(spelled, present, strict=True) if is_there}))
    places = {name: place for place, name in enumerate(names)}
    return np.array([places.get(name, 0) for name in spelled], dtype=np.int32)[codes], names
