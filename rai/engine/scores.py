"""What scores and numbers come to by group: sums, areas and bins that fit into a message, and their tables."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine.areas import THREADS, Area, area, in_threads, parted
from rai.engine.calibration import Bins, bins_of
from rai.engine.cube import MAX_GROUPS, Table
from rai.engine.fit import Fit, fit_of
from rai.engine.moments import Moment, moment_of, together
from rai.engine.rows import Asked, Rows, read_rows
from rai.engine.sources import Limits

Values = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One group: `rows` by true value (0, 1, missing) and whether the number beside it is there, 3 × 2.

    `moments` by quantity; `area` and `bins` for scores with labels, `fit` for numbers.
    """

    by: Values
    values: Values
    rows: tuple[tuple[int, int], ...]
    moments: Mapping[str, Moment]
    area: Area | None = None
    bins: Bins | None = None
    fit: Fit | None = None

    @property
    def n(self) -> int:
        """Complete rows."""
        return self.rows[0][0] + self.rows[1][0]


@dataclass(frozen=True)
class Book:
    """Every group of every grouping. `is_probability`: all scores lie in [0, 1]; `least` and `most` are their ends."""

    asked: Asked
    rows: int
    missing: Mapping[str, int]
    least: float | None
    most: float | None
    parts: tuple[Part, ...]
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def is_probability(self) -> bool:
        """All scores can be probabilities."""
        return self.least is not None and self.most is not None and self.least >= 0 and self.most <= 1

    def table(self, by: Values) -> "ScoreTable":
        """The groups of one grouping."""
        parts = tuple(part for part in self.parts if part.by == by)
        rows = np.zeros((len(parts), 3, 3))
        for place, part in enumerate(parts):
            rows[place, :, 0], rows[place, :, 2] = zip(*part.rows, strict=True)
        groups = tuple(part.values for part in parts)
        return ScoreTable(by, groups, rows, rows, rows, None, None, None, {}, False, parts)

    def groupings(self, most: int) -> tuple[Values, ...]:
        """Every set of 1 to `most` group columns."""
        sizes = range(1, min(most, len(self.asked.groups)) + 1)
        return tuple(by for size in sizes for by in combinations(self.asked.groups, size))


@dataclass(frozen=True)
class ScoreTable(Table):
    """Groups of one grouping with what their scores come to."""

    parts: tuple[Part, ...] = ()

    def take(self, places: np.ndarray) -> "ScoreTable":
        """The table of these groups only."""
        chosen = super().take(places)
        return replace(self, **vars(chosen) | {"parts": tuple(self.parts[place] for place in places)})

    def rest(self) -> "ScoreTable":
        """For each group the moments of all others together; areas and bins do not add up and are left out."""
        moments = [part.moments for part in self.parts]
        before, after = running(moments), running(moments[::-1])[::-1]
        parts = tuple(
            replace(part, moments=together(one, other), area=None, bins=None, fit=None)
            for part, one, other in zip(self.parts, before, after, strict=True)
        )
        return replace(self, **vars(super().rest()) | {"parts": parts})


def running(moments: Sequence[Mapping[str, Moment]]) -> list[Mapping[str, Moment]]:
    """For each place all that stand before it, together."""
    found: list[Mapping[str, Moment]] = [{}]
    for each in moments[:-1]:
        found.append(together(found[-1], each))
    return found


def read_scores(
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    target: str,
    score: str,
    groups: Sequence[str] = (),
    positive: str | None = "1",
    intersections: int = 1,
    searched: int = 0,
    is_probability: bool = False,
    limits: Limits | None = None,
    threads: int | None = None,
    period: tuple[str, str] | None = None,
) -> Book:
    """What the scores of CSV or Parquet files come to, over all rows and by every set of 1 to `intersections` columns.

    `positive` names the positive label; None reads the true values as numbers. `period` as for `read_rows`.
    `is_probability` refuses scores outside 0 to 1. Raises InputError as `read_rows` does.
    """
    asked = Asked(target, score, tuple(groups), positive, is_probability)
    rows = read_rows(files, asked, limits=limits, threads=threads, period=period)
    return book(rows, intersections=intersections, searched=searched)


def book(rows: Rows, *, intersections: int = 1, searched: int = 0) -> Book:
    """The book of rows, with sets of up to `searched` columns as far as they do not make too many groups.

    Everything is computed from sorted values, so that no digit depends on the order of rows.
    """
    started = time.perf_counter()
    complete = ~np.isnan(rows.label) & ~np.isnan(rows.score)
    scores = rows.score[complete]
    names = rows.asked.groups
    sizes = range(min(max(intersections, searched), len(names)) + 1)
    groupings = [by for size in sizes for by in combinations(names, size)]
    kept = [by for by in groupings if len(by) <= intersections or is_searchable(rows, by)]
    parts = [part for by in kept for part in parts_of(rows, complete, by)]
    least, most = (float(scores.min()), float(scores.max())) if len(scores) else (None, None)
    timings = {**rows.timings, "summarise": time.perf_counter() - started}
    return Book(rows.asked, len(rows), dict(rows.missing), least, most, tuple(parts), timings)


