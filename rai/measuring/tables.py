"""What the command `measure` does for checks of the data itself: its own options, and the check on local files."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from rai.checks.contract import Outcome
from rai.measuring.scores import refuse


def representation(options: Mapping[str, Any]) -> Outcome:
    """Labels counted by group, then shares and distances on the counts."""
    from rai.checks.representation import run
    from rai.checks.shares import read_shares
    from rai.engine.counts import read

    names = ("target", "sensitive", "control", "positive", "weight", "weight_kind", "cluster")
    cube = read(options["data"], prediction=options["target"], **{name: options[name] for name in names})
    settings = ("intersections", "confidence", "min_group", "small_groups", "attempt", "seed")
    shares = read_shares(options["shares"])
    return run(cube, thresholds=options["threshold"], shares=shares, **{name: options[name] for name in settings})


def drift(options: Mapping[str, Any]) -> Outcome:
    """Both tables compared column by column, then the check on what was found."""
    from rai.checks.drift import run
    from rai.engine.counts import digest_of
    from rai.engine.shift import Asked, read_shift

    outputs = (options["score"],) if options["score"] else ()
    asked = Asked(outputs, tuple(options["feature"]), options["target"], options["prediction"], options["positive"])
    shift = read_shift(options["reference_data"], options["data"], asked)
    parameters = {**asdict(asked), "reference": digest_of(options["reference_data"]), "reference_is": "earlier"}
    settings = {
        "confidence": options["confidence"],
        "min_rows": options["min_group"],
        "looks": options["looks"],
        "attempt": options["attempt"],
    }
    return run(shift, thresholds=options["threshold"], parameters=parameters, **settings)


def data_quality(options: Mapping[str, Any]) -> Outcome:
    """Every cell and row counted, then the check on the counts."""
    from rai.checks.data_quality import run
    from rai.engine.counts import digest_of
    from rai.engine.quality import Wanted, read_quality

    wanted = Wanted(options["target"], options["positive"], tuple(options["key"]), options["expect"])
    other = options["other_data"] or None
    quality = read_quality(options["data"], wanted, other=other)
    parameters = {**asdict(wanted), **({"other": digest_of(other)} if other else {})}
    settings = {"confidence": options["confidence"], "min_rows": options["min_group"], "attempt": options["attempt"]}
    return run(quality, thresholds=options["threshold"], parameters=parameters, **settings)


def proxy_features(options: Mapping[str, Any]) -> Outcome:
    """Inputs counted by protected group, then the check on the counts; outcome and score are no inputs."""
    from rai.checks.proxy_features import run
    from rai.engine.proxies import Asked, read_proxies

    refuse(options, "prediction", "control", "reference", "weight", "cluster")
    left = [*options["leave_out"], *filter(None, [options["target"], options["score"]])]
    asked = Asked(tuple(options["sensitive"]), tuple(options["feature"]), tuple(dict.fromkeys(left)))
    settings = {name: options[name] for name in ("confidence", "attempt", "seed")}
    proxies = read_proxies(options["data"], asked)
    return run(
        proxies, thresholds=options["threshold"], min_rows=options["min_group"], parameters=asdict(asked), **settings
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that only these checks have."""
    more: dict[str, Any] = {"action": "extend", "nargs": "+", "default": []}
    parser.add_argument("--reference-data", metavar="FILE", help=_("the table that --data is held against"), **more)
    parser.add_argument("--feature", metavar="COLUMN", help=_("inputs to compare; all others without"), **more)
    parser.add_argument("--looks", type=int, default=12, metavar="N", help=_("looks planned a year"))
    parser.add_argument("--other-data", metavar="FILE", help=_("a second split that should share no rows"), **more)
    parser.add_argument(
        "--leave-out", metavar="COLUMN", help=_("columns that are no inputs, such as the prediction"), **more
    )
    parser.add_argument("--key", metavar="COLUMN", help=_("columns that name a row"), **more)
    parser.add_argument(
        "--expect", default="", metavar="RULES", help=_("what cells should hold: 'age: 0..120; sex: f|m; start<=end'")
    )
    parser.add_argument(
        "--shares", default="", metavar="SHARES", help=_("reference shares, such as 'sex: female=0.51, male=0.49'")
    )
