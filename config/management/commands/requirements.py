"""`manage.py requirements [--missing]`: which requirement is shown by which test."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from config.places import ROOT
from config.requirements_shown import required, shown


class Command(BaseCommand):
    """Lists the ids of docs/requirements.md with the tests that name them."""

    help = "Lists which requirement or promise is shown by which test."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """All, or only those without a test."""
        parser.add_argument("--missing", action="store_true", help="only those that no test names yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them, and how many of each weight."""
        rows = required(ROOT / "docs" / "requirements.md")
        places = [(each.place, each.ids) for each in shown(ROOT / "tests")]
        tests = {row.id: [place for place, ids in places if row.id in ids] for row in rows}
        for row in rows:
            if not (options["missing"] and tests[row.id]):
                self.stdout.write(f"{row.id}  {row.text}{f' ({row.weight})' if row.weight else ''}")
                self.stdout.writelines(f"       {place}" for place in tests[row.id])
        for weight, name in (("core", "core"), ("strong", "strong"), ("nice", "nice"), ("", "promises")):
            of_weight = [row for row in rows if row.weight == weight]
            count = sum(bool(tests[row.id]) for row in of_weight)
            self.stdout.write(f"{name}: {count} of {len(of_weight)} shown")
        known = {row.id for row in rows}
        for place, ids in places:
            if strange := sorted(ids - known):
                self.stdout.write(f"{place} names {', '.join(strange)}, which docs/requirements.md does not hold.")
