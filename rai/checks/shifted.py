"""One column of two tables: its statistics as figures with limits, its bins, and what makes it unfit to be judged."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from rai.checks.contract import Measure
from rai.engine.distances import dkw, homogeneity, stability_index
from rai.engine.intervals import mover_difference, wilson
from rai.engine.judging import Figure, nothing, share_of
from rai.engine.shift import Column

# More rows than this with a category that the reference does not know, and no verdict is possible on the rest.
MOST_UNSEEN = 0.05
NAMED_UNSEEN = 20


@dataclass(frozen=True)
class Shifted:
    """A column and its statistics."""

    column: Column

    @cached_property
    def about(self) -> dict[str, str]:
        """What figures of it are about."""
        return {"column": self.column.name}

    @cached_property
    def known(self) -> tuple[np.ndarray, np.ndarray]:
        """Counts over the bins that the reference fixes; categories that it lacks are left out."""
        reference = np.array(self.column.counts_reference, dtype=np.float64)
        current = np.array(self.column.counts_current, dtype=np.float64)
        if self.column.kind == "category":
            return reference[reference > 0], current[reference > 0]
        return reference, current

    @property
    def unseen_rows(self) -> int:
        """Rows of the current table with a category that the reference lacks."""
        if self.column.kind != "category":
            return 0
        return int(sum(self.column.counts_current) - self.known[1].sum())

    @property
    def blocked(self) -> str | None:
        """Why the column takes no part in a verdict."""
        if self.column.kind not in {"number", "category"}:
            return self.column.kind
        if self.unseen_rows > MOST_UNSEEN * sum(self.column.counts_current):
            return "too_much_left_out"
        return None

    def figure(self, statistic: str) -> Figure | None:
        """A statistic of the column; None where it does not apply to columns of its kind."""
        if statistic == "missing_difference":
            return self.missing() if self.column.kind != "one_table" else self.unfit("mover")
        if self.column.kind not in {"number", "category"}:
            return self.unfit(statistic)
        if statistic == "psi":
            return self.psi()
        applies = {"ks": "number", "unseen_share": "category"}
        if applies[statistic] != self.column.kind:
            return None
        return self.ks() if statistic == "ks" else self.unseen_share()

    def unfit(self, method: str) -> Figure:
        """A figure without a value, and why. What nobody named may be left aside."""
        filled = self.column.reference.filled + self.column.current.filled
        broken = self.column.kind == "mixed" or (self.column.kind == "no_rows" and filled > 0)
        return Figure(self.about, None, nothing, 0, method, self.column.kind, blocks=self.column.is_chosen or broken)

    def psi(self) -> Figure:
        """The stability index, value ± z·SE, not below 0."""
        rows = int(min(side.sum() for side in self.known))
        if rows == 0:
            return Figure(self.about, None, nothing, 0, "psi_delta", "too_much_left_out")
        value, error, _plain = stability_index(*self.known)
        return Figure(self.about, value, lambda z: (max(value - z * error, 0.0), value + z * error), rows, "psi_delta", self.blocked)  # fmt: skip

    def ks(self) -> Figure:
        """The Kolmogorov–Smirnov distance with distribution-free limits."""
        value, n, m = float(self.column.ks or 0.0), sum(self.column.counts_reference), sum(self.column.counts_current)

        def limits(z: float) -> tuple[float, float]:
            return max(value - dkw(n, m, z), 0.0), min(value + dkw(n, m, z), 1.0)

        return Figure(self.about, value, limits, min(n, m), "dkw", self.blocked)

    def unseen_share(self) -> Figure:
        """The share of current rows with a category that the reference lacks."""
        return share_of(self.about, self.unseen_rows, sum(self.column.counts_current))

    def missing(self) -> Figure:
        """How much the shares of missing cells differ, |p − q| with MOVER limits."""
        sides = self.column.reference, self.column.current
        p, q = (np.array(side.missing / side.rows) for side in sides)
        n, m = (np.array(side.rows) for side in sides)

        def limits(z: float) -> tuple[float, float]:
            low, high = mover_difference(q, *wilson(q, m, z), p, *wilson(p, n, z))
            return max(float(low), -float(high), 0.0), max(float(high), -float(low))

        return Figure(self.about, abs(float(q - p)), limits, int(min(n, m)), "mover")

    def measures(self, z: float) -> dict[str, Measure]:
        """Every statistic that applies, with its interval."""
        figures = {name: self.figure(name) for name in ("psi", "ks", "unseen_share", "missing_difference")}
        found = {name: figure.measure(z) for name, figure in figures.items() if figure is not None}
        if self.column.kind == "number":
            found["wasserstein"] = self.wasserstein(z)
        return found

    def wasserstein(self, z: float) -> Measure:
        """The distance in standard deviations of the reference, value ± z·SE by resampling rows; display only."""
        column, scale = self.column, float(self.column.deviation or 0.0)
        rows = min(sum(column.counts_reference), sum(column.counts_current))
        if scale == 0:
            return Measure(None, None, None, "resampling", rows, reason="the reference does not vary")
        value, error = float(column.wasserstein or 0.0) / scale, float(column.wasserstein_error or 0.0) / scale
        return Measure(value, max(value - z * error, 0.0), value + z * error, "resampling", rows)

    def tests(self) -> dict[str, Any]:
        """For reading beside other tools, never deciding: the plain index, and for categories Pearson's χ²."""
        if self.column.kind not in {"number", "category"} or not self.known[1].sum():
            return {}
        plain = stability_index(*self.known)[2]
        found: dict[str, Any] = {"psi_plain": plain if math.isfinite(plain) else None}
        if self.column.kind == "category":
            counts = (
                np.array(side, dtype=np.float64) for side in (self.column.counts_reference, self.column.counts_current)
            )
            statistic, degrees, p, approximate = homogeneity(*counts)
            found["chi_square"] = {"statistic": statistic, "degrees": degrees, "p": p, "approximate": approximate}
        if self.column.means is not None:
            found["means"] = {"reference": self.column.means[0], "current": self.column.means[1]}
        return found

    def bins(self) -> tuple[Mapping[str, Any], ...]:
        """Rows of both tables in each bin: a category, or numbers above one edge up to the next."""
        column = self.column
        if column.kind == "category":
            names: list[dict[str, Any]] = [{"value": value} for value in column.values]
        else:
            edges = [None, *column.edges, None]
            names = [{"above": low, "up_to": high} for low, high in pairwise(edges)]
        sides = zip(column.counts_reference, column.counts_current, strict=True)
        return tuple({**name, "reference": n, "current": m} for name, (n, m) in zip(names, sides, strict=False))

    def unseen(self) -> tuple[Mapping[str, Any], ...]:
        """Categories that only the current table has, the most frequent first."""
        if self.column.kind != "category":
            return ()
        sides = zip(self.column.values, self.column.counts_reference, self.column.counts_current, strict=True)
        found = sorted(((m, value) for value, n, m in sides if n == 0 and m > 0), key=lambda each: (-each[0], each[1]))
        return tuple({"value": value, "rows": m} for m, value in found[:NAMED_UNSEEN])


def shifted(column: Column) -> Shifted:
    """The statistics of a column."""
    return Shifted(column)
