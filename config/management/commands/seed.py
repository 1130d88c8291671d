"""`manage.py seed company|scale`: a believable company to look at, or an inventory of any size to measure in."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.services import Process
from registry.errors import NotAllowed


@contextmanager
def working(worker: Process) -> Iterator[None]:
    """The worker takes work within this block, at whose end it has none; it starts beside what comes before."""
    from config import services

    services.wait_for_worker(worker)
    yield
    worker.kill()


class Command(BaseCommand):
    """Fills an empty database; never one that somebody works in."""

    help = "Fills an empty database: with a believable company, or with an inventory of any size."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to make."""
        kinds = parser.add_subparsers(dest="kind", required=True)
        kinds.add_parser("company", help="forty systems of a company, in all tiers and stages")
        scale = kinds.add_parser("scale", help="bulk rows that no log knows, for measuring only")
        scale.add_argument("--models", type=int, default=100_000, help="how many; four versions and ten links each")
        scale.add_argument("--force", action="store_true", help="also where there are rows already")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        started = time.monotonic()
        told = self.company() if options["kind"] == "company" else self.scale(options["models"], options["force"])
        self.stdout.write(f"{told} ({time.monotonic() - started:.0f} s)")

    def company(self) -> str:
        """Through the actions that people use, with a worker of its own for the checks."""
        from config import company, migrated, services

        broker = services.start_valkey(settings.DATA_DIR)
        services.adopt(broker)
        worker = services.start_worker(broker.env, log=settings.DATA_DIR / "worker.log")
        try:
            migrated.migrate()
            company.build(say=self.stdout.write, worker=working(worker))
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from refusal
        finally:
            worker.stop()
            broker.stop()
        return "A company of forty systems; `manage.py up` shows it"

    def scale(self, models: int, is_forced: bool) -> str:
        """Past the actions and the log."""
        from config import scale

        if not is_forced and not scale.is_empty():
            raise CommandError(
                "This database has rows, and what is seeded here is in no log. Name an empty one in"
                " ATTESTRY_DATABASE_URL or ATTESTRY_DATA_DIR; --force seeds it all the same."
            )
        made = scale.fill(scale.Scale(models))
        scale.settle()
        return ", ".join(f"{number:,} {kind}" for kind, number in made.items())
