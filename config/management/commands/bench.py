"""`manage.py bench [NAME]`: measurements with peers side by side in one run; prints ratios, never judges."""

import argparse
import runpy
from importlib import import_module
from inspect import signature
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.places import ROOT


class Command(BaseCommand):
    """Runs one script of bench/ that has a `main`, or lists them."""

    help = "Runs a measurement of bench/, or lists those there are."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which one."""
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--rows", type=int, help="how many, for a measurement that takes a number of rows")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, or say what there is."""
        scripts = {path.stem: path for path in sorted((ROOT / "bench").glob("*.py"))}
        if not options["name"]:
            self.stdout.write("\n".join(scripts))
            return
        if options["name"] not in scripts:
            raise CommandError(f"bench/ holds no {options['name']}; there are: {', '.join(scripts)}.")
        if options["rows"] is None:
            runpy.run_path(str(scripts[options["name"]]), run_name="__main__")
            return
        main = import_module(f"bench.{options['name']}").main
        if "rows" not in signature(main).parameters:
            raise CommandError(f"{options['name']} has sizes of its own; leave --rows out.")
        main(rows=options["rows"])
