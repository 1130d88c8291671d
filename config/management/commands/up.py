"""The command `up`: serves for real, with private services where no URL names other ones."""

import contextlib
import os
import signal
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from socket import create_connection
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config import migrated, postgres, services
from config.supervisor import Child, Supervisor


class Command(BaseCommand):
    """Migrate, start the broker, the workers and the web server, and keep them running."""

    help = "Serve on ATTESTRY_BIND (127.0.0.1:8000) with workers and private services, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The data folder is read by config.bootstrap before settings are."""
        parser.add_argument(
            "--data-dir", metavar="DIR", help="where state lies (default: ATTESTRY_DATA_DIR, else var/)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring everything up in order; end it in reverse order."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        bind = settings.BIND
        refuse_taken(bind)
        settings.STATIC_ROOT.mkdir(exist_ok=True)  # empty: files are served from where they are, unless collected
        migrated.migrate()
        broker = services.start_valkey(settings.DATA_DIR)
        try:
            self.serve(broker, bind)
        finally:
            broker.stop()

    def serve(self, broker: services.Service, bind: str) -> None:
        """Start worker and web, say where they are, and watch them."""
        own = postgres.apart(settings.DATABASES["default"]["ENGINE"])
        if own.is_shared:
            self.stderr.write(
                _(
                    "All processes use one database user: `manage.py database_roles` gives each its own (docs/operations.md)."
                )
            )
        supervisor = Supervisor(children(broker, bind, settings.DATA_DIR / "log", own), say=self.stderr.write)
        try:
            supervisor.start()
            web = supervisor.children[-1].process
            assert web is not None
            services.wait_for_web(web, bind)
            self.greet(bind)
            supervisor.run()
        except KeyboardInterrupt:
            self.stderr.write(_("Stopping ..."))
        finally:
            supervisor.stop()

    def greet(self, bind: str) -> None:
        """Where to look, and how the first person gets in."""
        self.stdout.write(
            _("Attestry serves on http://%s/ (Ctrl-C stops it; state in %s).") % (bind, settings.DATA_DIR)
        )
        if not get_user_model().objects.exists():
            self.stdout.write(
                _("Nobody has an account yet: python3 manage.py create_admin YOU@EXAMPLE.ORG prints a link.")
            )
        self.stdout.flush()


def children(broker: services.Service, bind: str, logs: Path, own: postgres.Apart) -> list[Child]:
    """What `up` keeps running, in the order of starting. A broker of our own is watched like the rest."""
    valkey = [Child("valkey", partial(broker.launch, broker.process.log), broker.process)] if broker.process else []
    concurrency = int(os.environ.get("ATTESTRY_WORKERS", "2"))
    threads = int(os.environ.get("ATTESTRY_WEB_THREADS", "8"))
    worker, signer, web = ({**broker.env, **own.env(process)} for process in ("worker", "signer", "web"))

    def child(name: str, queues: tuple[str, ...], env: dict[str, str], number: int = 1) -> Child:
        start = partial(services.start_worker, env, queues, number, name=name, log=logs / f"{name}.log")
        return Child(name, start)

    # PDFs have a worker of their own, since rendering keeps its memory. On SQLite it signs, too.
    return [
        *valkey,
        *([child("sign", ("sign",), signer)] if own.signs_apart else []),
        child("checks", ("checks", "default"), worker, concurrency),
        child("pdf", ("pdf",) if own.signs_apart else ("pdf", "sign"), worker),
        Child("web", lambda: services.start_web(web, bind, threads=threads, log=logs / "web.log")),
    ]


def refuse_taken(bind: str) -> None:
    """Say so when somebody else serves there, before anything is started."""
    try:
        address = services.split_bind(bind)
    except ValueError:
        raise CommandError(_("ATTESTRY_BIND is “%s”; write HOST:PORT, for example 127.0.0.1:8000.") % bind) from None
    with contextlib.suppress(OSError), create_connection(address, timeout=1):
        raise CommandError(
            _("Something already serves on %s: stop it, or choose another address by ATTESTRY_BIND.") % bind
        )
