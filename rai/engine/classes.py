"""Labels of more than two classes: counted by group, label and prediction, and turned into one-versus-rest counts."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine.cells import check_group_values
from rai.engine.counts import check_mapped, check_total, group_by_sql, planned, probe
from rai.engine.cube import MISSING, UNKNOWN, Cell, Cube, Mapped, Table, Values
from rai.engine.estimates import Estimates
from rai.engine.intervals import effective_by_classes, effective_by_confusion
from rai.engine.labels import canonical
from rai.engine.places import place_of
from rai.engine.rates import METRICS, Measurable
from rai.engine.sources import Limits, listed, opened

MOST_CLASSES = 50

Counted = Mapping[tuple[Values, str | None, str | None], int]


@dataclass(frozen=True)
class ClassCube:
    """Rows by group values, label and prediction; labels and predictions are names of `classes`, None where missing."""

    mapped: Mapped
    classes: tuple[str, ...]
    counts: Counted
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def rows(self) -> int:
        """All rows, complete or not."""
        return sum(self.counts.values())

    def one_versus_rest(self) -> Cube:
        """Binary counts of every class against all others; the class is the stratum, under the target's name."""
        sums: dict[tuple[Values, int | None, int | None], int] = {}
        for (values, truth, guess), n in self.counts.items():
            for each in self.classes:
                key = ((*values, each), is_it(truth, each), is_it(guess, each))
                sums[key] = sums.get(key, 0) + n
        cells = tuple(
            Cell(*key, n, float(n), float(n)) for key, n in sorted(sums.items(), key=lambda cell: str(cell[0]))
        )
        return Cube(replace(self.mapped, control=(self.mapped.target,)), self.rows, cells, (), self.timings)

    def table(self, by: Values) -> "ClassTable":
        """Groups by these columns (none: one group of everything) with their K × K counts."""
        spots = [self.mapped.sensitive.index(column) for column in by]
        named = [tuple(values[spot] for spot in spots) for values, _, _ in self.counts]
        groups = tuple(sorted(set(named)))
        places = {group: place for place, group in enumerate(groups)}
        codes = {name: place for place, name in enumerate(self.classes)}
        confusion = np.zeros((len(groups), len(codes), len(codes)))
        rows = np.zeros((len(groups), 3, 3))
        for group, ((_, truth, guess), n) in zip(named, self.counts.items(), strict=True):
            if truth is not None and guess is not None:
                confusion[places[group], codes[truth], codes[guess]] += n
            # Every label counts as positive and a right prediction as a positive one, so that accuracy is accuracy.
            rows[places[group], UNKNOWN if truth is None else 1, UNKNOWN if guess is None else int(truth == guess)] += n
        return ClassTable(by, groups, rows, rows, rows, None, None, None, {}, confusion=confusion)


