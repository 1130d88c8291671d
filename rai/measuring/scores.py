"""What the command `measure` runs for performance and calibration."""

import argparse
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from rai.checks.contract import InputError, Outcome

SETTINGS = ("intersections", "confidence", "min_group", "small_groups", "attempt", "role", "seed")
PAIRS = 2


def performance(options: Mapping[str, Any]) -> Outcome:
    """Counts by one GROUP BY, scores by one more pass; numbers by one pass."""
    if options["kind"] == "regression":
        return numbers(options)
    if options["kind"] == "multiclass":
        raise InputError(
            _("performance speaks of two labels or of numbers; for several classes measure group_fairness.")
        )
    from rai.checks.performance import run
    from rai.engine.counts import read

    refuse(options, "control", "reference")
    if options["score"]:
        refuse(options, "weight", "cluster")
    names = ("target", "prediction", "sensitive", "positive", "weight", "weight_kind", "cluster")
    cube = read(options["data"], **{name: options[name] for name in names})
    return run(cube, book(options) if options["score"] else None, thresholds=options["threshold"], **chosen(options))


def numbers(options: Mapping[str, Any]) -> Outcome:
    """Errors of predicted numbers."""
    from rai.checks.performance_numbers import run
    from rai.engine.scores import read_scores

    refuse(options, "control", "reference", "weight", "cluster", "score")
    found = read_scores(
        options["data"], target=options["target"], score=options["prediction"], groups=options["sensitive"],
        positive=None, intersections=options["intersections"], searched=PAIRS,
    )  # fmt: skip
    return run(found, thresholds=options["threshold"], **chosen(options))


def calibration(options: Mapping[str, Any]) -> Outcome:
    """Scores by one pass."""
    from rai.checks.calibration import run

    refuse(options, "control", "reference", "weight", "cluster")
    return run(book(options, is_probability=True), thresholds=options["threshold"], **chosen(options))


def threshold_what_if(options: Mapping[str, Any]) -> Outcome:
    """Rows above each threshold by one pass, then what thresholds cost whom."""
    from rai.checks.threshold_what_if import run
    from rai.engine.cuts import read_cuts

    refuse(options, "control", "reference", "weight", "cluster", "prediction")
    cuts = read_cuts(
        options["data"], target=options["target"], score=options["score"], groups=options["sensitive"],
        positive=options["positive"], intersections=options["intersections"], threshold=options["score_threshold"],
    )  # fmt: skip
    names = ("cost_false_positive", "cost_false_negative", "confidence", "min_group", "attempt")
    settings = {name: options[name] for name in names}
    return run(cuts, thresholds=options["threshold"], threshold=options["score_threshold"], **settings)


def book(options: Mapping[str, Any], *, is_probability: bool = False) -> Any:
    """What the scores come to."""
    from rai.engine.scores import read_scores

    return read_scores(
        options["data"], target=options["target"], score=options["score"], groups=options["sensitive"],
        positive=options["positive"], intersections=options["intersections"], is_probability=is_probability,
    )  # fmt: skip


def chosen(options: Mapping[str, Any]) -> dict[str, Any]:
    """How the run judges."""
    return {name: options[name] for name in SETTINGS}


def refuse(options: Mapping[str, Any], *names: str) -> None:
    """Say of an option that it does nothing here, instead of passing over it."""
    used = next((name for name in names if options[name]), None)
    if used:
        raise InputError(
            _("%(check)s does not take --%(name)s here; leave it out.") % {"check": options["check"], "name": used}
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that only these checks take."""
    kinds = ["classification", "regression", "multiclass"]
    parser.add_argument(
        "--kind",
        choices=kinds,
        default=kinds[0],
        help=_("what is predicted: two labels, numbers, or (group_fairness) one of several classes"),
    )
    parser.add_argument(
        "--score-threshold", type=float, metavar="X", help=_("the threshold in use: selected at or above it")
    )
    for name in ("false-positive", "false-negative"):
        text = _("what one wrongly selected or refused row costs")
        parser.add_argument(f"--cost-{name}", type=float, default=1.0, metavar="COST", help=text)
