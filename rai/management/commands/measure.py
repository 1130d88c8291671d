"""Command `measure`: one check on local files, without a database; exit codes 0 pass or recorded, 1 fail, 2 insufficient, 3 error."""

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from rai import measuring_data, measuring_scores
from rai.checks.contract import InputError, Outcome

EXIT_CODES = {"pass": 0, "recorded": 0, "fail": 1, "insufficient": 2}
ERROR = 3
SETTINGS = ("intersections", "confidence", "min_group", "small_groups", "attempt", "role", "seed")


def group_fairness(options: Mapping[str, Any]) -> Outcome:
    """Counts by one GROUP BY, then the check on the counts."""
    from rai.checks.group_fairness import run
    from rai.engine.counts import read

    if options["kind"] != "classification":
        return beyond_two_labels(options)
    names = ("target", "prediction", "sensitive", "control", "positive", "weight", "weight_kind", "cluster")
    cube = read(options["data"], **{name: options[name] for name in names})
    reference = references(options["reference"])
    return run(cube, thresholds=options["threshold"], reference=reference, **{name: options[name] for name in SETTINGS})


def beyond_two_labels(options: Mapping[str, Any]) -> Outcome:
    """The same for labels of more than two classes, and for numbers."""
    from rai.checks import group_fairness_classes, group_fairness_numbers
    from rai.engine.classes import read_classes
    from rai.engine.scores import read_scores

    measuring_scores.refuse(options, "control", "weight", "cluster")
    chosen = {"thresholds": options["threshold"], "reference": references(options["reference"])}
    chosen |= {name: options[name] for name in SETTINGS}
    columns = {"target": options["target"]}
    if options["kind"] == "multiclass":
        columns |= {"prediction": options["prediction"], "sensitive": options["sensitive"]}
        return group_fairness_classes.run(read_classes(options["data"], **columns), **chosen)
    columns |= {"score": options["prediction"], "groups": options["sensitive"], "positive": None}
    book = read_scores(options["data"], **columns, intersections=options["intersections"])
    return group_fairness_numbers.run(book, **chosen)


MEASURABLE: dict[str, Callable[[Mapping[str, Any]], Outcome]] = {
    "group_fairness": group_fairness,
    **measuring_data.MEASURABLE,
    **measuring_scores.MEASURABLE,
}
NEEDS: dict[str, tuple[str, ...]] = {
    "group_fairness": ("target", "prediction", "sensitive"),
    **measuring_data.NEEDS,
    **measuring_scores.NEEDS,
}


def require_options(options: Mapping[str, Any]) -> None:
    """Refuse a call that lacks what its check cannot do without."""
    missing = [f"--{name.replace('_', '-')}" for name in NEEDS[options["check"]] if not options[name]]
    if missing:
        facts = {"check": options["check"], "names": ", ".join(missing)}
        raise InputError(_("%(check)s needs %(names)s; name it.") % facts)


def references(given: list[str]) -> dict[str, str]:
    """Column → value of every `--reference COLUMN=VALUE`."""
    for text in given:
        if "=" not in text:
            raise InputError(_('--reference "%s" names no value; write it as race=Caucasian.') % text)
    return dict(text.split("=", 1) for text in given)


def measured(options: Mapping[str, Any]) -> Outcome:
    """The outcome, bound to the digest of the files and to this environment."""
    from rai.engine.counts import digest_of
    from rai.engine.environment import environment

    require_options(options)
    started = time.perf_counter()
    data = digest_of(options["data"])
    hashed = time.perf_counter() - started
    outcome = MEASURABLE[options["check"]](options)
    return outcome.bound(data=data, environment=environment(), timings={"hash": hashed})


