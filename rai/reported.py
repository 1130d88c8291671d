"""Figures that were computed elsewhere: what a pipeline must say of them, and the outcome that keeps it."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.canonical import digest
from registry.errors import BadInput
from registry.vocabulary import vocabulary

# Stands before the name in the column of checks, so that no posted figure is taken for a check of this installation.
PREFIX: Final = "reported: "
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
MOST_FIGURES, MOST_INPUTS = 500, 50


@dataclass(frozen=True)
class Source:
    """Bytes that figures rest on: what they are called, and their digest."""

    name: str
    digest: str


@dataclass(frozen=True)
class Figure:
    """One figure as it was posted: of all rows, or of a group; with an interval and rows where the pipeline gave them."""

    metric: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    group: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Report:
    """What a pipeline posts: the names of the vocabulary it shows, when and by what it was computed, and from what."""

    shows: Sequence[str]
    measured_at: datetime
    tool: str
    inputs: Sequence[Source]
    code: Source
    figures: Sequence[Figure]


def require_sound(report: Report) -> None:
    """Refuse a report that names what nobody knows, rests on nothing, or holds what is no figure."""
    unknown = sorted(set(report.shows) - vocabulary().checks.keys())
    if unknown or not report.shows:
        given = unknown[0] if unknown else ""
        raise BadInput(_("“%s” is no check of the vocabulary; name at least one that is.") % given, field="shows")
    if not 1 <= len(report.inputs) <= MOST_INPUTS:
        raise BadInput(
            _("Name the data that was measured: 1 to %d files with their digests.") % MOST_INPUTS, field="inputs"
        )
    for source in (*report.inputs, report.code):
        if not DIGEST.fullmatch(source.digest):
            facts = {"name": source.name, "digest": source.digest}
            raise BadInput(
                _("%(name)s: “%(digest)s” is no digest; write sha256: and 64 hex digits.") % facts, field="inputs"
            )
    if not 1 <= len(report.figures) <= MOST_FIGURES:
        raise BadInput(_("Post 1 to %d figures.") % MOST_FIGURES, field="figures")
    for one in report.figures:
        require_figure(one)


def require_figure(one: Figure) -> None:
    """Refuse numbers that are none, and an interval without its value inside."""
    numbers = [number for number in (one.low, one.value, one.high) if number is not None]
    if not all(math.isfinite(number) for number in numbers):
        raise BadInput(_("%s is not finite; leave it empty where it cannot be computed.") % one.metric, field="figures")
    if numbers != sorted(numbers):
        raise BadInput(_("%s lies outside its own interval.") % one.metric, field="figures")
    if one.n is not None and one.n < 0:
        raise BadInput(_("%s is of fewer than 0 rows.") % one.metric, field="figures")


def outcome_of(report: Report) -> dict[str, Any]:
    """The outcome as it is stored and hashed, in the shape that pages and rules read; its verdict is that there is one."""
    outcome = {
        "check": f"{PREFIX}{report.shows[0]}",
        "verdict": "recorded",
        "reported": {
            "tool": report.tool, "measured_at": report.measured_at.isoformat(),
            "inputs": [vars(source) for source in report.inputs], "code": vars(report.code),
        },
        "inputs": {"data": report.inputs[0].digest},
        "figures": [
            {"metric": one.metric, "value": one.value, "low": one.low, "high": one.high, "n": one.n, "method": "reported",
             "group": dict(one.group or {})}
            for one in report.figures
        ],
    }  # fmt: skip
    return outcome | {"digest": digest(outcome)}
