"""`manage.py verify_audit`: does the log hold, and do all governed rows agree with it?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from registry.audit import verification
from registry.models import AuditEntry


class Command(BaseCommand):
    """Exit code 0 when everything agrees; else 1 and one line a finding."""

    help = "Checks the log against itself and every governed row against its last entry."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings, then how much was checked."""
        found = 0
        for finding in verification.findings():
            self.stdout.write(finding)
            found += 1
        if found:
            self.stderr.write(f"{found} findings: the log or the rows were changed outside the program.")
            sys.exit(1)
        self.stdout.write(f"The log of {AuditEntry.objects.count()} entries and all governed rows agree.")
