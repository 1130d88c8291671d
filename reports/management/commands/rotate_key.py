"""`manage.py rotate_key`: sign packs with a new key from now on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.errors import DomainError
from reports import desk


class Command(BaseCommand):
    """Makes the key where the old one lies, and prints both fingerprints."""

    help = "Makes a new key for evidence packs; run it where the key lies, as its owner. Old packs stay as good."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate."""
        try:
            old, new = desk.rotate()
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("%(old)s signs no more; %(new)s does.") % {"old": old.fingerprint, "new": new.fingerprint})
        self.stdout.write(_("Tell those who verify packs the new fingerprint by another way than a pack."))
