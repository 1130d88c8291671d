"""Matched rows of two versions as JSON and back: what the child sends is checked field by field before anything is computed on it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from rai.checks.saying import InputError
from rai.engine.cube import texts, whole
from rai.engine.paired_areas import AreaPair
from rai.engine.pairs import MOST_KEYS, Asked, Kind, Pairs, Quantity
from rai.engine.score_messages import area_in, moment_in, optional

CELLS = 8
LONGEST_KEY = 200


def message_of(pairs: Pairs) -> dict[str, Any]:
    """The matched rows as JSON."""
    quantities = {
        name: [list(asdict(each).values()) for each in (found.now, found.before, found.change)]
        for name, found in pairs.quantities.items()
    }
    areas = None if pairs.areas is None else asdict(pairs.areas)
    return {**asdict(pairs), "quantities": quantities, "areas": areas, "missing": dict(pairs.missing)}


def pairs_of(value: Mapping[str, Any]) -> Pairs:
    """The pairs of a JSON object; raises InputError where the object holds none, because its sender may have read a hostile file."""
    try:
        before = None if value["rows_before"] is None else whole(value["rows_before"])
        cells = tuple(whole(each) for each in value["cells"])
        asked, matched = asked_of(value["asked"]), whole(value["matched"])
        if len(cells) != CELLS or (asked.kind != "regression" and sum(cells) != matched):
            raise ValueError("not the cells of these rows")
        found = Pairs(
            asked, whole(value["rows"]), before, matched,
            {str(reason): whole(rows) for reason, rows in value["missing"].items()}, whole(value["relabelled"]), cells,
            None if value["areas"] is None else areas_of(value["areas"]),
            {str(name): quantity_of(each) for name, each in value["quantities"].items()},
            tuple(key[:LONGEST_KEY] for key in texts(value["newly_wrong"])), value["is_probability"] is True,
        )  # fmt: skip
        if len(found.newly_wrong) > asked.shown or any(each.now.n > matched for each in found.quantities.values()):
            raise ValueError("more keys or rows than there are")
        return found
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("What the reading process sent are no rows of two versions; run the check again.") from error


def asked_of(value: Mapping[str, Any]) -> Asked:
    """The columns, checked."""
    names = texts(value[name] for name in ("key", "target", "prediction", "positive"))
    score = None if value["score"] is None else texts([value["score"]])[0]
    if value["kind"] not in get_args(Kind) or not 0 <= whole(value["shown"]) <= MOST_KEYS:
        raise ValueError("not a kind of prediction")
    return Asked(names[0], names[1], names[2], score, names[3], value["kind"], value["shown"])


def areas_of(value: Mapping[str, Any]) -> AreaPair:
    """Both areas, of the same rows."""
    first, second = area_in(value["first"]), area_in(value["second"])
    if first is None or second is None or (first.positives, first.negatives) != (second.positives, second.negatives):
        raise ValueError("areas of other rows")
    return AreaPair(first, second, optional(value["covariance"]))


def quantity_of(value: Any) -> Quantity:
    """Three moments of the same rows."""
    now, before, change = (moment_in(each) for each in value)
    if not now.n == before.n == change.n:
        raise ValueError("moments of other rows")
    return Quantity(now, before, change)
