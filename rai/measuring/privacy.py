"""What the command `measure` does for checks of personal data: its own options, and the check on local files."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from rai.checks.contract import Outcome
from rai.measuring.scores import refuse

NEVER = ("prediction", "control", "reference", "weight", "cluster")


def pii_input(options: Mapping[str, Any]) -> Outcome:
    """Personal data in what a model reads."""
    return personal_data(options, "pii_input")


def pii_output(options: Mapping[str, Any]) -> Outcome:
    """Personal data in what a model puts out."""
    return personal_data(options, "pii_output")


def personal_data(options: Mapping[str, Any], check: Any) -> Outcome:
    """Cells looked over, then held against what the options declare."""
    from rai.checks.personal_data import Declared, asked_of, run
    from rai.engine.personal.reading import read_personal

    refuse(options, *NEVER)
    declared = [Declared(column, handling) for handling in ("allowed", "masked", "blocked") for column in options[handling]]  # fmt: skip
    asked = asked_of(declared, columns=options["feature"], held_back=options["held_back"])
    personal = read_personal(options["data"], asked)
    parameters = {"columns": list(options["feature"]), "held_back": options["held_back"]}
    return run(
        personal, check=check, declared=declared, thresholds=options["threshold"], min_rows=options["min_group"],
        confidence=options["confidence"], attempt=options["attempt"], parameters=parameters,
    )  # fmt: skip


def reidentification(options: Mapping[str, Any]) -> Outcome:
    """Classes of rows counted, then judged."""
    from rai.checks.reidentification import run
    from rai.engine.anonymity import Asked, read_classes

    refuse(options, *NEVER)
    asked = Asked(tuple(options["feature"]), options["untold"])
    settings = {name: options[name] for name in ("confidence", "attempt")}
    return run(
        read_classes(options["data"], asked), thresholds=options["threshold"], min_rows=options["min_group"],
        parameters=asdict(asked), **settings,
    )  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that only these checks have."""
    more: dict[str, Any] = {"action": "extend", "nargs": "+", "default": [], "metavar": "COLUMN"}
    parser.add_argument("--allowed", help=_("columns in which personal data may stand"), **more)
    parser.add_argument("--masked", help=_("columns that are said to be masked"), **more)
    parser.add_argument("--blocked", help=_("columns that are said to be kept out"), **more)
    parser.add_argument("--held-back", metavar="COLUMN", help=_("the column that says which rows were held back"))
    parser.add_argument("--untold", metavar="COLUMN", help=_("what must not be told of anybody, such as a diagnosis"))
