"""`manage.py import_sheet ID`: carries out a checked import that is too long for a page."""

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.actions import imports
from registry.errors import DomainError
from registry.models import Import


class Command(BaseCommand):
    """In the name of whoever had the sheet checked, with that person's rights."""

    help = "Enters every row of a checked sheet, or none. The page of the sheet shows its id."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which."""
        parser.add_argument("id")

    def handle(self, *args: Any, **options: Any) -> None:
        """Carry it out."""
        row = Import.objects.filter(pk=options["id"]).first()
        if row is None:
            raise CommandError(f"There is no import {options['id']}.")
        started = time.monotonic()
        try:
            imports.carry_out(row, actor=row.requested_by)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        if row.faults:
            raise CommandError(
                "Nothing was imported. " + "; ".join(f"row {one['row']}: {one['reason']}" for one in row.faults)
            )
        self.stdout.write(f"{row.rows} rows imported in {time.monotonic() - started:.0f} s.")
