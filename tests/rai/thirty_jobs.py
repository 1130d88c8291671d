"""Thirty checks on seeded files, run one after the other in one process; prints the digests as JSON for a test to compare."""

import json
import os
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

FAIR = ["group_fairness", "--prediction", "yhat", "--target", "y"]
# The second table lies beside the first, in one order whatever that of the first.
PREVIOUS = ["--previous-data", "{folder}/previous.csv"]
REFERENCE = ["--reference-data", "{folder}/reference.csv"]
RULES = ["--threshold", "false_positive_rate_difference<=0.1", "selection_rate_ratio>=0.8"]
SCORED = ["--target", "y", "--score", "score"]
JOBS = [
    [*FAIR, "--sensitive", "race"],
    [*FAIR, "--sensitive", "race", *RULES],
    [*FAIR, "--sensitive", "sex", *RULES],
    [*FAIR, "--sensitive", "race", "sex", "--intersections", "2", *RULES],
    [*FAIR, "--sensitive", "race", "--control", "region", *RULES],
    [*FAIR, "--sensitive", "race", "--reference", "race=Łódź", "--threshold", "accuracy_difference_to_reference<=0.1"],
    [*FAIR, "--sensitive", "race", "--threshold", "selection_rate_difference_to_rest<=0.1"],
    [*FAIR, "--sensitive", "race", "--threshold", "f1_difference<=0.2", "precision_group_min>=0.4"],
    [*FAIR, "--sensitive", "race", "--threshold", "equalized_odds_difference<=0.1", "--attempt", "3"],
    [*FAIR, "--sensitive", "race", "--threshold", "accuracy>=0.6", "--role", "development"],
    [*FAIR, "--sensitive", "race", "--small-groups", "disclose", *RULES],
    [*FAIR, "--sensitive", "race", "--confidence", "0.9", "--seed", "7", *RULES],
    [*FAIR, "--sensitive", "race", "--weight", "weight", *RULES],
    [*FAIR, "--sensitive", "race", "--weight", "times", "--weight-kind", "frequency", *RULES],
    [*FAIR, "--sensitive", "sex", "--cluster", "person", *RULES],
    [*FAIR, "--sensitive", "race", "sex", "region", "--intersections", "3"],
    ["group_fairness", "--target", "y", "--prediction", "score>=0.4", "--sensitive", "race", *RULES],
    ["group_fairness", "--target", "y", "--prediction", "grade!=low", "--sensitive", "sex", *RULES],
    ["performance", *SCORED, "--prediction", "yhat", "--sensitive", "race"],
    ["performance", *SCORED, "--prediction", "score>=0.5", "--sensitive", "sex", "--threshold", "roc_auc>=0.6"],
    ["performance", "--target", "y", "--prediction", "yhat", "--sensitive", "race", "--weight", "weight"],
    ["performance", "--kind", "regression", "--target", "score", "--prediction", "weight", "--sensitive", "race"],
    ["calibration", *SCORED],
    ["calibration", *SCORED, "--sensitive", "race"],
    ["calibration", *SCORED, "--sensitive", "sex", "--threshold", "mean_residual_difference<=0.05"],
    ["calibration", *SCORED, "--threshold", "calibration_error<=0.05", "--attempt", "2"],
    ["representation", "--target", "y", "--sensitive", "race"],
    ["representation", "--target", "y", "--sensitive", "race", "sex", "--intersections", "2"],
    ["representation", "--target", "y", "--sensitive", "sex", "--control", "region"],
    ["representation", "--target", "y", "--sensitive", "region", "--min-group", "50"],
    ["sample_adequacy", *FAIR[1:], "--sensitive", "race", "--threshold", "accuracy_group_half_width<=0.05"],
    [
        "proxy_features",
        "--sensitive",
        "race",
        "--leave-out",
        "yhat",
        "y",
        "--threshold",
        "proxy_auc<=0.7",
        "cramers_v<=0.3",
    ],
    [
        *FAIR[:1],
        "--kind",
        "multiclass",
        "--target",
        "level",
        "--prediction",
        "said",
        "--sensitive",
        "race",
        "--threshold",
        "macro_f1_difference<=0.1",
    ],
    [*FAIR[:1], "--kind", "regression", "--target", "score", "--prediction", "weight", "--sensitive", "sex"],
    [
        "golden_set",
        "--key",
        "case",
        *SCORED,
        "--prediction",
        "score>=0.5",
        *PREVIOUS,
        "--threshold",
        "roc_auc_drop<=0.05",
    ],
    [
        "golden_set",
        "--key",
        "case",
        "--kind",
        "multiclass",
        "--target",
        "level",
        "--prediction",
        "said",
        *PREVIOUS,
        "--show-keys",
        "9",
    ],
    [
        "generalisation",
        *SCORED,
        "--prediction",
        "yhat",
        "--part",
        "at",
        "--unit",
        "quarter",
        "--threshold",
        "roc_auc_difference<=0.2",
    ],
    ["generalisation", "--kind", "regression", "--target", "score", "--prediction", "weight", "--part", "race"],
    [
        "field",
        *SCORED,
        "--prediction",
        "yhat",
        "--part",
        "at",
        "--unit",
        "month",
        "--role",
        "monitoring",
        "--threshold",
        "accuracy>=0.6",
    ],
    [
        "field",
        "--kind",
        "regression",
        "--target",
        "late",
        "--prediction",
        "score",
        "--threshold",
        "labelled_share>=0.5",
    ],
    [
        "drift",
        "--prediction",
        "score>=0.5",
        "--target",
        "y",
        *REFERENCE,
        "--threshold",
        "data_psi<=0.1",
        "data_ks<=0.2",
    ],
    ["drift", "--prediction", "grade!=low", "--score", "score", *REFERENCE, "--looks", "4"],
    [
        "data_quality",
        "--target",
        "y",
        "--key",
        "case",
        "--expect",
        "score: 0..0.9",
        "--threshold",
        "missing_share<=0.2",
    ],
    ["data_quality", "--target", "y", "--key", "person", "--other-data", "{folder}/reference.csv"],
    ["pii_input", "--allowed", "person"],
    ["pii_output", "--feature", "said", "grade", "--threshold", "personal_share<=0.01"],
    ["reidentification", "--feature", "sex", "race", "region", "--untold", "level", "--threshold", "unique_share<=0.2"],
    ["threshold_what_if", *SCORED, "--sensitive", "race", "--score-threshold", "0.5"],
    ["threshold_what_if", *SCORED, "--sensitive", "sex", "--cost-false-positive", "1", "--cost-false-negative", "4"],
]
RACES = ("Łódź", "Zürich", "ångström", "Istanbul", "ı", "I", "")


