"""Whether a version of a package lies in what an advisory calls affected, by the order of versions of its ecosystem."""

from dataclasses import dataclass, field

from packaging.version import InvalidVersion, Version

from rai.engine.supply.bills import PYPI

INTRODUCED, FIXED, LAST, LIMIT = "introduced", "fixed", "last_affected", "limit"
# At the same version what is mended there comes before what begins there, so that doubt ends as affected.
ORDER = {FIXED: 0, LAST: 1, LIMIT: 2, INTRODUCED: 3}
BEGINNING = Version("0.dev0")
OPERATORS = {
    "<=": lambda one, other: one <= other, ">=": lambda one, other: one >= other, "!=": lambda one, other: one != other,
    "==": lambda one, other: one == other, "<": lambda one, other: one < other, ">": lambda one, other: one > other,
}  # fmt: skip

Event = tuple[str, str]
Clause = tuple[str, str]


@dataclass(frozen=True)
class Affected:
    """What one advisory says of one package: ranges of events, alternatives of clauses, and versions by name.

    `readable` is false where it has ranges of a kind that only a source repository can answer.
    """

    ecosystem: str
    name: str
    events: tuple[tuple[Event, ...], ...] = ()
    clauses: tuple[tuple[Clause, ...], ...] = ()
    versions: frozenset[str] = field(default_factory=frozenset)
    readable: bool = True


def holds(version: str, affected: Affected) -> bool | None:
    """Whether this version is affected; None where that cannot be told.

    A version that is named is affected in any ecosystem. Ranges are compared for PyPI alone (PEP 440), by the public part
    of the version: a local build (`2.1+cpu`) has the weaknesses of its release. Pre-releases lie below their release.
    """
    if version in affected.versions:
        return True
    if affected.ecosystem != PYPI:
        return None
    try:
        mine = public(version)
        named = any(mine == known(one) for one in affected.versions)
        spans = any(within(mine, events) for events in affected.events)
        said = any(all(OPERATORS[sign](mine, public(bound)) for sign, bound in clauses) for clauses in affected.clauses)
    except InvalidVersion:
        return None
    return True if named or spans or said else (False if affected.readable else None)


def public(text: str) -> Version:
    """A version without what a builder added to it; raises InvalidVersion."""
    return Version(Version(text).public)


def known(text: str) -> Version | None:
    """The public part of a version that an advisory names, or None: old ones are spelled in ways that have no order."""
    try:
        return public(text)
    except InvalidVersion:
        return None


def within(mine: Version, events: tuple[Event, ...]) -> bool:
    """The evaluation of the OSV schema (section “Evaluation”): events by version, the last one that applies decides."""
    limits = [bound for kind, bound in events if kind == LIMIT and bound != "*"]
    if limits and not any(mine < public(bound) for bound in limits):
        return False
    inside = False
    for kind, bound in sorted(((kind, at(bound)) for kind, bound in events if kind != LIMIT), key=placed):
        if kind == INTRODUCED and mine >= bound:
            inside = True
        elif (kind == FIXED and mine >= bound) or (kind == LAST and mine > bound):
            inside = False
    return inside


def at(bound: str) -> Version:
    """The version of an event; “0” is before every version."""
    return BEGINNING if bound == "0" else public(bound)


def placed(event: tuple[str, Version]) -> tuple[Version, int]:
    """Where an event stands among the others."""
    return event[1], ORDER[event[0]]


def mended_in(version: str, affected: Affected) -> str:
    """The lowest version above this one that mends it; empty where none is said."""
    try:
        mine = public(version)
        bounds = [bound for events in affected.events for kind, bound in events if kind == FIXED]
        bounds += [bound for clauses in affected.clauses for sign, bound in clauses if sign == "<"]
        return min((bound for bound in bounds if public(bound) > mine), key=public, default="")
    except InvalidVersion:
        return ""
