"""`manage.py remove_second_factor EMAIL`: how somebody gets back in whose factors and recovery codes are lost."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.actions import second_factor as actions
from registry.models import User
from registry.second_factor import has_one


class Command(BaseCommand):
    """Removes all second factors of a person; the password stays, and the log says that it was done from here."""

    help = "Removes the second factors of a person who has lost the app, the passkeys and the recovery codes."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The address of the account."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove it, where there is one."""
        person = User.objects.filter(email__iexact=options["email"].strip()).first()
        if person is None or not has_one(person):
            raise CommandError(f"{options['email']} has no account with a second factor here.")
        actions.remove_all(person)
        self.stdout.write(f"{person.email} signs in by password alone until a new second factor is added.")
