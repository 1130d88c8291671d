"""The rules of retirement, read from data: when people are reminded, and the lines of the checklist by tier."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from registry.errors import BadInput
from registry.models import Tier
from registry.vocabulary import read_yaml

SOURCE = Path(__file__).parents[1] / "data" / "retirement.yaml"
SHOWN_BY = ("", "deployments", "consumers")


@dataclass(frozen=True)
class Line:
    """A line of the decommission checklist. `shown_by` names the question that the registry can answer by itself."""

    id: str
    title_in_english: str
    ask_in_english: str
    tiers: tuple[str, ...]
    shown_by: str = ""

    @property
    def title(self) -> str:
        """What is to be done, in the reader's language."""
        return gettext(self.title_in_english)

    @property
    def ask(self) -> str:
        """What exactly, in the reader's language."""
        return gettext(self.ask_in_english)


@dataclass(frozen=True)
class Rules:
    """Days of reminders before the end, the greatest first; from when on a plan must stand; the checklist."""

    reminders: tuple[int, ...]
    plan_by: int
    checklist: tuple[Line, ...]

    def of_tier(self, tier: str) -> list[Line]:
        """The lines that count for a tier, in order."""
        return [line for line in self.checklist if tier in line.tiers]


@cache
def rules() -> Rules:
    """The rules of this installation, read once a process."""
    return parsed(read_yaml(SOURCE))


def parsed(raw: dict[str, Any]) -> Rules:
    """The rules from the content of their file; what would not work is refused by name."""
    reminders = tuple(sorted({int(days) for days in raw["reminders"]}, reverse=True))
    checklist = tuple(parsed_line(line) for line in raw["checklist"])
    if not reminders or min(reminders) < 0:
        raise BadInput(f"{SOURCE.name}: 'reminders' must name days before the end, none below 0.")
    if raw["plan_by"] <= reminders[-1]:
        raise BadInput(f"{SOURCE.name}: 'plan_by' must lie before the last reminder, {reminders[-1]} days.")
    if len({line.id for line in checklist}) < len(checklist):
        raise BadInput(f"{SOURCE.name}: a line of 'checklist' stands twice; give each an id of its own.")
    return Rules(reminders, raw["plan_by"], checklist)


def parsed_line(raw: dict[str, Any]) -> Line:
    """One line of the checklist."""
    unknown = sorted({*raw["tiers"]} - {*Tier.values})
    shown_by = raw.get("shown_by", "")
    if unknown or shown_by not in SHOWN_BY:
        wrong = unknown[0] if unknown else shown_by
        raise BadInput(
            f"{SOURCE.name}: the line '{raw['id']}' names '{wrong}', which is neither a tier nor a question."
        )
    return Line(raw["id"], raw["title"], raw["ask"], tuple(raw["tiers"]), shown_by)
