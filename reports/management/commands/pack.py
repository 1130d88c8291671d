"""`manage.py pack VERSION --out FILE.zip`: builds an evidence pack without worker or page."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from registry.management.commands.gate import version_named
from reports import building, desk


class Command(BaseCommand):
    """Writes the pack to a file and prints the fingerprint of the key that signed it."""

    help = "Builds an evidence pack of a version and writes it to a file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which version, where to."""
        parser.add_argument("version")
        parser.add_argument("--system", default="")
        parser.add_argument("--out", required=True)
        parser.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES])

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, verify, write."""
        version = version_named(options["version"], system=options["system"])
        content, fingerprint = building.packed(
            version, as_of=timezone.now(), language=options["language"], key=desk.own_key()
        )
        Path(options["out"]).write_bytes(content)
        self.stdout.write(f"{options['out']}\n{fingerprint}")
