"""`manage.py demo`: the whole path on a synthetic data set, from registration to a pack verified offline."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import migrated, services, story


class Command(BaseCommand):
    """Starts private services, plays the story with a real worker, verifies the pack, prints where everything lies."""

    help = "Plays the main path end to end on synthetic data and leaves a PDF and an evidence pack to look at."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`--serve` keeps everything running; `--data-dir` is read before Django starts, by config.bootstrap."""
        parser.add_argument("--serve", action="store_true", help="keep running, print the address and passwords")
        parser.add_argument("--data-dir", default="", help="where state lies (default: var/ in the repository)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, start, play, print; the exit code is 0 when the pack was verified."""
        migrated.migrate()
        broker = services.start_valkey(settings.DATA_DIR)
        services.adopt(broker)
        worker = services.start_worker(broker.env, log=settings.DATA_DIR / "worker.log")
        try:
            services.wait_for_worker(worker)
            told = story.play(say=lambda line: print(line, flush=True))
            self.leave(told)
            if options["serve"]:
                self.serve(broker)
        finally:
            worker.stop()
            broker.stop()
        sys.exit(0 if told.verified else 1)

    def leave(self, told: story.Told) -> None:
        """Write demo.json and print the summary."""
        summary = {
            "pdf": str(told.pdf), "pack": str(told.pack), "key_fingerprint": told.key_fingerprint,
            "version": told.version, "timings": told.timings,
        }  # fmt: skip
        place = Path(settings.DATA_DIR) / "demo.json"
        place.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
        print()
        for name, seconds in told.timings.items():
            print(f"  {name:<32}{seconds:>7.1f} s")
        print(f"\nReport:           {told.pdf}\nEvidence pack:    {told.pack}")
        print(f"Key fingerprint:  {told.key_fingerprint}\nSummary:          {place}")
        print(
            f"Verify it again:  {sys.executable} {told.verifier} {told.pack} --key-fingerprint {told.key_fingerprint}"
        )

    def serve(self, broker: services.Service) -> None:
        """Serve the pages until Ctrl-C, with passwords that are made for this run."""
        web = services.start_web(broker.env, settings.BIND, log=settings.DATA_DIR / "web.log")
        services.wait_for_web(web, settings.BIND)
        print(f"\nOpen http://{settings.BIND}/ and sign in as one of:")
        for email, password in story.passwords():
            print(f"  {email:<34}{password}")
        print("Ctrl-C ends it.", flush=True)
        try:
            web.popen.wait()
        except KeyboardInterrupt:
            pass
        finally:
            web.stop()
