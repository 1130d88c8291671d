"""Another edition of a framework as data: whether it may be taken, and what it would change, item by item and in status."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.vocabulary import read_yaml
from reports.evaluation import evaluate
from reports.facts import Facts
from reports.framework_files import Framework, load, parsed
from reports.framework_names import problems_of


@dataclass(frozen=True)
class Difference:
    """What another edition adds, takes away and changes, by ids, and which statuses come out otherwise."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    statuses: Mapping[str, tuple[str, str]]

    def to_json(self) -> dict[str, Any]:
        """The list, as it is printed."""
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": {key: list(names) for key, names in self.changed.items()},
            "statuses": {key: {"now": now, "then": then} for key, (now, then) in self.statuses.items()},
        }


def edition(path: Path) -> Framework:
    """The framework of a file; every unknown name and every id that stands twice is refused, all of them at once."""
    found = parsed(read_yaml(path), file=path.name)
    problems = problems_of(found)
    if problems:
        told = _("%(file)s is not taken. %(count)s to mend: %(problems)s")
        raise BadInput(told % {"file": path.name, "count": len(problems), "problems": " ".join(problems)})
    return found


def difference(
    other: Framework, facts: Facts, *, system: str | None, as_of: datetime, now: Framework | None = None
) -> Difference:
    """What the other edition changes against the one in use, for a system or the organisation.

    The one in use is `now`, or the one of that name that comes with the software.
    """
    used = now or load(other.slug)
    old, new = parts(used), parts(other)
    changed = {key: told for key in old.keys() & new.keys() if (told := otherwise(old[key], new[key]))}
    before, then = (
        {entry.requirement.id: entry.result for entry in evaluate(one, facts, system=system, as_of=as_of).requirements}
        for one in (used, other)
    )
    moved = {
        key: (before.get(key, "-"), then.get(key, "-")) for key in [*before, *(then.keys() - before.keys())]
        if before.get(key) != then.get(key)
    }  # fmt: skip
    return Difference(
        tuple(key for key in new if key not in old), tuple(key for key in old if key not in new),
        {key: changed[key] for key in new if key in changed}, moved,
    )  # fmt: skip


def parts(framework: Framework) -> dict[str, Any]:
    """Requirements and items by their ids, in the order of the file."""
    found: dict[str, Any] = {}
    for requirement in framework.requirements:
        found[requirement.id] = requirement
        found |= {item.id: item for item in requirement.items}
    return found


def otherwise(old: Any, new: Any) -> tuple[str, ...]:
    """The names of what differs in one requirement or item; its items tell for themselves."""
    if type(old) is not type(new):
        return ("kind",)
    return tuple(
        one.name for one in fields(old)
        if one.name not in {"items", "raw"} and getattr(old, one.name) != getattr(new, one.name)
    )  # fmt: skip
