"""`manage.py create_admin EMAIL`: how the first person gets in."""

import argparse
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from registry.actions import people
from registry.errors import DomainError


class Command(BaseCommand):
    """Makes the first administrator and prints a link, valid for an hour, where that person sets a password."""

    help = "Makes the first administrator and prints a link by which a password is set within an hour."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The address, and under which URL the installation is reached."""
        parser.add_argument("email")
        parser.add_argument("--url", default=f"http://{settings.BIND}", help="address of the installation")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the person and print the link once."""
        try:
            person = people.make_first_administrator(options["email"], installation=settings.INSTALLATION_NAME)
        except DomainError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"{options['url'].rstrip('/')}{people.password_path(person)}")
        self.stderr.write("Open this link within an hour and set a password. It works once.")
