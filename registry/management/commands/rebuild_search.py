"""`manage.py rebuild_search`: enters every row into the full-text index anew."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from registry import search


class Command(BaseCommand):
    """Whole or not at all; people find what they found before until it is done."""

    help = "Makes the full-text index anew, for example after an upgrade from a version without one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild it."""
        with transaction.atomic():
            self.stdout.write(f"{search.rebuild():,} rows can be found.")
