"""Trains the demo's LightGBM model on the synthetic training part and writes model and scored test part to `rai/demo/`.

Run it again and the same bytes come out: `python bench/card_offer_model.py`.
"""

import argparse
from pathlib import Path

import lightgbm
import numpy as np
from card_offer_data import FEATURES, SEED, TEST_ROWS, TRAINING_ROWS, Columns, as_table, customers
from pyarrow import parquet

DEMO = Path(__file__).resolve().parents[1] / "rai" / "demo"
MAILED_SHARE = 0.30
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 12,
    "min_data_in_leaf": 200,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 1,
    "verbosity": -1,
}
ROUNDS = 60


def matrix(columns: Columns) -> np.ndarray:
    """The features as the model takes them: float64, rows x features, in the order of FEATURES."""
    return np.column_stack([columns[name].astype(np.float64) for name in FEATURES])


def trained(columns: Columns) -> lightgbm.Booster:
    """The booster; its text is all that is kept of it."""
    data = lightgbm.Dataset(matrix(columns), columns["accepted"], feature_name=list(FEATURES))
    return lightgbm.train(PARAMETERS, data, num_boost_round=ROUNDS)


def scored(columns: Columns, booster: lightgbm.Booster, cut_off: float) -> Columns:
    """The columns with the model's score and its decision: mail when the score is at least the cut-off."""
    score = booster.predict(matrix(columns))
    return {**columns, "mail": (score >= cut_off).astype(np.int64), "score": score}


def spreads(columns: Columns, by: str) -> tuple[float, float]:
    """Largest less smallest selection rate and true positive rate over the groups of a column."""
    groups = [columns[by] == group for group in np.unique(columns[by])]
    selected = [columns["mail"][group].mean() for group in groups]
    hit = [columns["mail"][group & (columns["accepted"] == 1)].mean() for group in groups]
    return max(selected) - min(selected), max(hit) - min(hit)


def main() -> None:
    """Train, score, write; print what the docstring of card_offer_data states, from four million fresh rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DEMO)
    parser.add_argument("--truth", action="store_true", help="also work out the true spreads (takes a minute)")
    chosen = parser.parse_args()
    training = customers(TRAINING_ROWS, seed=SEED)
    text = trained(training).model_to_string()
    booster = lightgbm.Booster(model_str=text)
    cut_off = float(np.quantile(booster.predict(matrix(training)), 1 - MAILED_SHARE).round(3))
    test = scored(customers(TEST_ROWS, seed=SEED + 1), booster, cut_off)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "card_offer_model.txt").write_text(text)
    parquet.write_table(
        as_table(test, first_id=TRAINING_ROWS + 1), chosen.out / "card_offer_test.parquet", compression="zstd"
    )
    print(
        f"cut-off {cut_off}; {test['mail'].mean():.4f} of the test rows are mailed, {test['accepted'].mean():.4f} accept"
    )
    fresh = scored(customers(4_000_000, seed=SEED + 2), booster, cut_off) if chosen.truth else test
    for by in ("gender", "region", "age_band"):
        selection, hits = spreads(fresh, by)
        print(f"{by}: selection rates differ by {selection:.4f}, true positive rates by {hits:.4f}")


if __name__ == "__main__":
    main()