class Command(BaseCommand):
    """Translates arguments into a check and its verdict into an exit code."""

    help = "Run one check on CSV or Parquet files, without a database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The options of interfaces that stay fixed."""
        parser.add_argument("check", choices=sorted(MEASURABLE), help=_("the check"))
        add_columns(parser)
        add_rules(parser)
        measuring_data.add_arguments(parser)
        measuring_scores.add_arguments(parser)
        parser.add_argument(
            "--json", default="-", metavar="OUT", help=_("where the outcome goes; - is standard output")
        )

    def run_from_argv(self, argv: list[str]) -> None:
        """Django's own codes 1 and 2 would read as verdicts, so every error ends here with 3 and one sentence."""
        try:
            parser = self.create_parser(argv[0], argv[1])
            options = vars(parser.parse_args(argv[2:]))
            self.execute(**options)
        except Exception as error:
            if "--traceback" in argv:
                traceback.print_exc()
            self.stderr.write(sentence(error))
            sys.exit(ERROR)

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure, write the outcome, leave with the verdict's code."""
        if options["score"] and options["check"] not in {*measuring_data.SCORED, *measuring_scores.SCORED}:
            self.stderr.write(_("Note: --score is not used by this version of %s.") % options["check"])
        outcome = measured(options)
        self.deliver(json.dumps(outcome.to_json(), indent=2, allow_nan=False), options["json"])
        sys.exit(EXIT_CODES[outcome.verdict])

    def deliver(self, text: str, place: str) -> None:
        """To standard output or into a file."""
        if place == "-":
            self.stdout.write(text)
            return
        try:
            Path(place).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            reason = {"place": place, "reason": error.strerror}
            raise InputError(_("The outcome cannot be written to %(place)s: %(reason)s.") % reason) from error


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Which files, and what their columns mean."""
    more: dict[str, Any] = {"action": "extend", "nargs": "+"}
    parser.add_argument("--data", required=True, metavar="FILE", help=_("CSV or Parquet: files or globs"), **more)
    parser.add_argument("--target", metavar="COLUMN", help=_("the true label"))
    parser.add_argument("--prediction", help=_("a column, or COLUMN OP VALUE such as 'score>=0.5'"))
    parser.add_argument("--score", metavar="COLUMN", help=_("the score behind the prediction"))
    parser.add_argument("--weight", metavar="COLUMN", help=_("the weight of each row"))
    parser.add_argument("--weight-kind", choices=["sampling", "frequency"], help=_("what the weights are"))
    parser.add_argument("--cluster", metavar="COLUMN", help=_("rows that belong together, such as one person's"))
    parser.add_argument("--sensitive", default=[], metavar="COLUMN", help=_("columns that make the groups"), **more)
    parser.add_argument(
        "--control", default=[], metavar="COLUMN", help=_("columns within which groups are compared"), **more
    )
    parser.add_argument("--positive", default="1", metavar="LABEL", help=_("the positive label"))


def add_rules(parser: argparse.ArgumentParser) -> None:
    """What is judged, and how strictly."""
    more: dict[str, Any] = {"action": "extend", "nargs": "+", "default": []}
    parser.add_argument("--threshold", metavar="RULE", help=_("such as 'false_positive_rate_difference<=0.1'"), **more)
    parser.add_argument(
        "--intersections", type=int, default=1, metavar="N", help=_("combine up to N sensitive columns")
    )
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--min-group", type=int, default=30, metavar="ROWS", help=_("smallest group that is judged"))
    parser.add_argument("--small-groups", choices=["block", "disclose"], default="block")
    parser.add_argument("--reference", metavar="COLUMN=VALUE", help=_("the group to compare with"), **more)
    parser.add_argument("--attempt", type=int, default=1, metavar="N", help=_("1 + earlier verdicts on these rows"))
    parser.add_argument("--role", choices=["test", "development"], default="test")
    parser.add_argument("--seed", type=int, default=0)


def sentence(error: Exception) -> str:
    """What went wrong, for one line on standard error."""
    if isinstance(error, InputError | CommandError):
        return " ".join(str(error).removeprefix("Error: ").split())
    reason = {"kind": type(error).__name__, "error": " ".join(str(error).split())}
    return _("The check could not be run (%(kind)s: %(error)s); run it again with --traceback and report it.") % reason