@dataclass(frozen=True)
class ClassTable(Table):
    """k groups with their counts by label and prediction over K classes: `confusion` is (k, K, K), rows true."""

    confusion: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 0)))

    def changed(self, change: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
        """Every array of the table changed alike."""
        return {**super().changed(change), "confusion": change(self.confusion)}


@dataclass(frozen=True)
class MacroShare:
    """The mean over the classes of recall (`axis` 1: by true class) or precision (`axis` 0: by predicted class)."""

    name: str
    axis: int
    empty: str

    def estimates(self, table: Table) -> Estimates:
        """Wilson at the effective size of K independent shares; NaN where a class has no rows."""
        confusion = confusion_of(table)
        sizes = confusion.sum(axis=1 + self.axis)
        right = np.diagonal(confusion, axis1=1, axis2=2)
        shares = np.divide(right, sizes, out=np.full_like(sizes, np.nan), where=sizes > 0)
        return estimated(shares.mean(axis=1), effective_by_classes(shares, sizes), confusion)


@dataclass(frozen=True)
class MacroF1:
    """The mean of the classes' F1."""

    name: str = "macro_f1"
    empty: str = "a class that is neither true nor predicted"

    def estimates(self, table: Table) -> Estimates:
        """Wilson at the effective size from the influence of each cell (Takahashi et al. 2022)."""
        confusion = confusion_of(table)
        found = np.array([effective_by_confusion(each) for each in confusion]).reshape(-1, 2)
        return estimated(found[:, 0], found[:, 1], confusion)


MACRO: dict[str, Measurable] = {
    "accuracy": METRICS["accuracy"],
    "macro_recall": MacroShare("macro_recall", 1, "a class without rows"),
    "macro_precision": MacroShare("macro_precision", 0, "a class that is never predicted"),
    "macro_f1": MacroF1(),
}


def estimated(base: np.ndarray, size: np.ndarray, confusion: np.ndarray) -> Estimates:
    """Values with their effective sizes; 0 rows where there is no value."""
    n, size = confusion.sum(axis=(1, 2)), np.where(np.isnan(base), 0.0, size)
    return Estimates(base=base, n=n, size=size, clusters=np.full(len(base), np.nan), effective=True)


def confusion_of(table: Table) -> np.ndarray:
    """The K × K counts of a table; raises TypeError for a table of two classes, which is a defect."""
    if not isinstance(table, ClassTable):
        raise TypeError("a metric of many classes asked of two")
    return table.confusion


def is_it(label: str | None, name: str) -> int | None:
    """1 for this class, 0 for another, None for a missing one."""
    return None if label is None else int(label == name)


def read_classes(
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    target: str,
    prediction: str,
    sensitive: Sequence[str],
    limits: Limits | None = None,
) -> ClassCube:
    """The counts of CSV or Parquet files whose label and prediction name one of up to 50 classes.

    Rows without label or prediction stay in the counts as such; a missing group value becomes the group "(missing)".
    Raises InputError that names file, column or value and the remedy.
    """
    mapped = Mapped(target, prediction, tuple(sensitive))
    check_mapped(mapped)
    with opened(files, limits=limits) as source:
        plan = planned(source, mapped)
        if plan.cut:
            raise InputError(
                '"{prediction}" makes two classes of a column; name the column that holds the predicted class.',
                prediction=prediction,
            )
        probe(source, mapped, plan)
        rows = source.rows(group_by_sql(plan), **plan.values)
        if not rows:
            raise InputError("{label} has a header and no rows.", label=source.label)
        check_group_values(mapped, rows, label=source.label, place=partial(place_of, source))
        check_total(source, sum(row[len(mapped.keys) + 2] for row in rows), limits)
        counts = counted(rows, len(mapped.keys))
        return ClassCube(mapped, classes_of(counts, source.label), counts)


def counted(rows: Sequence[tuple[Any, ...]], width: int) -> Counted:
    """The rows of the GROUP BY summed over the spellings of one value."""
    sums: dict[tuple[Values, str | None, str | None], int] = {}
    for row in rows:
        values = tuple(value if value and value.strip() else MISSING for value in row[:width])
        key = (values, canonical(row[width]), canonical(row[width + 1]))
        sums[key] = sums.get(key, 0) + row[width + 2]
    return dict(sorted(sums.items(), key=lambda cell: str(cell[0])))


def classes_of(counts: Counted, label: str) -> tuple[str, ...]:
    """The classes by name. Raises InputError for one class alone and for more than fifty."""
    classes = sorted({each for _, truth, guess in counts for each in (truth, guess) if each is not None})
    if len(classes) < 2:
        raise InputError(
            "{label} holds fewer than two classes: {value}. There is nothing to predict.",
            label=label,
            value=", ".join(classes) or "none",
        )
    if len(classes) > MOST_CLASSES:
        raise InputError(
            "{label} holds {classes} classes, more than {most_classes}: {listed}. Put rare ones together.",
            label=label,
            classes=f"{len(classes):,}",
            most_classes=MOST_CLASSES,
            listed=listed(classes, most=4),
        )
    return tuple(classes)
