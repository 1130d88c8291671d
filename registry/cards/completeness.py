"""How complete a card is for the tier of its system."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from registry.cards.values import Value, values
from registry.models import ModelCard, ModelVersion


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


def completeness(version: ModelVersion, card: ModelCard | None) -> Completeness:
    """How complete the card is for the tier."""
    return counted(values(version, card))


def counted(found: Iterable[Value]) -> Completeness:
    """The same of values that are read already."""
    required = [value for value in found if value.required]
    missing = tuple(gettext(value.field.title) for value in required if not value.is_filled)
    return Completeness(len(required) - len(missing), len(required), missing)
