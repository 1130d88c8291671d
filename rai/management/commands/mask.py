"""Command `mask`: a copy of a table in which personal data is replaced, for a pipeline to read or hand on."""

import argparse
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _, ngettext

from rai.management.commands import measure


class Command(measure.Command):
    """Writes the copy and says by column how many cells were replaced; errors end as those of `measure` do, with 3."""

    help = "Write a copy of CSV or Parquet files, as CSV, in which personal data is replaced by the name of its kind."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which files, where to, and what may stay."""
        parser.add_argument(
            "--data", nargs="+", required=True, metavar="FILE", help=_("CSV or Parquet: files or globs")
        )
        parser.add_argument(
            "--out", required=True, metavar="FILE", help=_("the copy; a file that is there is left alone")
        )
        parser.add_argument("--allowed", nargs="+", default=[], metavar="COLUMN", help=_("columns in which personal data may stand"))  # fmt: skip
        parser.add_argument("--blocked", nargs="+", default=[], metavar="COLUMN", help=_("columns that are replaced as a whole"))  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, then tell what was replaced."""
        from rai.engine.personal.masking import write_masked
        from rai.engine.personal.reading import Asked

        asked = Asked(allowed=tuple(options["allowed"]), blocked=tuple(options["blocked"]))
        found = write_masked(options["data"], Path(options["out"]), asked)
        for one in found.columns:
            if one.cells and one.name not in asked.allowed:
                words = ngettext("%(column)s: %(n)s cell replaced", "%(column)s: %(n)s cells replaced", one.cells)
                self.stdout.write(words % {"column": one.name, "n": f"{one.cells:,}"})
