"""How good an explanation is itself: whether its values add up to the score, and whether other draws would tell the same."""

from typing import Any

import numpy as np

from rai.engine import attribution
from rai.engine.attribution import Attributions

# Rounding of the libraries: XGBoost computes in float32. Beyond this the values do not explain the score.
ADDITIVE = 1e-4


def explainer(found: Attributions) -> dict[str, Any]:
    """How the values were made, the base they start from, and whether they add up to the score."""
    error = attribution.additivity_error(found.values, found.raw, found.base)
    by_walks = found.method.get("by") == "permutation"
    return {
        "method": "shap_interventional" if by_walks else "tree_shap_path_dependent", "computed_by": found.model.get("library"),
        "exact": not by_walks, "scale": "score" if by_walks else "raw_score", "base": found.base, "additivity_error": error,
        "additive": is_additive(found, error), "means": dict(found.method),
        "evaluable": is_additive(found, error) and stability(found)["stable"] is not False,
    }  # fmt: skip


def is_additive(found: Attributions, error: float) -> bool:
    """The values add up to the score but for rounding."""
    return error <= ADDITIVE * max(1.0, float(np.abs(found.raw).max()))


def stability(found: Attributions) -> dict[str, Any]:
    """Halves of the sample against each other under five seeds: how far a share moves, and how often the first input stays.

    `stable` is null where fewer than two rows or no attribution tell nothing.
    """
    moved: list[tuple[float, int, bool]] = []
    for seed in range(attribution.SEEDS):
        (one, _), (other, _) = (attribution.shares(half) for half in attribution.halves(found.values, seed))
        if not (np.isfinite(one).all() and np.isfinite(other).all()):
            continue
        change = np.abs(one - other)
        moved.append((float(change.max()), int(change.argmax()), bool(one.argmax() == other.argmax())))
    largest, by_seed = max(moved, default=None), float(found.method.get("moved_by_seed", 0))
    return {
        "method": "halves", "rows": len(found.values) // 2, "seeds": len(moved),
        "largest_share_change": largest[0] if largest else None,
        "feature": found.features[largest[1]] if largest else None,
        "same_first": sum(same for _change, _feature, same in moved),
        "moved_by_seed": by_seed,
        "stable": largest[0] <= attribution.UNSTABLE and by_seed <= attribution.RESTLESS if largest else None,
    }  # fmt: skip
