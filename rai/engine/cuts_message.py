"""Counts above thresholds as they come from the process that read them: every field checked, because files may be hostile."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from rai.checks.saying import InputError
from rai.engine.cube import texts
from rai.engine.cuts import Above, Cuts
from rai.engine.score_messages import asked_of
from rai.engine.shift_message import number, text, whole


def cuts_of(value: Mapping[str, Any]) -> Cuts:
    """The counts of a JSON object; raises InputError where the object holds none."""
    try:
        thresholds = tuple(number(each) for each in value["thresholds"])
        if not thresholds or any(one >= other for one, other in pairwise(thresholds)):
            raise ValueError("thresholds that do not ascend")
        groups = tuple(above_of(each, len(thresholds) + 1) for each in value["groups"])
        missing = {text(reason): whole(rows) for reason, rows in value["missing"].items()}
        timings = {str(name): number(seconds) for name, seconds in value.get("timings", {}).items()}
        return Cuts(asked_of(value["asked"]), whole(value["rows"]), missing, thresholds, groups, timings)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError("What the reading process sent are no counts above thresholds; run the check again.") from error  # fmt: skip


def above_of(value: Mapping[str, Any], length: int) -> Above:
    """One group, checked: as many counts as thresholds and one, falling to nothing."""
    by = texts(value["by"])
    sides = [tuple(whole(each) for each in value[name]) for name in ("negatives", "positives")]
    for side in sides:
        if len(side) != length or side[-1] or any(one < other for one, other in pairwise(side)):
            raise ValueError("not counts above thresholds")
    return Above(by, texts(value["values"], len(by)), sides[0], sides[1], whole(value["incomplete"]))
