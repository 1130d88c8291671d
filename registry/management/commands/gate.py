"""`manage.py gate VERSION`: may this version be released, and if not, why."""

import argparse
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from registry import gates, release_gates
from registry.gate_files import FILES
from registry.models import ModelVersion

EXIT = {gates.PASSED: 0, gates.WAIVED: 0, gates.FAILED: 1, gates.INSUFFICIENT: 2}


def version_named(name: str, *, system: str = "") -> ModelVersion:
    """A version by uuid or `model-slug@version`. Raises CommandError for none or several, naming the uuids."""
    rows = ModelVersion.objects.select_related("model__system__unit", "artifact")
    rows = rows.filter(model__system__slug=system) if system else rows
    try:
        found = list(rows.filter(pk=UUID(name)))
    except ValueError:
        slug, _at, version = name.partition("@")
        found = list(rows.filter(model__slug=slug, version=version))
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(f"There is no version “{name}”; give its uuid or model-slug@version.")
    raise CommandError(f"“{name}” names several versions; give one uuid of: " + ", ".join(str(row.pk) for row in found))


class Command(BaseCommand):
    """Exit code 0 open, 1 closed, 2 too little known, 3 error."""

    help = "Asks every gate of a version's release; exit code 0 open, 1 closed, 2 insufficient, 3 error."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which version."""
        parser.add_argument("version")
        parser.add_argument("--system", default="")
        for name in FILES:
            parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write the answers as {name} too")

    def run_from_argv(self, argv: list[str]) -> None:
        """Every error is exit code 3, since 1 and 2 are answers."""
        try:
            super().run_from_argv(argv)
        except SystemExit as ended:
            sys.exit(ended.code if getattr(self, "answered", False) else 3)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a gate."""
        version = version_named(options["version"], system=options["system"])
        found = gates.evaluate(release_gates.preview(version))
        for row in found:
            self.stdout.write(f"{row.result:<13}{row.title}: {row.reason}")
        for name, (_media_type, written) in FILES.items():
            if options[name]:
                options[name].write_bytes(written(version, found))
        codes = {EXIT[row.result] for row in found}
        self.answered = True
        sys.exit(1 if 1 in codes else max(codes, default=0))