def rows() -> list[dict[str, object]]:
    """Seeded rows. Groups whose order or case depends on the locale; sums of weights and scores that floats hold exactly."""
    draw = random.Random(20261120)
    made = []
    for number in range(1200):
        score = draw.randrange(1, 1024) / 1024
        made.append({
            "y": int(draw.random() < score), "yhat": int(score >= 0.5), "score": score,
            "grade": "low" if score < 0.4 else "high", "race": draw.choices(RACES, (30, 25, 20, 10, 8, 6, 1))[0],
            "sex": draw.choice("fm"), "region": draw.choice(("north", "south")), "weight": draw.randrange(1, 17) / 4,
            "times": draw.randrange(1, 4), "person": number // 3, "case": f"c{number}",
        })  # fmt: skip
    later = random.Random(7)
    return [row | more(row, later) for row in made]


def more(row: dict[str, object], draw: random.Random) -> dict[str, object]:
    """Several classes, moments of two time zones, and values that are not known yet."""
    level = draw.choice("abc")
    said = level if draw.random() < 0.8 else draw.choice("abc")
    zone = draw.choice(("Z", "+05:30"))
    at = f"2026-{draw.randrange(1, 10):02d}-{draw.randrange(1, 28):02d}T{draw.randrange(24):02d}:00:00{zone}"
    return {"level": level, "said": said, "at": at, "late": row["score"] if draw.random() < 0.7 else ""}


def write(path: Path, *, order: int | None) -> None:
    """The rows as CSV, shuffled where an order is given."""
    lines = [",".join(map(str, row.values())) for row in rows()]
    head = ",".join(rows()[0])
    path.with_name("reference.csv").write_text("\n".join([head, *lines[:400]]) + "\n", encoding="utf-8")
    if order is not None:
        random.Random(order).shuffle(lines)
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    before = [
        f"{row['case']},{round(1 - abs(float(str(row['score'])) - 0.1), 6)},{row['level']}" for row in rows()[:1180]
    ]
    path.with_name("previous.csv").write_text("\n".join(["case,score,said", *before]) + "\n", encoding="utf-8")


def outcomes(path: Path, chosen: list[int]) -> list[Any]:
    """The outcome of each chosen job on the file."""
    from rai.management.commands.measure import Command, measured

    parser = Command().create_parser("manage.py", "measure")
    jobs = [[each.format(folder=path.parent) for each in JOBS[place]] for place in chosen]
    return [measured(vars(parser.parse_args([*job, "--data", str(path)]))) for job in jobs]


def main(path: str, *chosen: str) -> None:
    """The digests of the chosen jobs: as they are, and apart from the bytes of the file."""
    found = [(each.digest, replace(each, data="").digest) for each in outcomes(Path(path), list(map(int, chosen)))]
    print(json.dumps(found))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    main(*sys.argv[1:])
