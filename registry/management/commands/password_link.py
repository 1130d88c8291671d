"""`manage.py password_link EMAIL`: how somebody gets back in where the installation sends no e-mail."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registry.actions import people
from registry.errors import DomainError


class Command(BaseCommand):
    """Prints a link, valid for an hour, where that person sets a new password; the log says that it was made."""

    help = "Prints a link by which a person sets a new password within an hour."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The address, and under which URL the installation is reached."""
        parser.add_argument("email")
        parser.add_argument("--url", default=f"http://{settings.BIND}", help="address of the installation")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the link once."""
        try:
            path = people.link_from_command_line(options["email"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['url'].rstrip('/')}{path}")
        self.stderr.write("Hand it to that person only. It works once, within an hour.")
