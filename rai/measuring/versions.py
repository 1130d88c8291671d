"""What the command `measure` does for checks over versions, time and places: its own options, and the check on local files."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rai.checks.contract import InputError, Outcome
from rai.measuring.groups import references
from rai.measuring.scores import SETTINGS, refuse


def golden_set(options: Mapping[str, Any]) -> Outcome:
    """Both tables matched by key, then the check on what changed."""
    from rai.checks.golden_set import run
    from rai.engine.counts import digest_of
    from rai.engine.pairs import Asked, read_pairs

    refuse(options, "control", "reference", "weight", "cluster", "sensitive")
    if len(options["key"]) > 1:
        raise InputError(_("golden_set matches rows by one column; name one --key."))
    previous = options["previous_data"] or None
    names = ("target", "prediction", "score", "positive", "kind")
    asked = Asked(options["key"][0], **{name: options[name] for name in names}, shown=options["show_keys"])
    pairs = read_pairs(options["data"], previous, asked)
    parameters = {**asdict(asked), "previous": digest_of(previous) if previous else None}
    settings = {name: options[name] for name in ("confidence", "attempt", "role", "seed")}
    return run(pairs, thresholds=options["threshold"], min_rows=options["min_group"], parameters=parameters, **settings)


def generalisation(options: Mapping[str, Any]) -> Outcome:
    """Counts and sums by part, then the parts against each other."""
    from rai.checks.generalisation import run
    from rai.engine.parts import Asked, read_parts

    refuse(options, "control", "weight", "cluster", "sensitive")
    require_kind(options)
    names = ("unit", "target", "prediction", "score", "positive", "kind")
    parts = read_parts(options["data"], Asked(options["part"], **{name: options[name] for name in names}))
    reference = references(options["reference"])
    if set(reference) - {options["part"]}:
        raise InputError(_("The reference of generalisation is one of the parts; write %s=VALUE.") % options["part"])
    settings = {name: options[name] for name in SETTINGS if name != "intersections"}
    return run(parts, thresholds=options["threshold"], reference=reference.get(options["part"]), **settings)


def field(options: Mapping[str, Any]) -> Outcome:
    """Labelled rows summed up, then held against the outcome of the test where it is given."""
    from rai.checks.field import run
    from rai.engine.labelled import Asked, read_labelled

    refuse(options, "control", "reference", "weight", "cluster", "sensitive")
    require_kind(options)
    names = ("unit", "target", "prediction", "score", "positive", "kind")
    rows = read_labelled(options["data"], Asked(column=options["part"], **{name: options[name] for name in names}))
    frozen = read_frozen(options["against"]) if options["against"] else None
    settings = {name: options[name] for name in SETTINGS if name != "intersections"}
    looks = options["looks"] if options["role"] == "monitoring" else None
    return run(rows, frozen, thresholds=options["threshold"], looks=looks, **settings)


def read_frozen(path: str) -> Any:
    """The outcome of performance on test rows, from a file; its digest must be that of what it holds."""
    from rai.checks.contract import digest_of_value
    from rai.checks.frozen import frozen_of

    try:
        outcome = json.loads(Path(path).read_text(encoding="utf-8"))
        content = {name: value for name, value in outcome.items() if name not in {"digest", "timings"}}
        stated = outcome["digest"]
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise InputError(
            _("%s cannot be read as an outcome; name the JSON that measure performance wrote.") % path
        ) from error
    if digest_of_value(content) != stated:
        raise InputError(
            _("%s was changed since it was written: its digest is no longer that of what it holds.") % path
        )
    return frozen_of(outcome, stated)


def require_kind(options: Mapping[str, Any]) -> None:
    """Refuse several classes, which these checks do not judge."""
    if options["kind"] == "multiclass":
        raise InputError(_("%s speaks of two labels or of numbers, not of several classes.") % options["check"])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that only these checks have."""
    more: dict[str, Any] = {"action": "extend", "nargs": "+", "default": []}
    parser.add_argument("--previous-data", metavar="FILE", help=_("the previous release on the same rows"), **more)
    parser.add_argument(
        "--show-keys",
        type=int,
        default=0,
        metavar="N",
        help=_("name up to N keys of rows that went wrong; 0 names none"),
    )
    parser.add_argument("--part", metavar="COLUMN", help=_("the column of times, places or sources"))
    parser.add_argument(
        "--unit", choices=["day", "month", "quarter", "year"], help=_("put the times of --part into these")
    )
    parser.add_argument(
        "--against", metavar="JSON", help=_("outcome of performance on test rows, to measure the fall from")
    )
