"""The model card's form: its fields from the schema, the values that the registry fills by itself, completeness."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import yaml
from django.utils.formats import date_format
from django.utils.translation import gettext

from registry.models import Evidence, LineageLink, ModelCard, ModelVersion

SOURCE = Path(__file__).parent / "data" / "model_card_schema.yaml"
COMES_WITH_RELEASE = ("workflow:", "entity:deployment.", "entity:release.")
CONDITIONS = {
    "generative": "is_generative",
    "agentic": "is_agentic",
    "personal_data": "processes_personal_data",
    "interacts_with_people": "interacts_with_people",
    "third_party": "has_vendor_component",
}


@dataclass(frozen=True)
class Field:
    """A field of the card schema."""

    id: str
    title: str
    section: str
    type: str
    required_for: tuple[str, ...]
    source: str
    condition: str
    min_length: int
    evidence_field: str

    def is_required(self, version: ModelVersion) -> bool:
        """The version's tier asks for it and its condition holds; what only a release can give is asked for later."""
        if version.home_system.risk_tier not in self.required_for:
            return False
        if self.source.startswith(COMES_WITH_RELEASE):
            return False
        return holds(self.condition, version)


@dataclass(frozen=True)
class Value:
    """A field with what stands in it, and whether the registry or a person put it there."""

    field: Field
    text: str
    automatic: bool
    required: bool

    @property
    def is_filled(self) -> bool:
        """Long enough to count."""
        return len(self.text.strip()) >= max(1, 0 if self.automatic else self.field.min_length)


@dataclass(frozen=True)
class Completeness:
    """Required fields filled, of required fields; `missing` names the others."""

    filled: int
    required: int
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """Between 0 and 1; 1 when nothing is required."""
        return self.filled / self.required if self.required else 1.0


@cache
def schema() -> tuple[Field, ...]:
    """Every field of the schema in its order."""
    document = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
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
        )
        for section in document["sections"]
        for field in section["fields"]
    )


def holds(condition: str, version: ModelVersion) -> bool:
    """Whether a field's condition holds; an unknown one does, so that more is asked rather than less."""
    if condition == "pretrained_model":
        return bool(version.base_model)
    return bool(getattr(version.home_system, CONDITIONS.get(condition, ""), True)) if condition else True


@dataclass(frozen=True)
class Known:
    """What the registry knows for a version's card, read once: linked labels by relation, evidence by what it shows."""

    version: ModelVersion
    links: dict[str, str]
    evidence: dict[str, str]

    @classmethod
    def of(cls, version: ModelVersion) -> "Known":
        """Two queries, whatever the number of fields."""
        links: dict[str, list[str]] = {}
        for link in LineageLink.objects.filter(source_id=version.pk):
            links.setdefault(link.relation, []).append(link.target_label)
        evidence: dict[str, str] = {}
        for row in Evidence.objects.filter(version=version).standing().order_by("effective_at", "received_at"):
            evidence.update(dict.fromkeys(row.shows, f"{row.get_verdict_display()} – {row.digest}"))
        return cls(version, {name: "; ".join(labels) for name, labels in links.items()}, evidence)

    def value(self, field: Field) -> str:
        """What stands in a field without anybody writing it, or an empty string."""
        kind, _colon, name = field.source.partition(":")
        if kind == "entity":
            return of_entity(name, self.version)
        return {"lineage": self.links, "check": self.evidence}.get(kind, {}).get(name, "")


def of_entity(name: str, version: ModelVersion) -> str:
    """A column of the system or the version, as text."""
    entity, _dot, column = name.partition(".")
    row = {"ai_system": version.home_system, "model_version": version}.get(entity)
    column = {"business_unit": "unit", "released_at": "created_at"}.get(column, column)
    value = getattr(row, f"get_{column}_display", None) if row is not None else None
    found = value() if callable(value) else getattr(row, column, "") if row is not None else ""
    if isinstance(found, datetime | date):
        return date_format(found, "Y-m-d")
    return str(found or "")


def values(version: ModelVersion, card: ModelCard | None) -> list[Value]:
    """Every field of the card as it reads now."""
    written, known = card.fields if card else {}, Known.of(version)
    found = []
    for field in schema():
        own = known.value(field)
        found.append(Value(field, own or str(written.get(field.id, "")), bool(own), field.is_required(version)))
    return found


def completeness(version: ModelVersion, card: ModelCard | None) -> Completeness:
    """How complete the card is for the tier."""
    required = [value for value in values(version, card) if value.required]
    missing = tuple(gettext(value.field.title) for value in required if not value.is_filled)
    return Completeness(len(required) - len(missing), len(required), missing)
