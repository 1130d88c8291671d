"""Every field of a card as it reads now: what the registry knows goes before what a person wrote."""

from dataclasses import dataclass

from registry.canonical import digest
from registry.cards.schema import Field, schema
from registry.cards.sources import NOTHING, Known, Source
from registry.models import ModelCard, ModelVersion


@dataclass(frozen=True)
class Value:
    """A field with what stands in it, and whether the registry or a person put it there."""

    field: Field
    text: str
    automatic: bool
    required: bool
    source: Source = NOTHING
    note: str = ""

    @property
    def shown(self) -> str:
        """What pages and reports show of it: of a run its verdict and its worst figures."""
        return (self.automatic and self.source.brief) or self.text

    @property
    def is_filled(self) -> bool:
        """Long enough to count."""
        return len(self.text.strip()) >= max(1, 0 if self.automatic else self.field.min_length)


def values(version: ModelVersion, card: ModelCard | None) -> list[Value]:
    """Every field of the card as it reads now."""
    written, known = card.fields if card else {}, Known.of(version)
    found = []
    for field in schema():
        own, typed = known.value(field), str(written.get(field.id, ""))
        note = str(written.get(field.note_id, ""))
        # What was typed before the registry knew better stays beside its value.
        note = "\n".join(dict.fromkeys(text for text in (note, typed if own.text else "") if text))
        text = own.text or typed
        found.append(Value(field, text, bool(own.text), field.is_required(version), own, note))
    return found


def texts(version: ModelVersion, card: ModelCard | None) -> dict[str, str]:
    """The filled fields by their ids, as exports write them."""
    return {value.field.id: value.text for value in values(version, card) if value.text.strip()}


def reading(card: ModelCard) -> dict[str, str]:
    """The filled fields and notes of a revision by their keys: what a reader compares with another one."""
    found = values(card.version, card)
    both = {value.field.id: value.text for value in found} | {value.field.note_id: value.note for value in found}
    return {key: text for key, text in both.items() if text.strip()}


def token(card: ModelCard | None) -> str:
    """What a writer has before him: changes with every change of the card, and tells one revision from the next."""
    if card is None:
        return digest({"number": 0, "fields": {}})
    return digest({"number": card.number, "fields": card.fields})
