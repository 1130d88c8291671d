"""`manage.py evaluate FRAMEWORK`: the status of every requirement with the evidence behind it, as JSON."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.errors import DomainError
from registry.models import AISystem
from reports.evaluation import evaluate
from reports.framework_files import SLUGS
from reports.imported import lookup
from reports.sources import DjangoFacts


class Command(BaseCommand):
    """Evaluates a framework for one system, or for the organisation."""

    help = "Decide every requirement of a framework from the database and write the result as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("framework", help=f"{', '.join(SLUGS)}, or one that was brought")
        parser.add_argument("--system", help="short name or id of one system; without it the whole organisation")
        parser.add_argument("--as-of", dest="as_of", help="a day (2026-11-20) or a time (2026-11-20T12:00:00Z)")
        parser.add_argument("--json", dest="out", required=True, metavar="OUT", help="a file, or - for standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = moment(options["as_of"])
        system = system_called(options["system"]) if options["system"] else None
        try:
            framework = lookup.framework(options["framework"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        if as_of.date() < timezone.now().date():
            told = _("Rows made after %s are left out; the others are read as they stand today, with today's status.")
            self.stderr.write(told % as_of.date())
        facts = DjangoFacts(None, system, as_of)
        found = evaluate(framework, facts, system=str(system.pk) if system else None, as_of=as_of)
        write(json.dumps(found.to_json(), ensure_ascii=False, indent=1), options["out"], self.stdout)


def write(text: str, out: str, stdout: Any) -> None:
    """The text to a file, or to standard output."""
    if out == "-":
        stdout.write(text)
        return
    try:
        Path(out).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        told = _("%(file)s: cannot be written (%(why)s). Name a file in an existing folder.")
        raise CommandError(told % {"file": out, "why": error.strerror}) from error


def moment(text: str | None) -> datetime:
    """The moment that was asked for, in UTC; now when none was."""
    if text is None:
        return timezone.now()
    try:
        found = (
            datetime.combine(date.fromisoformat(text), time.min) if len(text) == 10 else datetime.fromisoformat(text)
        )
    except ValueError as error:
        raise CommandError(_("--as-of %s: is no date. Write a day such as 2026-11-20.") % text) from error
    aware = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    if aware.date() > timezone.now().date():
        raise CommandError(_("--as-of %s: lies in the future; what will be true then is not known.") % text)
    return aware


def system_called(name: str) -> AISystem:
    """The system with that short name or id; a short name that several units use is refused with the ids."""
    try:
        rows = list(AISystem.objects.filter(pk=UUID(name)))
    except ValueError:
        rows = list(AISystem.objects.filter(slug=name).select_related("unit").order_by("unit__name"))
    if not rows:
        raise CommandError(_("--system %s: there is no such system. Give its short name or its id.") % name)
    if len(rows) > 1:
        listed = "; ".join(f"{row.unit}: {row.pk}" for row in rows)
        told = _("--system %(name)s: several units have a system of this name. Give one of the ids: %(ids)s.")
        raise CommandError(told % {"name": name, "ids": listed})
    return rows[0]
