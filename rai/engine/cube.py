"""The count cube: rows by group, label and prediction, its JSON form, and the tables of groups cut from it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

import numpy as np

from rai.checks.saying import InputError

MISSING = "(missing)"
MAX_GROUPS = 10_000
UNKNOWN = 2

WeightKind = Literal["sampling", "frequency"]
Values = tuple[str, ...]


@dataclass(frozen=True)
class Mapped:
    """Which columns the cube was counted from."""

    target: str
    prediction: str
    sensitive: Values
    control: Values = ()
    positive: str = "1"
    weight: str | None = None
    weight_kind: WeightKind | None = None
    cluster: str | None = None

    @property
    def keys(self) -> Values:
        """The columns that a cell's values belong to, in order."""
        return (*self.sensitive, *self.control)


@dataclass(frozen=True)
class Cell:
    """Rows that share values, label and prediction (1 positive, 0 negative, None missing), Σw and Σw² of them."""

    values: Values
    label: int | None
    prediction: int | None
    rows: int
    weight: float
    square: float


@dataclass(frozen=True)
class ClusterCell:
    """Clusters of one group: second moments of their weight sums over the cells tn, fp, fn, tp.

    `moments` is the 4×4 matrix Σ_c T_c T_cᵀ by rows; `patterns[mask]` counts clusters by the cells they have rows in.
    """

    by: Values
    values: Values
    moments: tuple[float, ...]
    patterns: tuple[int, ...]


@dataclass(frozen=True)
class Cube:
    """Counts of one table of predictions; every grouping by some of its columns is a marginal of the finest cells."""

    mapped: Mapped
    rows: int
    cells: tuple[Cell, ...]
    clusters: tuple[ClusterCell, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `from_json` makes an equal cube."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Cube":
        """The cube of a JSON object; every field is checked, because the sender may have read a hostile file.

        Raises InputError where the object is not a cube.
        """
        try:
            mapped = mapped_of(value["mapped"])
            cells = tuple(cell_of(each, width=len(mapped.keys)) for each in value["cells"])
            clusters = tuple(cluster_cell_of(each) for each in value["clusters"])
            return cls(mapped, whole(value["rows"]), cells, clusters, dict(value.get("timings", {})))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                "The counts sent by the reading process are not a count cube; run the check again."
            ) from error

    @cached_property
    def strata(self) -> tuple[Values, ...]:
        """The value combinations of the control columns; one empty combination without any."""
        width = len(self.mapped.sensitive)
        return tuple(sorted({cell.values[width:] for cell in self.cells})) if self.mapped.control else ((),)

    def groupings(self, intersections: int) -> tuple[Values, ...]:
        """Every set of 1 to `intersections` sensitive columns."""
        sensitive = self.mapped.sensitive
        sizes = range(1, min(intersections, len(sensitive)) + 1)
        return tuple(by for size in sizes for by in combinations(sensitive, size))

    def table(self, by: Values, stratum: Values | None = None) -> "Table":
        """Groups by the columns `by` (none: one group of everything), in one control stratum or over all of them."""
        spots = [self.mapped.keys.index(column) for column in by]
        width = len(self.mapped.sensitive)
        chosen = [cell for cell in self.cells if stratum is None or cell.values[width:] == stratum]
        groups = tuple(sorted({tuple(cell.values[spot] for spot in spots) for cell in chosen}))
        if len(groups) > MAX_GROUPS:
            raise InputError(
                "The columns {by} make {groups} groups, more than {max_groups}. Put values into fewer bands "
                "before measuring.",
                by=", ".join(by),
                groups=f"{len(groups):,}",
                max_groups=f"{MAX_GROUPS:,}",
            )
        places = {group: place for place, group in enumerate(groups)}
        at = [
            (places[tuple(cell.values[spot] for spot in spots)], coded(cell.label), coded(cell.prediction))
            for cell in chosen
        ]
        amounts = np.array([(cell.rows, cell.weight, cell.square) for cell in chosen], dtype=np.float64)
        sums = np.zeros((3, len(groups), 3, 3))
        # One after the other in the order of the cells: sums of floats depend on it.
        np.add.at(sums, (slice(None), *np.array(at, dtype=np.intp).reshape(-1, 3).T), amounts.reshape(-1, 3).T)
        control = dict(zip(self.mapped.control, stratum, strict=True)) if stratum else {}
        moments, patterns = self.cluster_arrays(by, stratum or (), groups)
        spans = patterns is not None and patterns.sum() > self.cluster_arrays((), stratum or (), ((),))[1].sum()
        rows, weight, square = sums
        return Table(by, groups, rows, weight, square, moments, patterns, self.mapped.weight_kind, control, spans)

    def cluster_arrays(self, by: Values, stratum: Values, groups: tuple[Values, ...]) -> tuple[Any, Any]:
        """Moments (k, 4, 4) and patterns (k, 16) of the groups' clusters; None without a cluster column."""
        if self.mapped.cluster is None:
            return None, None
        key = (*by, *self.mapped.control) if stratum else by
        found = {each.values: each for each in self.clusters if each.by == key}
        rows = [found.get((*group, *stratum)) for group in groups]
        moments = [each.moments if each else (0.0,) * 16 for each in rows]
        patterns = [each.patterns if each else (0,) * 16 for each in rows]
        return np.array(moments, dtype=np.float64).reshape(-1, 4, 4), np.array(patterns, dtype=np.float64).reshape(
            -1, 16
        )


