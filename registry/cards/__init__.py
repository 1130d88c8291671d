"""The model card: its schema, the values that stand in it, completeness, differences, and the formats of others."""

from registry.cards.completeness import Completeness, completeness, counted
from registry.cards.diff import Change, changes
from registry.cards.numbers import require_sources
from registry.cards.schema import Field, by_key, holds, schema, titles
from registry.cards.sources import Source
from registry.cards.values import Value, reading, texts, token, values

__all__ = [
    "Change",
    "Completeness",
    "Field",
    "Source",
    "Value",
    "by_key",
    "changes",
    "completeness",
    "counted",
    "holds",
    "reading",
    "require_sources",
    "schema",
    "texts",
    "titles",
    "token",
    "values",
]
