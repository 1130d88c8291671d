"""Counts of personal data as they come from the process that read them: every field checked, because files may be hostile."""

from collections.abc import Mapping
from typing import Any

from rai.checks.contract import InputError
from rai.engine.personal.cells import KEPT_OUT
from rai.engine.personal.reading import Personal, Scanned
from rai.engine.personal.rules import rules
from rai.engine.shift_message import number, text, whole


def personal_of(value: Mapping[str, Any]) -> Personal:
    """The counts of a JSON object; raises InputError where the object holds none."""
    try:
        rows = whole(value["rows"])
        counts = {name: at_most(value[name], rows) for name in ("found", "exposed", "held", "held_found")}
        return Personal(
            rows=rows,
            columns=tuple(scanned_of(each, rows) for each in value["columns"]),
            **counts,
            timings={str(name): number(seconds) for name, seconds in value.get("timings", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("What the reading process sent are no counts of a table; run the check again.") from error


def scanned_of(value: Mapping[str, Any], rows: int) -> Scanned:
    """One column, checked; a kind is one of the rules', so that no text of a cell can stand in its place."""
    filled = at_most(value["filled"], rows)
    kinds, dismissed = ({kind_of(kind): at_most(n, rows) for kind, n in value[name].items()} for name in ("kinds", "dismissed"))  # fmt: skip
    named = kind_of(value["named"]) if value["named"] else ""
    return Scanned(
        text(value["name"]), filled, at_most(value["masked"], filled), at_most(value["cells"], rows),
        at_most(value["open_cells"], rows), kinds, dismissed, named, value["by_name"] is True, value["is_header"] is True,
    )  # fmt: skip


def kind_of(value: Any) -> str:
    """A kind that the rules know."""
    if value != KEPT_OUT and value not in rules().kinds:
        raise ValueError("not a kind of personal data")
    return str(value)


def at_most(value: Any, most: int) -> int:
    """A count of rows or cells."""
    count = whole(value)
    if count > most:
        raise ValueError("more than there are")
    return count
