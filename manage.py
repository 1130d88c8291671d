#!/usr/bin/env python3
"""The one door: every command of an installation starts here, with any Python 3.11 or 3.12."""

import os
import sys


def main() -> None:
    """Enter the project's own environment, then hand the command to Django."""
    if sys.version_info[:2] not in ((3, 11), (3, 12)):
        sys.exit("Attestry needs Python 3.11 or 3.12, this is %d.%d: start it with python3.11." % sys.version_info[:2])
    from config import bootstrap

    bootstrap.enter(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
