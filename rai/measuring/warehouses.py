"""Tables in warehouses for the command `measure`: only those that an operator wrote down, nothing that a person names is called."""

import argparse
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from rai.checks.contract import InputError, Outcome
from rai.measuring.scores import refuse

SHAPE = {"backend": str, "tables": list, "options": dict}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which table of which connection."""
    parser.add_argument("--connection", default="", metavar="NAME", help=_("a warehouse of ATTESTRY_WAREHOUSES"))
    parser.add_argument("--table", default="", help=_("a table of it, instead of --data"))


def measured(options: Mapping[str, Any], run: Any, **chosen: Any) -> Outcome:
    """The outcome of a check on counts, made where the rows lie; the counts' digest stands for that of a file."""
    from rai.engine import warehouse

    refuse(options, "data", "weight", "cluster")
    connection = found(name=options["connection"], table=options["table"])
    names = ("target", "prediction", "sensitive", "control", "positive")
    cube = warehouse.count(
        warehouse.connect(connection["backend"], connection.get("options", {})),
        options["table"],
        **{name: options[name] for name in names},
    )
    outcome: Outcome = run(cube, **chosen)
    place = {"connection": options["connection"], "table": options["table"]}
    return replace(outcome, data=warehouse.digest_of(cube), parameters={**outcome.parameters, **place})


def found(*, name: str, table: str) -> Mapping[str, Any]:
    """What the operator wrote down under this name; refused where it does not open the table."""
    if not settings.WAREHOUSES:
        raise InputError(_("This installation has no warehouses; ATTESTRY_WAREHOUSES names the file that lists them."))
    listed = written(Path(settings.WAREHOUSES))
    if name not in listed:
        facts = {"name": name, "names": ", ".join(sorted(listed))}
        raise InputError(_('There is no connection "%(name)s"; there are: %(names)s.') % facts)
    connection = listed[name]
    if table not in connection["tables"]:
        facts = {"name": name, "table": table, "tables": ", ".join(connection["tables"])}
        raise InputError(
            _('The connection %(name)s does not open the table "%(table)s"; it opens: %(tables)s.') % facts
        )
    return connection


def written(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """The operator's file, every connection of which has a backend and tables."""
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(_("%(path)s cannot be read: %(error)s.") % {"path": path, "error": error}) from error
    for name, connection in listed.items():
        if not isinstance(connection, dict) or not {"backend", "tables"} <= set(connection) <= set(SHAPE):
            raise InputError(_("%(path)s: [%(name)s] needs backend and tables.") % {"path": path, "name": name})
        if not all(isinstance(value, SHAPE[key]) for key, value in connection.items()):
            raise InputError(_("%(path)s: [%(name)s] is not well written.") % {"path": path, "name": name})
    return listed
