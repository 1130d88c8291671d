"""`manage.py bench [NAME]`: measurements with peers side by side in one run; prints ratios, never judges."""

import argparse
import runpy
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

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, or say what there is."""
        scripts = {path.stem: path for path in sorted((ROOT / "bench").glob("*.py"))}
        if not options["name"]:
            self.stdout.write("\n".join(scripts))
            return
        if options["name"] not in scripts:
            raise CommandError(f"bench/ holds no {options['name']}; there are: {', '.join(scripts)}.")
        runpy.run_path(str(scripts[options["name"]]), run_name="__main__")
