"""What was counted over a table as it comes from the process that read it: every field checked, because files may be hostile."""

from collections.abc import Mapping
from typing import Any

from rai.checks.saying import InputError
from rai.engine.quality import Broken, Looked, Overlap, Quality
from rai.engine.shift_message import cells_of, number, text, whole

KINDS = {"number", "text", "date", "empty"}


def quality_of(value: Mapping[str, Any]) -> Quality:
    """The counts of a JSON object; raises InputError where the object holds none."""
    try:
        optional = ("doubled_keys", "empty_keys", "contradicting")
        return Quality(
            rows=whole(value["rows"]),
            columns=tuple(looked_of(each) for each in value["columns"]),
            broken=tuple(broken_of(each) for each in value["broken"]),
            doubled=whole(value["doubled"]),
            **{name: None if value[name] is None else whole(value[name]) for name in optional},
            overlap=None if value["overlap"] is None else overlap_of(value["overlap"]),
            timings={str(name): number(seconds) for name, seconds in value.get("timings", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError("What the reading process sent are no counts of a table; run the check again.") from error


def looked_of(value: Mapping[str, Any]) -> Looked:
    """One column, checked."""
    if value["kind"] not in KINDS:
        raise ValueError("not a kind of column")
    found = value["area"]
    area = None
    if found is not None:
        variance = None if found[1] is None else number(found[1])
        area = (number(found[0]), variance, whole(found[2]), whole(found[3]))
        if not 0 <= area[0] <= 1 or (variance or 0.0) < 0:
            raise ValueError("not an area")
    cells = cells_of(value["cells"])
    misfits = whole(value["misfits"])
    if misfits > cells.rows:
        raise ValueError("more misfits than rows")
    return Looked(text(value["name"]), value["kind"], cells, whole(value["distinct"]), misfits, area)


def broken_of(value: Mapping[str, Any]) -> Broken:
    """One expectation, checked."""
    rows, broken = whole(value["rows"]), whole(value["broken"])
    if broken > rows:
        raise ValueError("more broken rows than rows")
    return Broken(text(value["text"]), text(value["column"]), rows, broken)


def overlap_of(value: Mapping[str, Any]) -> Overlap:
    """Shared rows, checked."""
    keys = None if value["keys"] is None else whole(value["keys"])
    return Overlap(whole(value["columns"]), whole(value["rows_other"]), whole(value["rows"]), keys)
