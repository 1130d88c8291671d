"""Reads what an incident sets off from its file; what cannot be used is refused with file, place and reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.models.people import Duty
from registry.registers import kind_named
from registry.vocabulary import read_yaml

FILE: Final = Path(__file__).parents[1] / "templates_data" / "incident_rules.yaml"
FACTS: Final = frozenset({"serious", "near_miss", "is_privacy", "severity", "consequence", "eu_class"})
KEYS: Final = frozenset({"title", "law", "source", "hours", "to", "duty", "when"})
NOTICE: Final = "incident_notification"
When = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Clock:
    """Time that a law gives: so many hours from when one knew, to tell somebody; `when` says of which incidents."""

    name: str
    title: str
    law: str
    source: str
    hours: int
    to: str
    duty: str
    when: When

    @property
    def label(self) -> str:
        """The title in the reader's language."""
        return _(self.title)


@dataclass(frozen=True)
class Rules:
    """All that an incident sets off."""

    suspends: tuple[When, ...]
    tells: tuple[str, ...]
    clocks: tuple[Clock, ...]


def holds(when: When, facts: Mapping[str, Any]) -> bool:
    """Every fact that the condition names has one of its values."""
    return all(facts[name] in values for name, values in when.items())


def read(path: Path = FILE) -> Rules:
    """The rules of a file; BadInput for the first thing that cannot be used."""
    raw = read_yaml(path)
    suspends = tuple(condition(path, f"suspends {place}", each) for place, each in enumerate(raw["suspends"], 1))
    clocks = tuple(clock(path, name, each) for name, each in raw["clocks"].items())
    for duty in raw["tells"]:
        require_one(path, "tells", duty, Duty.values)
    return Rules(suspends, tuple(raw["tells"]), clocks)


def clock(path: Path, name: str, entry: Mapping[str, Any]) -> Clock:
    """One clock."""
    if set(entry) != KEYS:
        odd = ", ".join(sorted(set(entry) ^ KEYS))
        raise BadInput(
            f"{path.name}, clocks, {name}: a clock has exactly the keys {', '.join(sorted(KEYS))}; see {odd}."
        )
    require_one(path, name, entry["duty"], Duty.values)
    require_one(path, name, entry["to"], kind_named(NOTICE).fields["recipient_type"].choices)
    if not isinstance(entry["hours"], int) or entry["hours"] < 1:
        raise BadInput(f"{path.name}, clocks, {name}, hours: “{entry['hours']}” is no whole number of hours.")
    return Clock(name=name, **{**entry, "when": condition(path, name, entry["when"])})


def condition(path: Path, place: str, entry: Mapping[str, Any]) -> When:
    """A condition; it names facts that there are."""
    for name in entry:
        require_one(path, place, name, FACTS)
    return MappingProxyType({name: tuple(values) for name, values in entry.items()})


def require_one(path: Path, place: str, value: str, known: Any) -> None:
    """The value is one of those that are known."""
    if value not in known:
        raise BadInput(f"{path.name}, {place}: “{value}” is unknown; choose of {', '.join(sorted(known))}.")


@cache
def rules() -> Rules:
    """The rules of this installation, read once a process."""
    return read()
