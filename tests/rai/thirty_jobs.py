"""Thirty checks on seeded files, run one after the other in one process; prints the digests as JSON for a test to compare."""

import json
import os
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

FAIR = ["group_fairness", "--prediction", "yhat", "--target", "y"]
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
            "times": draw.randrange(1, 4), "person": number // 3,
        })  # fmt: skip
    return made


def write(path: Path, *, order: int | None) -> None:
    """The rows as CSV, shuffled where an order is given."""
    lines = [",".join(map(str, row.values())) for row in rows()]
    if order is not None:
        random.Random(order).shuffle(lines)
    path.write_text("\n".join([",".join(rows()[0]), *lines]) + "\n", encoding="utf-8")


def outcomes(path: Path, chosen: list[int]) -> list[Any]:
    """The outcome of each chosen job on the file."""
    from rai.management.commands.measure import Command, measured

    parser = Command().create_parser("manage.py", "measure")
    return [measured(vars(parser.parse_args([*job, "--data", str(path)]))) for job in map(JOBS.__getitem__, chosen)]


def main(path: str, *chosen: str) -> None:
    """The digests of the chosen jobs: as they are, and apart from the bytes of the file."""
    found = [(each.digest, replace(each, data="").digest) for each in outcomes(Path(path), list(map(int, chosen)))]
    print(json.dumps(found))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    main(*sys.argv[1:])