@dataclass(frozen=True)
class Table:
    """k groups of one grouping: rows, Σw and Σw² by label and prediction (0, 1, 2 = missing), arrays of (k, 3, 3)."""

    by: Values
    groups: tuple[Values, ...]
    rows: np.ndarray
    weight: np.ndarray
    square: np.ndarray
    moments: np.ndarray | None
    patterns: np.ndarray | None
    weight_kind: WeightKind | None
    control: Mapping[str, str]
    has_spanning_clusters: bool = False

    def __len__(self) -> int:
        return len(self.groups)

    def named(self, place: int) -> dict[str, str]:
        """Column → value of one group."""
        return dict(zip(self.by, self.groups[place], strict=True))

    @cached_property
    def counts(self) -> np.ndarray:
        """Complete rows as (k, 2, 2) by label and prediction; frequency weights count as rows."""
        source = self.weight if self.weight_kind == "frequency" else self.rows
        return source[:, :UNKNOWN, :UNKNOWN]

    @cached_property
    def n(self) -> np.ndarray:
        """Complete rows of each group."""
        return self.counts.sum(axis=(1, 2))

    @cached_property
    def incomplete(self) -> np.ndarray:
        """Rows of each group without label or prediction."""
        return self.rows.sum(axis=(1, 2)) - self.rows[:, :UNKNOWN, :UNKNOWN].sum(axis=(1, 2))

    @cached_property
    def incomplete_share(self) -> np.ndarray:
        """Their share of the group's rows."""
        return self.incomplete / np.maximum(self.rows.sum(axis=(1, 2)), 1)

    @cached_property
    def unnamed(self) -> np.ndarray:
        """True for groups in which a sensitive value is missing: shown, never judged."""
        return np.array([MISSING in group for group in self.groups], dtype=bool)

    def take(self, places: np.ndarray) -> "Table":
        """The table of these groups only."""
        groups = tuple(self.groups[place] for place in places)
        return replace(self, groups=groups, **self.changed(lambda array: array[places]))

    def rest(self) -> "Table":
        """For each group all others together; sums from both sides, so that nothing is lost by subtraction.

        Raises InputError where a cluster has rows in several groups: their moments do not add up.
        """
        if self.has_spanning_clusters:
            raise InputError(
                "A rule against the rest cannot be judged when a cluster has rows in several groups of {by}; use "
                "the rule over all pairs.",
                by=", ".join(self.by),
            )
        return replace(self, **self.changed(all_others))

    def changed(self, change: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
        """Every array of the table changed alike."""
        arrays = {name: getattr(self, name) for name in ("rows", "weight", "square", "moments", "patterns")}
        return {name: None if array is None else change(array) for name, array in arrays.items()}


def all_others(array: np.ndarray) -> np.ndarray:
    """For each entry of the first axis the sum of all others."""
    edge = np.zeros_like(array[:1])
    before = np.concatenate([edge, np.cumsum(array[:-1], axis=0)])
    after = np.concatenate([np.cumsum(array[:0:-1], axis=0)[::-1], edge])
    return before + after


def coded(value: int | None) -> int:
    """The place of a label or prediction in a table."""
    return UNKNOWN if value is None else value


def whole(value: Any) -> int:
    """A count; raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a count")
    return value


def amount(value: Any) -> float:
    """A finite sum; raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise ValueError("not a finite number")
    return float(value)


def texts(values: Iterable[Any], width: int | None = None) -> Values:
    """Group values; raises ValueError where one is no text or their number is wrong."""
    texts = tuple(values)
    if not all(isinstance(text, str) for text in texts) or (width is not None and len(texts) != width):
        raise ValueError("not the values of a group")
    return texts


def mapped_of(value: Mapping[str, Any]) -> Mapped:
    """The columns of a JSON cube, checked."""
    target, prediction, positive = texts([value["target"], value["prediction"], value["positive"]])
    if value["weight_kind"] not in {None, "sampling", "frequency"}:
        raise ValueError("not a kind of weight")
    weight, cluster = (None if value[name] is None else texts([value[name]])[0] for name in ("weight", "cluster"))
    keys = texts(value["sensitive"]), texts(value["control"])
    return Mapped(target, prediction, *keys, positive, weight, value["weight_kind"], cluster)


def cell_of(value: Mapping[str, Any], width: int) -> Cell:
    """One cell of a JSON cube, checked."""
    label, prediction = value["label"], value["prediction"]
    if not {label, prediction} <= {0, 1, None}:
        raise ValueError("not a label")
    values = texts(value["values"], width)
    label, prediction = (None if each is None else int(each) for each in (label, prediction))
    return Cell(values, label, prediction, whole(value["rows"]), amount(value["weight"]), amount(value["square"]))


def cluster_cell_of(value: Mapping[str, Any]) -> ClusterCell:
    """The clusters of one group of a JSON cube, checked."""
    moments = tuple(amount(each) for each in value["moments"])
    patterns = tuple(whole(each) for each in value["patterns"])
    if len(moments) != 16 or len(patterns) != 16:
        raise ValueError("not cluster moments")
    by = texts(value["by"])
    return ClusterCell(by, texts(value["values"], len(by)), moments, patterns)
