"""Counts of several classes as JSON and back: what the child sends is checked field by field before anything is computed on it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rai.checks.saying import InputError
from rai.engine.classes import MOST_CLASSES, ClassCube
from rai.engine.cube import mapped_of, texts, whole


def message_of(cube: ClassCube) -> dict[str, Any]:
    """The counts as JSON."""
    counts = [[list(values), truth, guess, n] for (values, truth, guess), n in cube.counts.items()]
    return {"mapped": asdict(cube.mapped), "classes": list(cube.classes), "counts": counts, "timings": {}}


def class_cube_of(value: Mapping[str, Any]) -> ClassCube:
    """The counts of a JSON object; raises InputError where the object holds none, because its sender may have read a hostile file."""
    try:
        mapped, classes = mapped_of(value["mapped"]), texts(value["classes"])
        if not 2 <= len(classes) <= MOST_CLASSES or len(set(classes)) != len(classes):
            raise ValueError("not classes")
        known = {*classes, None}
        counts = {}
        for values, truth, guess, n in value["counts"]:
            if truth not in known or guess not in known:
                raise ValueError("a class of no name")
            counts[(texts(values, len(mapped.keys)), truth, guess)] = whole(n)
        return ClassCube(mapped, classes, counts)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("What the reading process sent are no counts of classes; run the check again.") from error
