"""What SHAP values of rows say beyond their mean: how a value goes with its input, how it spreads, how simple the model is."""

from typing import Any

import numpy as np

Array = np.ndarray

SHOWN_INPUTS, BINS, LEVELS = 4, 10, 21
LEAST_FOR_BINS = 20
MOST_FITTED = 4096


def first_of(values: Array) -> list[int]:
    """The inputs with the largest mean |φ|, the largest first. `values` rows x inputs."""
    return [int(index) for index in np.argsort(-np.abs(values).mean(axis=0), kind="stable")[:SHOWN_INPUTS]]


def dependence(cells: Array, values: Array) -> list[dict[str, Any]]:
    """Mean φ and its standard error in up to ten bins of equal mass of one input's cells; equal cells are never split.

    `cells` and `values` (rows,), NaN where a cell is empty: those are a bin of their own with `low` and `high` null.
    """
    filled = ~np.isnan(cells)
    bins = []
    if filled.any():
        edges = np.unique(np.quantile(cells[filled], np.linspace(0, 1, BINS + 1), method="lower"))
        place = np.clip(np.searchsorted(edges, cells, side="right") - 1, 0, max(len(edges) - 2, 0))
        bins = [binned(cells, values, filled & (place == index)) for index in range(max(len(edges) - 1, 1))]
    return [each for each in [*bins, binned(cells, values, ~filled)] if each["n"]]


def binned(cells: Array, values: Array, rows: Array) -> dict[str, Any]:
    """One bin: its range of cells, mean φ and standard error (null below two rows)."""
    count = int(rows.sum())
    inside, found = cells[rows], values[rows]
    known = count > 0 and not np.isnan(inside).any()
    return {
        "low": float(inside.min()) if known else None, "high": float(inside.max()) if known else None, "n": count,
        "mean": float(found.mean()) if count else None,
        "error": float(found.std(ddof=1) / np.sqrt(count)) if count > 1 else None,
    }  # fmt: skip


def spread(cells: Array, values: Array, limit: float) -> list[dict[str, Any]]:
    """How many rows have a φ in each of 21 steps from −limit to limit, and how high their cells lie among all (0 to 1).

    A density instead of a point a row: it stays readable, and equally small, for any number of rows.
    """
    step = 2 * limit / LEVELS if limit > 0 else 1.0
    place = (
        np.clip(((values + limit) / step).astype(int), 0, LEVELS - 1)
        if limit > 0
        else np.full(len(values), LEVELS // 2)
    )
    filled = ~np.isnan(cells)
    ranks = np.full(len(cells), np.nan)
    if filled.any():
        rising = np.sort(cells[filled])
        ranks[filled] = (
            np.searchsorted(rising, cells[filled]) + np.searchsorted(rising, cells[filled], side="right")
        ) / (2 * len(rising))
    levels = []
    for index in range(LEVELS):
        rows = place == index
        known = ranks[rows & filled]
        if rows.any():
            middle = -limit + (index + 0.5) * step
            levels.append(
                {"middle": middle, "n": int(rows.sum()), "height": float(known.mean()) if len(known) else None}
            )
    return levels


def shapes(cells: Array, values: Array, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Dependence and spread of the inputs that move the score most. `cells`, `values` rows x inputs."""
    top = first_of(values)
    limit = float(np.abs(values[:, top]).max()) if len(values) else 0.0
    return [
        {"name": names[index], "bins": dependence(cells[:, index], values[:, index]),
         "levels": spread(cells[:, index], values[:, index], limit)}
        for index in top
    ]  # fmt: skip


def surrogate(cells: Array, raw: Array) -> dict[str, Any]:
    """How well a straight line in the inputs follows the raw score: R² on the half of the rows that it was not fitted on.

    Empty cells are their column's mean. R² is null where the score never moves or rows are too few.
    """
    rows = min(len(cells), MOST_FITTED)
    half, width = rows // 2, cells.shape[1]
    found: dict[str, Any] = {"kind": "linear", "fitted": half, "rows": rows - half, "r2": None}
    if half < width + LEAST_FOR_BINS:
        return found
    with np.errstate(invalid="ignore", divide="ignore"):
        filled = ~np.isnan(cells[:rows])
        counted = np.maximum(filled.sum(axis=0), 1)
        means = np.where(filled, cells[:rows], 0).sum(axis=0) / counted
        centred = np.where(filled, cells[:rows] - means, 0)
        scale = np.sqrt((centred**2).mean(axis=0))
        design = np.column_stack([np.ones(rows), centred / np.where(scale > 0, scale, 1)])
    weights = np.linalg.lstsq(design[:half], raw[:half], rcond=None)[0]
    rest = raw[half:rows] - design[half:] @ weights
    total = raw[half:rows] - raw[half:rows].mean()
    return found | {"r2": 1 - float(rest @ rest / (total @ total)) if total.any() else None}
