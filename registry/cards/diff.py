"""What differs between two texts of a card: two revisions, two versions, or what two people wrote at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.cards.schema import titles


@dataclass(frozen=True)
class Change:
    """One field that reads otherwise: the text before and after; either may be empty."""

    id: str
    title: str
    before: str
    after: str


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """The fields that differ, in the order of the schema; keys that the schema no longer has come last."""
    names = titles()
    order = [*names, *sorted((set(before) | set(after)) - set(names))]
    pairs = [(key, str(before.get(key, "")), str(after.get(key, ""))) for key in order]
    return [Change(key, names.get(key, key), old, new) for key, old, new in pairs if old != new]
