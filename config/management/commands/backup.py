"""`manage.py backup FILE`: database, stored files and keys together, of one moment, signed."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config import backup
from registry.errors import DomainError


class Command(BaseCommand):
    """Writes the backup and says what it holds."""

    help = "Writes a backup of database, stored files and keys into one new file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to; `--data-dir` is read before Django starts, by config.bootstrap."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--data-dir", default="", help="where state lies (default: var/ in the repository)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        try:
            made = backup.write(options["file"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        facts = {"file": options["file"], "entries": made.entries, "rows": made.rows, "files": made.files}
        self.stdout.write(
            _("%(file)s: %(entries)d entries of the log, %(rows)d rows, %(files)d stored files, and the keys.") % facts
        )
        self.stdout.write(f"SHA-256          {made.sha256}\nKey fingerprint  {made.fingerprint}")
        self.stdout.write(_("It holds secret keys: keep it where only you can read it, and on another machine."))
