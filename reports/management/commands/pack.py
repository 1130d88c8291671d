"""`manage.py pack VERSION --out FILE.zip`: builds an evidence pack without a page."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.errors import DomainError
from registry.management.commands.gate import version_named
from registry.models import JobStatus, ModelVersion, User
from reports import actions, desk
from reports.models import Pack
from reports.packs import building

PAUSE = 0.2


class Command(BaseCommand):
    """Writes the pack to a file and prints the fingerprint of the key that signed it."""

    help = "Builds an evidence pack of a version and writes it to a file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which version, where to."""
        parser.add_argument("version")
        parser.add_argument("--system", default="")
        parser.add_argument("--out", required=True)
        parser.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES])
        parser.add_argument(
            "--by", default="", metavar="EMAIL",
            help="who asks for it; needed where a process of its own holds the key (ATTESTRY_SIGN_BY_QUEUE)",
        )  # fmt: skip
        parser.add_argument("--seconds", type=int, default=600, help="how long to wait for the workers then")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, verify, write."""
        version, language = version_named(options["version"], system=options["system"]), options["language"]
        place = Path(options["out"])
        if settings.SIGN_BY_QUEUE:
            content, fingerprint = waited(asked(version, options["by"], language), options["seconds"])
            place.write_bytes(content)
        else:
            fingerprint = built(version, language, place)
        self.stdout.write(f"{place}\n{fingerprint}")


def built(version: ModelVersion, language: str, place: Path) -> str:
    """Write the pack here and now, whole or not at all; the fingerprint of the key that signed it."""
    key, half = desk.own_key(), place.with_name(f".{place.name}.part")
    pack = Pack(version=version, system=version.home_system, language=language)
    try:
        with building.room(), half.open("w+b") as file:
            building.packed(pack, file, as_of=timezone.now(), key=key)
        half.rename(place)
    finally:
        half.unlink(missing_ok=True)
    return key.fingerprint


def asked(version: ModelVersion, email: str, language: str) -> Pack:
    """The pack, asked for as on the page: this process has no key, and one that is built without a request none signs."""
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise CommandError("A process of its own holds the key here. Say by --by EMAIL who asks for the pack.")
    try:
        return actions.request_pack(version, actor=person, language=language)
    except DomainError as error:
        raise CommandError(str(error)) from error


def waited(pack: Pack, seconds: int) -> tuple[bytes, str]:
    """What the workers have built and signed, and the key's fingerprint. Raises CommandError with the reason if not."""
    until = time.monotonic() + seconds
    while not pack.is_over and time.monotonic() < until:
        time.sleep(PAUSE)
        pack.refresh_from_db()
    if pack.status != JobStatus.FINISHED or pack.blob is None:
        why = (
            pack.reason or f"No worker built the pack within {seconds} s: see that the queues pdf and sign are served."
        )
        raise CommandError(why)
    return pack.blob.read(), pack.key_fingerprint
