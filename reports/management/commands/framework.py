"""`manage.py framework FILE`: checks a framework, an edition of one, or rules, and lists what it would change."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.errors import DomainError
from registry.models import AISystem, User
from reports.framework_files import SLUGS
from reports.framework_upgrades import difference, edition
from reports.imported import actions, lookup, upgrades
from reports.imported.reading import mapping_of
from reports.management.commands.evaluate import system_called
from reports.sources import DjangoFacts


class Command(BaseCommand):
    """Refuses a file with its faults, or prints what is added, removed and changed, and which statuses move."""

    help = "Check a framework in a file (ours in YAML, OSCAL in JSON) and list what it would change, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="a framework, an OSCAL catalogue, or rules for one that was brought"
        )
        parser.add_argument("--system", help="short name or id of one system; without it the whole organisation")
        parser.add_argument("--name", default="", help="short name of an OSCAL catalogue, such as house_controls")
        parser.add_argument("--bring-as", metavar="EMAIL", help="bring it, in the name of this person")
        parser.add_argument("--reason", default="", help="why it is brought")

    def handle(self, *args: Any, **options: Any) -> None:
        system = system_called(options["system"]) if options["system"] else None
        try:
            told = (
                self.brought(**options) if options["bring_as"] else self.told(options["file"], options["name"], system)
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            sentence = _("%(file)s: cannot be read (%(why)s).")
            raise CommandError(sentence % {"file": options["file"], "why": error.strerror}) from error
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))

    def told(self, path: Path, name: str, system: AISystem | None) -> dict[str, Any]:
        """What the file would change."""
        content = path.read_bytes()
        if mapping_of(content, file=path.name).get("framework") in SLUGS:
            return self.shipped(path, system)
        found = upgrades.of_file(content, file=path.name, slug=name)
        return upgrades.against_used(found, person=None, system=system).to_json() | upgrades.held(found)

    def shipped(self, path: Path, system: AISystem | None) -> dict[str, Any]:
        """What another edition of a framework that comes with the software would change."""
        now = timezone.now()
        facts = DjangoFacts(None, system, now)
        return difference(edition(path), facts, system=str(system.pk) if system else None, as_of=now).to_json()

    def brought(self, *, file: Path, name: str, bring_as: str, reason: str, **_options: Any) -> dict[str, Any]:
        """Bring the file, as its page does."""
        person = User.objects.filter(email__iexact=bring_as, is_active=True).first()
        if person is None:
            raise CommandError(_("--bring-as %s: there is no such person here.") % bring_as)
        row = actions.bring(content=file.read_bytes(), file=file.name, slug=name, reason=reason, actor=person)
        return {"edition": str(row.pk), "status": row.status} | upgrades.held(lookup.of_edition(row.pk, row.digest))
