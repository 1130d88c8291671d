"""`manage.py framework FILE`: checks another edition of a framework and lists what it would change."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.errors import DomainError
from reports.framework_upgrades import difference, edition
from reports.management.commands.evaluate import system_called
from reports.sources import DjangoFacts


class Command(BaseCommand):
    """Refuses a file with its faults, or prints what is added, removed and changed, and which statuses move."""

    help = "Check an edition of a framework in a YAML file and list what it would change, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a framework file, such as reports/frameworks/nist_ai_rmf.yaml")
        parser.add_argument("--system", help="short name or id of one system; without it the whole organisation")

    def handle(self, *args: Any, **options: Any) -> None:
        system, now = system_called(options["system"]) if options["system"] else None, timezone.now()
        try:
            found = edition(options["file"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        facts = DjangoFacts(None, system, now)
        told = difference(found, facts, system=str(system.pk) if system else None, as_of=now)
        self.stdout.write(json.dumps(told.to_json(), ensure_ascii=False, indent=1))
