"""`manage.py database_roles`: prints or applies the privileges of each process in PostgreSQL."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils.translation import gettext as _

from config import grants


class Command(BaseCommand):
    """Roles need the right to make roles; privileges need the owner of the tables. Both may be applied again."""

    help = "Prints the SQL by which web, worker and signer get the privileges that they need and no others."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to do with the SQL, and how the roles are called."""
        parser.add_argument("--apply", action="store_true", help="carry it out instead of printing it")
        parser.add_argument("--part", choices=("all", "roles", "grants"), default="all", help="only one half of it")
        parser.add_argument("--before-migrate", action="store_true", help="drop the views that a migration may meet")
        parser.add_argument("--prefix", default="attestry_", help="what the names of the roles begin with")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, or carry out in one transaction."""
        if connection.vendor != "postgresql":
            raise CommandError(
                _("Roles of the database need PostgreSQL; set ATTESTRY_DATABASE_URL to such a database.")
            )
        statements = list(self.statements(options))
        if not options["apply"]:
            self.stdout.write(";\n".join([*statements, ""]))
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        except ProgrammingError as error:
            raise CommandError(
                _("PostgreSQL refused: %s. Let a superuser apply --part roles, and the owner of the tables the rest.")
                % str(error).strip()
            ) from error
        self.stdout.write(_("%d statements were carried out.") % len(statements))

    def statements(self, options: dict[str, Any]) -> list[str]:
        """The SQL that was asked for."""
        names = grants.Names(options["prefix"])
        if options["before_migrate"]:
            return list(grants.drop_views())
        roles = list(grants.roles(names)) if options["part"] != "grants" else []
        return roles + (list(grants.grants(names)) if options["part"] != "roles" else [])
