"""How the labels of a group lie apart from those of all others: Clarify's distances, in total and within strata."""

import math

import numpy as np

from rai.checks.contract import Measure
from rai.engine.cube import Cube, Table
from rai.engine.divergences import jensen_shannon, kullback_leibler, largest_gap, lp_norm, total_variation
from rai.engine.intervals import mover_difference
from rai.engine.rates import Metric, rates_of

UNDEFINED = "labels of this group or of all others are missing"


def apart(table: Table, labels: Metric, z: float) -> list[dict[str, Measure]]:
    """DPL, KL, JS, L2, TVD and KS of every group's labels against those of all others (facet d, facet a).

    DPL = q_a − q_d with MOVER limits; for two labels TVD and KS are |DPL| and L2 is √2·|DPL|, so their limits follow
    exactly. KL is KL(P_a ‖ P_d) in nats; KL and JS are plug-in figures without an interval.
    """
    if len(table) < 2 or table.has_spanning_clusters:
        return [alone() for _ in range(len(table))]
    group, rest = rates_of(table, labels), rates_of(table.rest(), labels)
    limits = mover_difference(rest.base, *rest.limits(z), group.base, *group.limits(z))
    rows = (group.n + rest.n).astype(np.int64)
    return [
        alone() if math.isnan(q_d + q_a) else distances(float(q_a), float(q_d), float(low), float(high), int(n))
        for q_a, q_d, low, high, n in zip(rest.base, group.base, *limits, rows, strict=True)
    ]


def alone() -> dict[str, Measure]:
    """Null for every distance, with the reason."""
    names = ("label_difference", "kl", "js", "lp", "tvd", "ks")
    return {name: Measure(None, None, None, "mover", 0, reason=UNDEFINED) for name in names}


def distances(q_a: float, q_d: float, low: float, high: float, n: int) -> dict[str, Measure]:
    """Every distance of one group from the two rates of positive labels and the limits of their difference."""
    a, d = np.array([1 - q_a, q_a]), np.array([1 - q_d, q_d])
    least, most = max(low, -high, 0.0), max(high, -low)
    divergence = kullback_leibler(a, d)
    infinite = "all others have a label that this group never has"
    return {
        "label_difference": Measure(q_a - q_d, low, high, "mover", n),
        "kl": Measure(divergence, None, None, "plug_in", n)
        if math.isfinite(divergence)
        else Measure(None, None, None, "plug_in", n, reason=infinite),
        "js": Measure(jensen_shannon(a, d), None, None, "plug_in", n),
        "lp": Measure(lp_norm(a, d), math.sqrt(2) * least, math.sqrt(2) * most, "mover", n),
        "tvd": Measure(total_variation(a, d), least, most, "mover", n),
        "ks": Measure(largest_gap(a, d), least, most, "mover", n),
    }


def conditional_disparity(cube: Cube, table: Table) -> list[dict[str, Measure]]:
    """CDDL = Σ n_i DDL_i / n over the strata i of the control columns; DDL = n_d⁰/n⁰ − n_d¹/n¹ (Clarify, CDDL).

    Without control columns there is none; a stratum with one label only has no DDL, and the figure is null.
    """
    if not cube.mapped.control:
        return [{} for _ in range(len(table))]
    strata = {stratum: cube.table(table.by, stratum) for stratum in cube.strata}
    return [{"cddl": within_strata(strata, group)} for group in table.groups]


def within_strata(strata: dict[tuple[str, ...], Table], group: tuple[str, ...]) -> Measure:
    """The conditional disparity of one group."""
    total = weighted = 0.0
    for stratum, table in strata.items():
        labels = label_sums(table)
        rejected, accepted = labels.sum(axis=0)
        n = float(rejected + accepted)
        if n == 0:
            continue
        if rejected == 0 or accepted == 0:
            where = " × ".join(stratum)
            return Measure(None, None, None, "plug_in", 0, reason=f"{where}: one label only")
        own = labels[table.groups.index(group)] if group in table.groups else np.zeros(2)
        total, weighted = total + n, weighted + n * float(own[0] / rejected - own[1] / accepted)
    if total == 0:
        return Measure(None, None, None, "plug_in", 0, reason="no labelled rows")
    return Measure(weighted / total, None, None, "plug_in", round(total))


def label_sums(table: Table) -> np.ndarray:
    """Rows (or weights) by group and label, (k, 2): label 0, label 1."""
    source = table.weight if table.weight_kind else table.rows
    return source[:, :2, :2].sum(axis=2)