def is_searchable(rows: Rows, by: Values) -> bool:
    """The columns make no more groups than are taken, even if every combination of values stands there."""
    return int(np.prod([len(rows.values[name]) for name in by], dtype=np.int64)) <= MAX_GROUPS


def parts_of(rows: Rows, complete: np.ndarray, by: Values) -> list[Part]:
    """The groups of one grouping that have rows."""
    codes, groups = coded(rows, by)
    kinds = np.where(np.isnan(rows.label), 2, np.where(rows.label == 1, 1, 0) if rows.asked.positive else 0)
    places = (codes * 3 + kinds) * 2 + np.isnan(rows.score)
    counts = np.bincount(places, minlength=6 * len(groups)).reshape(-1, 3, 2).tolist()
    inside = codes[complete]
    if rows.asked.positive is None:
        found = numbers_of(rows.label[complete], rows.score[complete], inside, len(groups))
    else:
        sides = parted(rows.label[complete].astype(np.int8), rows.score[complete], inside, len(groups))
        found = in_threads(lambda group: scored(*sides.sides(group)), len(groups), THREADS)
    return [
        Part(by, group, tuple((one[0], one[1]) for one in count), **each)
        for group, count, each in zip(groups, counts, found, strict=True)
    ]


def coded(rows: Rows, by: Values) -> tuple[np.ndarray, list[Values]]:
    """For each row the number of its group among those that have rows, and the groups in order."""
    codes = np.zeros(len(rows), dtype=np.int64)
    for name in by:
        codes = codes * len(rows.values[name]) + rows.codes[name]
    size = int(np.prod([len(rows.values[name]) for name in by], dtype=np.int64))
    present = np.flatnonzero(np.bincount(codes, minlength=size)) if size <= len(rows) + 10**6 else np.unique(codes)
    if len(present) > MAX_GROUPS:
        raise InputError(
            "The columns {by} make {present} groups, more than {max_groups}. Put values into fewer bands "
            "before measuring.",
            by=", ".join(by),
            present=f"{len(present):,}",
            max_groups=f"{MAX_GROUPS:,}",
        )
    groups = [named(rows, by, int(code)) for code in present]
    return np.searchsorted(present, codes), groups


def named(rows: Rows, by: Values, code: int) -> Values:
    """The values of a group's number."""
    found = []
    for name in reversed(by):
        code, place = divmod(code, len(rows.values[name]))
        found.append(rows.values[name][place])
    return tuple(reversed(found))


def scored(positives: np.ndarray, negatives: np.ndarray) -> dict[str, Any]:
    """Area, bins and moments of sorted scores of positives and negatives."""
    score = np.concatenate([negatives, positives])
    label = np.repeat([0.0, 1.0], [len(negatives), len(positives)])
    # Two sorted runs: a stable sort only merges them, negatives first where scores are equal.
    order = np.argsort(score, kind="stable")
    score, label = score[order], label[order]
    found = {"area": area(positives, negatives), "moments": {"score": moment_of(score), "label": moment_of(label)}}
    if not len(score) or score[0] < 0 or score[-1] > 1:
        return found
    residual = label - score
    more = {"residual": residual, "brier_score": residual**2, "log_loss": surprise(score, label)}
    moments = {**found["moments"], **{name: moment_of(values) for name, values in more.items()}}  # type: ignore[dict-item]
    return {**found, "moments": moments, "bins": bins_of(score, label)}


def surprise(score: np.ndarray, label: np.ndarray) -> np.ndarray:
    """−log of the probability given to what happened, kept off 0 and 1 by one float64 step as scikit-learn does."""
    step = np.finfo(np.float64).eps
    kept = np.clip(score, step, 1 - step)
    return -np.log(np.where(label == 1, kept, 1 - kept))


def numbers_of(truth: np.ndarray, guess: np.ndarray, codes: np.ndarray, groups: int) -> list[dict[str, Any]]:
    """Moments of errors and the fit of every group of numbers."""
    order = np.lexsort((guess, truth, codes))
    truth, guess = truth[order], guess[order]
    edges = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=groups))])
    return [errors(truth[first:last], guess[first:last]) for first, last in pairwise(edges)]


def errors(truth: np.ndarray, guess: np.ndarray) -> dict[str, Any]:
    """Moments of true value, error, its size and its square, and the fit."""
    residual = truth - guess
    values = {
        "label": truth,
        "score": guess,
        "residual": residual,
        "absolute": np.abs(residual),
        "squared": residual**2,
    }
    return {"moments": {name: moment_of(each) for name, each in values.items()}, "fit": fit_of(truth, residual)}
