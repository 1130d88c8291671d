"""`manage.py policy check|dry-run FILE`: is it a policy, and which releases would fail it."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from registry.policies import reading
from registry.policies.dry_run import Fate, dry_run

GOOD, BAD, UNREADABLE = 0, 1, 3


class Command(BaseCommand):
    """Reads a policy without storing it."""

    help = (
        "check: everything that is wrong with a policy, a line each (exit 0: nothing; 1: something; 3: no such file)."
        " dry-run: the approved and published releases that would fail it (exit 0: none; 1: some; 3: no policy)."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to do with which file."""
        parser.add_argument("act", choices=("check", "dry-run"))
        parser.add_argument("file", type=Path)
        parser.add_argument("--alone", action="store_true",
                            help="do not ask whether the people and units that it names are there")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, and say what is found."""
        file: Path = options["file"]
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.stderr.write(f"{file}: cannot be read ({error}). Name a file of UTF-8 text.")
            raise SystemExit(UNREADABLE) from error
        found = reading.read(text, people=not options["alone"])
        for problem in found.problems:
            self.stdout.write(f"{file.name}:{problem.line}: {problem.reason}")
        if options["act"] == "check" or found.problems:
            failed = UNREADABLE if options["act"] == "dry-run" else BAD
            raise SystemExit(failed if found.problems else GOOD)
        self.told(dry_run(found.body))

    def told(self, fates: Iterator[Fate]) -> None:
        """A line for each release and each answer that is no, as they are found."""
        new = old = 0
        for fate in fates:
            new, old = new + fate.is_new, old + (not fate.is_new)
            self.stdout.write(f"{fate.release.version} [{fate.release.version_id}] – {fate.release.system}")
            for found, is_new in fate.reasons:
                self.stdout.write(
                    f"    {found.result}{'' if is_new else ' (today already)'}: {found.title}: {found.reason}"
                )
        self.stdout.write(f"{new} would fail because of it; {old} have a closed gate today already.")
        raise SystemExit(BAD if new else GOOD)
