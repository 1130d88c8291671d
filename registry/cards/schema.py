"""The fields of the model card as the schema file has them, and for which tier each is needed."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.utils.translation import gettext

from registry.models import ModelVersion
from registry.vocabulary import read_yaml

SOURCE: Final = Path(__file__).parents[1] / "data" / "model_card_schema.yaml"
COMES_WITH_RELEASE: Final = ("workflow:", "entity:deployment.", "entity:release.")
CONDITIONS: Final = {
    "generative": "is_generative",
    "agentic": "is_agentic",
    "personal_data": "processes_personal_data",
    "interacts_with_people": "interacts_with_people",
    "third_party": "has_vendor_component",
}
# Beside a field that the registry fills, a person may write a note: kept under the field's id with this ending.
NOTE: Final = ".note"
# Types of which each entry stands on a line of its own.
LINES: Final = frozenset({"list", "table", "map", "images"})


@dataclass(frozen=True)
class Field:
    """A field of the card schema; `maps_to` holds its place in other schemas, by their names."""

    id: str
    title: str
    section: str
    type: str
    required_for: tuple[str, ...]
    source: str
    condition: str
    min_length: int
    evidence_field: str
    maps_to: dict[str, str]

    def is_required(self, version: ModelVersion) -> bool:
        """The version's tier asks for it and its condition holds; what only a release can give is asked for later."""
        if version.home_system.risk_tier not in self.required_for:
            return False
        if self.source.startswith(COMES_WITH_RELEASE):
            return False
        return holds(self.condition, version)

    @property
    def note_id(self) -> str:
        """The key of what a person writes beside the registry's value."""
        return self.id + NOTE

    @property
    def is_measured(self) -> bool:
        """Its numbers are measurements: a number that is typed here has to name its source."""
        return self.type == "number" or self.source.startswith("check:") or self.id == "training_metrics"


@cache
def schema() -> tuple[Field, ...]:
    """Every field of the schema in its order."""
    return tuple(
        Field(
            id=field["id"],
            title=field["title"],
            section=section["title"],
            type=field["type"],
            required_for=tuple(field["required_for"]),
            source=field.get("fills_from", ""),
            condition=field.get("applies_when", ""),
            min_length=field.get("min_length", 0),
            evidence_field=field.get("evidence_field", ""),
            maps_to=field.get("maps_to", {}),
        )
        for section in read_yaml(SOURCE)["sections"]
        for field in section["fields"]
    )


@cache
def by_key() -> dict[str, Field]:
    """The field of every key that a card's `fields` may hold: its id, and its id with the ending of a note."""
    return {field.id: field for field in schema()} | {field.note_id: field for field in schema()}


def titles() -> dict[str, str]:
    """What people call every key that a card's `fields` may hold, in the order of the schema."""
    found: dict[str, str] = {}
    for field in schema():
        name = gettext(field.title)
        found |= {field.id: name, field.note_id: gettext("%s: note") % name}
    return found


def holds(condition: str, version: ModelVersion) -> bool:
    """Whether a field's condition holds; an unknown one does, so that more is asked rather than less."""
    if condition == "pretrained_model":
        return bool(version.base_model)
    return bool(getattr(version.home_system, CONDITIONS.get(condition, ""), True)) if condition else True
