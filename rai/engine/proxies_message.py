"""Counts of inputs by protected group as they come from the process that read them: every field checked, files may be hostile."""

from collections.abc import Mapping
from typing import Any

from rai.checks.saying import InputError
from rai.engine.proxies import KINDS, Feature, Protected, Proxies
from rai.engine.shift_message import cells_of, number, text, whole


def proxies_of(value: Mapping[str, Any]) -> Proxies:
    """The counts of a JSON object; raises InputError where the object holds none."""
    try:
        protected = tuple(protected_of(each) for each in value["protected"])
        groups = {one.name: len(one.groups) for one in protected}
        features = tuple(feature_of(each, groups) for each in value["features"])
        timings = {str(name): number(seconds) for name, seconds in value.get("timings", {}).items()}
        return Proxies(whole(value["rows"]), protected, features, timings)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError("What the reading process sent are no counts by group; run the check again.") from error


def protected_of(value: Mapping[str, Any]) -> Protected:
    """One protected column, checked."""
    groups = tuple(text(each) for each in value["groups"])
    if len(groups) < 2 or len(set(groups)) < len(groups):
        raise ValueError("not groups")
    return Protected(text(value["name"]), groups, whole(value["missing"]))


def feature_of(value: Mapping[str, Any], groups: Mapping[str, int]) -> Feature:
    """One input, checked: every table has a column for each group."""
    if value["kind"] not in KINDS:
        raise ValueError("not a kind of column")
    counts = {text(name): tuple(tuple(whole(n) for n in row) for row in rows) for name, rows in value["counts"].items()}
    missing = {text(name): tuple(whole(n) for n in row) for name, row in value["counts_missing"].items()}
    expected = set(groups) if value["kind"] in {"number", "category"} else set()
    if set(counts) != expected or set(missing) != expected:
        raise ValueError("not the counts of each protected column")
    if any(len(row) != groups[name] for name in expected for row in (*counts[name], missing[name])):
        raise ValueError("not a count of each group")
    cells = cells_of(value["cells"])
    return Feature(text(value["name"]), value["kind"], cells, whole(value["distinct"]), counts, missing)
