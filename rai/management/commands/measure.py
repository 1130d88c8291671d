"""Command `measure`: one check on local files, without a database; exit codes 0 pass or recorded, 1 fail, 2 insufficient, 3 error."""

import argparse
import json
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from rai.catalogue import CHECKS
from rai.checks.contract import InputError, Outcome
from rai.measuring import privacy, scores, tables, versions, warehouses
from rai.wording.refusals import in_words
from registry.plugins import resolved

EXIT_CODES = {"pass": 0, "recorded": 0, "fail": 1, "insufficient": 2}
ERROR = 3
# The checks that count by group, label and prediction and read nothing else.
IN_WAREHOUSES = ("group_fairness",)


def require_options(options: Mapping[str, Any]) -> None:
    """Refuse a call that lacks what its check cannot do without."""
    if options["connection"] and options["check"] not in IN_WAREHOUSES:
        facts = {"check": options["check"], "names": ", ".join(IN_WAREHOUSES)}
        raise InputError(_("%(check)s reads files only; --connection is for %(names)s.") % facts)
    needs = (*CHECKS[options["check"]].needs, *(() if options["connection"] else ("data",)))
    missing = [f"--{name.replace('_', '-')}" for name in needs if not options[name]]
    if missing:
        facts = {"check": options["check"], "names": ", ".join(missing)}
        raise InputError(_("%(check)s needs %(names)s; name it.") % facts)


def measured(options: Mapping[str, Any]) -> Outcome:
    """The outcome, bound to the digest of the files and to this environment."""
    from rai.engine import connections
    from rai.engine.counts import digest_of
    from rai.engine.environment import environment

    require_options(options)
    connections.start()
    started = time.perf_counter()
    data = "" if options["connection"] else digest_of(options["data"])
    hashed = time.perf_counter() - started
    outcome = resolved(CHECKS[options["check"]].measure)(options)
    return outcome.bound(data=data or outcome.data, environment=environment(), timings={"hash": hashed})


class Command(BaseCommand):
    """Translates arguments into a check and its verdict into an exit code."""

    help = "Run one check on CSV or Parquet files, without a database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The options of interfaces that stay fixed."""
        parser.add_argument(
            "check", choices=sorted(slug for slug, check in CHECKS.items() if check.measure), help=_("the check")
        )
        add_columns(parser)
        add_rules(parser)
        tables.add_arguments(parser)
        privacy.add_arguments(parser)
        warehouses.add_arguments(parser)
        scores.add_arguments(parser)
        versions.add_arguments(parser)
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
        if options["score"] and not CHECKS[options["check"]].reads_score:
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
    parser.add_argument("--data", default=[], metavar="FILE", help=_("CSV or Parquet: files or globs"), **more)
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
    parser.add_argument("--role", choices=["test", "development", "monitoring"], default="test")
    parser.add_argument("--seed", type=int, default=0)


def sentence(error: Exception) -> str:
    """What went wrong, for one line on standard error."""
    if isinstance(error, InputError):
        return " ".join(in_words(error.said).split())
    if isinstance(error, CommandError):
        return " ".join(str(error).removeprefix("Error: ").split())
    reason = {"kind": type(error).__name__, "error": " ".join(str(error).split())}
    return _("The check could not be run (%(kind)s: %(error)s); run it again with --traceback and report it.") % reason
