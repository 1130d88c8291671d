"""Known weaknesses of packages: how many of each gravity, what was decided to be borne, and which limits that keeps."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rai.checks.contract import InputError, Threshold, Verdict

LEVELS = ("critical", "high", "medium", "low")
AGE, UNKNOWN, UNRATED = "advisory_age_days", "not_evaluable", "unrated"
# What holds where no approved limit speaks of a figure. Nothing is usual for medium and low ones: they are told.
USUAL: dict[str, int] = {"critical": 0, "high": 0, UNRATED: 0, UNKNOWN: 0, AGE: 30}
FIGURES = (*LEVELS, UNRATED, UNKNOWN, AGE)
# Beyond these limits nothing is broken; it is not known.
OF_KNOWLEDGE = (UNRATED, UNKNOWN, AGE)
RULE = re.compile(rf"({'|'.join(FIGURES)})<=([0-9]{{1,6}})")


@dataclass(frozen=True)
class Rule:
    """A limit: the figure's name and the most that it may be."""

    text: str
    name: str
    limit: int


def parse_rule(text: str) -> Rule:
    """The rule that a text writes; raises InputError that says which there are."""
    found = RULE.fullmatch("".join(text.split()))
    if found is None:
        raise InputError(
            "“{text}” is no limit for known weaknesses. Write one of: {offered}, with a whole number of your own.",
            text=text, offered=", ".join(f"{name}<={USUAL.get(name, 5)}" for name in FIGURES),
        )  # fmt: skip
    return Rule(found[0], found[1], int(found[2]))


@dataclass(frozen=True)
class Borne:
    """A decision that a weakness is borne: its id, the component it names, and its last day."""

    id: str
    component: str
    until: date


@dataclass(frozen=True)
class Judged:
    """What packages and advisories came to. `weaknesses` each with `borne` (open, borne or lapsed) and `until`."""

    counts: Mapping[str, int]
    weaknesses: tuple[dict[str, Any], ...]
    thresholds: tuple[Threshold, ...]


def judge(
    found: Mapping[str, Any], *, rules: Sequence[str], borne: Sequence[Borne], today: date, newest: date
) -> Judged:
    """Count what is open and hold it against the approved rules, and against the usual ones where none is approved.

    `found` is the child's reply. A weakness is borne when a decision names one of its ids and its package, up to its last
    day. `newest` is the day of the advisories.
    """
    weaknesses = tuple(one | standing(one, borne, today) for one in found["weaknesses"])
    settled = Counter(one["severity"] for one in weaknesses if one["borne"] == "borne")
    counts = {level: found["by_severity"].get(level, 0) - settled[level] for level in (*LEVELS, UNRATED)}
    counts |= {UNKNOWN: found["unknown_in_all"], AGE: max(0, (today - newest).days)}
    given = [parse_rule(text) for text in rules]
    spoken = {rule.name for rule in given}
    usual = [parse_rule(f"{name}<={most}") for name, most in USUAL.items() if name not in spoken]
    return Judged(counts, weaknesses, tuple(entry(rule, counts[rule.name]) for rule in (*given, *usual)))


def standing(weakness: Mapping[str, Any], borne: Sequence[Borne], today: date) -> dict[str, Any]:
    """Whether a weakness is open, borne until a day, or was borne until one."""
    days = [
        one.until for one in borne if one.id in weakness["ids"] and folded(one.component) == folded(weakness["name"])
    ]
    if not days:
        return {"borne": "open", "until": None}
    return {"borne": "borne" if max(days) >= today else "lapsed", "until": max(days).isoformat()}


def folded(name: str) -> str:
    """A component's name as it is compared: `Ruamel_Yaml` and `ruamel.yaml` are one."""
    return re.sub(r"[-_. ]+", "-", name).lower()


def entry(rule: Rule, count: int) -> Threshold:
    """One rule's verdict: what is counted has no interval."""
    within = count <= rule.limit
    verdict: Verdict = "pass" if within else ("insufficient" if rule.name in OF_KNOWLEDGE else "fail")
    value = float(count)
    return Threshold(
        rule=rule.text, value=value, low=value, high=value, verdict=verdict, by=(), comparison="none", comparisons=0, groups=0,
        attempt=1, error_per_side=0.0, worst=None, chance=None, left_out=(), left_out_share=0.0, reasons=(), rows_needed=None,
    )  # fmt: skip
