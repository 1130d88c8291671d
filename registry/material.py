"""Material: everything a decision is bound to. Any app adds a part with `@material`; all parts make the digest.

A review freezes the values of all parts. A part that reads differently later voids the decisions, unless the part
itself says that the change is harmless (a risk that was rated down).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry.canonical import digest, plain
from registry.looks import one_look
from registry.models import Release
from registry.policy import Policy

Value = Any
Harmless = Callable[[Value, Value], bool]


@dataclass(frozen=True)
class Part:
    """A part of the material: how to read it now, and which changes void nothing."""

    read: Callable[[Release], Value]
    harmless: Harmless


MATERIAL: dict[str, Part] = {}


def never(_before: Value, _now: Value) -> bool:
    """No change is harmless."""
    return False


def material(name: str, *, harmless: Harmless = never) -> Callable[[Callable[[Release], Value]], Callable]:
    """Register a part: a function of the release that returns a JSON value.

    `harmless(before, now)` says whether a change leaves decisions standing; by default none does.
    """

    def register(read: Callable[[Release], Value]) -> Callable:
        MATERIAL[name] = Part(read, harmless)
        return read

    return register


def values(release: Release) -> dict[str, Value]:
    """What all parts read now, in the canonical form that is frozen and digested."""
    with one_look(release):
        return {name: plain(part.read(release)) for name, part in sorted(MATERIAL.items())}


def part_digests(frozen: dict[str, Value]) -> dict[str, str]:
    """The digest of each part."""
    return {name: digest(value) for name, value in frozen.items()}


def subject_digest(frozen: dict[str, Value]) -> str:
    """The digest that a decision is bound to: over the digests of all parts."""
    return digest(part_digests(frozen))


def changed_parts(release: Release, frozen: dict[str, Value]) -> list[str]:
    """Names of the parts that changed since they were frozen, harmless and immaterial changes left out."""
    spared = immaterial(frozen)
    return [name for name in differing(release, frozen) if name not in spared]


def differing(release: Release, frozen: dict[str, Value]) -> list[str]:
    """Names of the parts that changed since they were frozen, harmless changes left out."""
    now = values(release)
    return [
        name
        for name in sorted(now.keys() | frozen.keys())
        if now.get(name) != frozen.get(name) and not is_harmless(name, frozen.get(name), now.get(name))
    ]


def immaterial(frozen: dict[str, Value]) -> frozenset[str]:
    """The parts that the policy, as frozen with the rest, calls immaterial."""
    return Policy(frozen.get("policy") or {}).immaterial


def is_harmless(name: str, before: Value, now: Value) -> bool:
    """Whether the part itself shrugs at this change; a part that came or went never does."""
    part = MATERIAL.get(name)
    return part is not None and before is not None and now is not None and part.harmless(before, now)
