"""Command `replay`: an old check computed again from its stored inputs; exit code 0 the same, 1 different or impossible."""

import argparse
import json
import sys
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _, ngettext

from rai.running import replaying
from registry.errors import DomainError
from registry.models import Evidence

MOST_SHOWN = 20
LONGEST = 60


class Command(BaseCommand):
    """Translates the id into evidence, and what came out into lines and an exit code."""

    help = "Compute a check again from the table, parameters and limits stored with its evidence."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The evidence."""
        parser.add_argument("evidence", metavar="EVIDENCE", help=_("the id of the evidence"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Say whether both outcomes agree; a difference ends with 1."""
        evidence = found(options["evidence"])
        try:
            replay = replaying.replayed(evidence)
        except DomainError as error:
            raise CommandError(str(error)) from error
        for each in replay.environment:
            self.stdout.write(_("Other environment: %s") % line(each))
        if replay.is_same:
            self.stdout.write(_("Same: %(evidence)s comes out as it was stored (%(digest)s).") % named(evidence))
            return
        self.report(evidence, replay)
        sys.exit(1)

    def report(self, evidence: Evidence, replay: replaying.Replay) -> None:
        """The places, the first twenty of them."""
        n = len(replay.differences)
        said = ngettext(
            "Different: %(evidence)s comes out otherwise in %(n)d place.",
            "Different: %(evidence)s comes out otherwise in %(n)d places.",
            n,
        )
        self.stdout.write(said % {**named(evidence), "n": n})
        for each in replay.differences[:MOST_SHOWN]:
            self.stdout.write(f"  {line(each)}")
        if n > MOST_SHOWN:
            self.stdout.write(_("  and %d more") % (n - MOST_SHOWN))


def found(text: str) -> Evidence:
    """The evidence with this id. Raises CommandError where there is none."""
    try:
        return Evidence.objects.select_related("version__model__system").get(pk=UUID(text))
    except (ValueError, Evidence.DoesNotExist) as error:
        raise CommandError(_("There is no evidence “%s”; its id stands in the address of its page.") % text) from error


def named(evidence: Evidence) -> dict[str, str]:
    """The evidence for a sentence."""
    return {"evidence": str(evidence), "digest": evidence.digest}


def line(each: replaying.Difference) -> str:
    """A place, what is stored there and what comes out."""
    return _("%(place)s: stored %(stored)s, now %(now)s") % {
        "place": each.place, "stored": short(each.stored), "now": short(each.now),
    }  # fmt: skip


def short(value: Any) -> str:
    """A value as JSON, cut to a line."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
