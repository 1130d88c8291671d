"""`manage.py verify_audit`: does the log hold, does it continue the notes that were kept, and do all governed rows agree?"""

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.audit import checkpoints, publishing, verification
from registry.audit.keys import VerifierKey
from registry.errors import DomainError


class Command(BaseCommand):
    """Exit code 0 when everything agrees; else 1 and one line a finding. What is no fault is told on stderr."""

    help = "Checks the log against itself, against checkpoint notes, and every governed row against its last entry."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Notes from elsewhere, and the keys that are to have signed them."""
        parser.add_argument(
            "--against", action="append", default=[], metavar="NOTE_FILE",
            help="a checkpoint note that was kept elsewhere; may be given several times",
        )  # fmt: skip
        parser.add_argument(
            "--key", action="append", default=[], metavar="VKEY",
            help="the verifier key, got elsewhere, that is to have signed the notes (default: this log's own)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings, then what else a reader should know and how much was checked."""
        walk, found = verification.Walk(), 0
        against = [*brought(options["against"], options["key"]), *self.outside()]
        for finding in verification.findings(walk, against=against):
            self.stdout.write(finding)
            found += 1
        for remark in verification.remarks(walk):
            self.stderr.write(f"note: {remark}")
        if found:
            self.stderr.write(f"{found} findings: the log or the rows were changed outside the program.")
            sys.exit(1)
        self.stdout.write(f"The log of {walk.edge.size} entries and all governed rows agree.")
        if walk.agreed:
            self.stdout.write(f"It continues {len(walk.agreed)} checkpoints, the newest of {max(walk.agreed)} entries.")

    def outside(self) -> list[checkpoints.Held]:
        """The notes in the folder and the git repository that are set; what cannot be read is told."""
        found = []
        for place, text in publishing.outside_notes():
            try:
                found.append(checkpoints.held(str(place), text))
            except DomainError as error:
                self.stderr.write(f"note: {place} is not compared: {error}")
        return found


def brought(files: list[str], keys: list[str]) -> list[checkpoints.Held]:
    """The notes named on the command line. Raises CommandError with the file and what is wrong with it."""
    try:
        known = [VerifierKey.parse(key) for key in keys]
    except DomainError as error:
        raise CommandError(str(error)) from error
    return [held(name, known) for name in files]


def held(name: str, keys: list[VerifierKey]) -> checkpoints.Held:
    """One of them."""
    try:
        return checkpoints.held(name, Path(name).read_text(encoding="utf-8"), keys)
    except (OSError, UnicodeError, DomainError) as error:
        raise CommandError(f"{name}: {error}") from error
