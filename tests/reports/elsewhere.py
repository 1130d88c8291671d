"""Another computer: reads a dump of rows into a database of its own, on another day, in another zone and locale, and prints documents.

Run as `python -m tests.reports.elsewhere FOLDER`; FOLDER holds rows.json and subjects.json and gets digests.json.
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings


class Unmigrated:
    """Tables are made from the models as they are."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


def later(moment: str) -> Any:
    """Within this block every clock of this process shows a day 400 days after a moment."""
    import time_machine

    return time_machine.travel(datetime.fromisoformat(moment) + timedelta(days=400))


def main(folder: Path) -> None:
    """Load the rows, print each document, and leave the digests of its files."""
    settings.MIGRATION_MODULES = Unmigrated()
    settings.TIME_ZONE = json.loads((folder / "subjects.json").read_text())["zone"]
    django.setup()
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection

    from tests.reports.every_kind import World, digests_of

    call_command("migrate", run_syncdb=True, verbosity=0)
    with connection.constraint_checks_disabled():
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
        call_command("loaddata", folder / "rows.json", verbosity=0)
    asked = json.loads((folder / "subjects.json").read_text())
    subjects = {
        kind: apps.get_model(label)._default_manager.get(pk=pk) for kind, (label, pk) in asked["subjects"].items()
    }
    with later(asked["as_of"]):
        world = World(subjects, datetime.fromisoformat(asked["as_of"]))
        found = digests_of(world, [tuple(one) for one in asked["documents"]])
    (folder / "digests.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
