"""`manage.py restore FILE [--verify] [--key-fingerprint HEX]`: a backup into an empty installation; refuses a bad one."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config import backup, migrated, restoring
from registry.errors import DomainError


class Command(BaseCommand):
    """Checks every byte first; loads all of it or nothing."""

    help = "Restores a backup into an empty installation."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What, and how strictly."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--verify",
            action="store_true",
            help="afterwards compare the log with all rows and stored files; refuse if they differ",
        )
        parser.add_argument(
            "--key-fingerprint", default="", metavar="HEX", help="the key that is to have signed the backup"
        )
        parser.add_argument("--data-dir", default="", help="where state lies (default: var/ in the repository)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, make the tables, load."""
        try:
            with options["file"].open("rb") as file:
                found = backup.check(file, options["key_fingerprint"])
                migrated.migrate()
                entries = restoring.restore(found, verify=options["verify"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except DomainError as error:
            raise CommandError(_("%(error)s Nothing was restored.") % {"error": error}) from error
        self.stdout.write(
            _("Restored: %(entries)d entries of the log, signed by the key %(key)s.")
            % {"entries": entries, "key": found.fingerprint}
        )
        if options["verify"]:
            self.stdout.write(_("Log, rows and stored files agree."))
