"""A synthetic population for the demo: whom a bank mails the offer of a credit card. Nobody in it exists.

Each row is an invented customer. `accepted` is what the customer would do if mailed; as in a pilot that mails everybody,
it is known for all. Gender and region touch income, digital use and inquiries a little, and nothing else: the model
never sees them, and what disparity there is reaches its decisions through those columns.

True values for the committed model and its cut-off of 0.361 (four million fresh rows, `card_offer_model.py --truth`):

| by       | largest - smallest selection rate | largest - smallest true positive rate |
|----------|-----------------------------------|---------------------------------------|
| gender   | 0.030                             | 0.030                                 |
| region   | 0.042                             | 0.046                                 |
| age_band | 0.040                             | 0.042                                 |

On the 20,000 committed test rows `selection_rate_difference<=0.10` and `true_positive_rate_difference<=0.10` pass.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow

SEED = 20_261_120
TRAINING_ROWS, TEST_ROWS = 40_000, 20_000
FEATURES = ("income", "balance", "tenure_months", "products", "digital_use", "recent_inquiries")
GENDERS = ("female", "male")
REGIONS = ("north", "south", "east", "west")
AGE_BANDS = ("18-29", "30-44", "45-59", "60+")
INCOME_BY_REGION = np.array([0.045, 0.0, -0.045, 0.01])
DIGITAL_BY_AGE = np.array([2.0, 1.0, -0.5, -2.5])

Columns = dict[str, np.ndarray]


def customers(rows: int, *, seed: int) -> Columns:
    """Invented customers: people, features and what they would do. The same seed gives the same bytes."""
    draw = np.random.Generator(np.random.PCG64(seed))
    people = {
        "age": draw.choice(4, rows, p=(0.22, 0.30, 0.28, 0.20)),
        "gender": draw.choice(2, rows),
        "region": draw.choice(4, rows, p=(0.30, 0.25, 0.25, 0.20)),
    }
    features = features_of(people, draw)
    chance = 1 / (1 + np.exp(-leaning(features)))
    return {
        "age_band": np.array(AGE_BANDS)[people["age"]],
        "gender": np.array(GENDERS)[people["gender"]],
        "region": np.array(REGIONS)[people["region"]],
        **features,
        "accepted": (draw.random(rows) < chance).astype(np.int64),
    }


def features_of(people: Columns, draw: np.random.Generator) -> Columns:
    """What the bank's systems would hold of these people."""
    rows = len(people["gender"])
    shift = (
        0.026 * people["gender"]
        + INCOME_BY_REGION[people["region"]]
        + np.array([-0.03, 0.01, 0.02, 0.0])[people["age"]]
    )
    income = 36_000 * np.exp(shift + 0.42 * draw.standard_normal(rows))
    months = np.minimum(draw.gamma(2.0, 40.0, rows), 480)
    digital = 50 + DIGITAL_BY_AGE[people["age"]] + 1.0 * people["gender"] + 18 * draw.standard_normal(rows)
    return {
        "income": np.round(income, -2),
        "balance": np.round(0.12 * income * draw.gamma(1.3, 1.0, rows), 2),
        "tenure_months": np.round(months),
        "products": 1 + draw.poisson(0.6 + months / 200),
        "digital_use": np.clip(np.round(digital), 0, 100),
        "recent_inquiries": draw.poisson(0.9 - 0.04 * people["gender"]),
    }


def leaning(features: Columns) -> np.ndarray:
    """Log-odds of accepting an offer; seen by nobody but this file."""
    return (
        -1.25
        + 0.95 * np.log(features["income"] / 36_000)
        + 0.030 * (features["digital_use"] - 50)
        - 0.55 * (features["recent_inquiries"] - 0.85)
        + 0.18 * (features["products"] - 1.9)
        + 0.9 * np.tanh(features["balance"] / 9_000 - 0.5)
        - 0.25 * np.tanh((features["tenure_months"] - 80) / 60)
    )


def as_table(columns: Columns, *, first_id: int = 1) -> "pyarrow.Table":
    """The columns as an Arrow table with a running customer number in front."""
    import pyarrow

    rows = len(columns["gender"])
    table = pyarrow.table({"customer_id": np.arange(first_id, first_id + rows), **columns})
    return table.replace_schema_metadata({"note": "Synthetic. Made by bench/card_offer_data.py; no row is a person."})


def main() -> None:
    """Write the training part, should somebody want to look at it."""
    from pyarrow import parquet

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    parquet.write_table(as_table(customers(TRAINING_ROWS, seed=SEED)), out, compression="zstd")


if __name__ == "__main__":
    main()
