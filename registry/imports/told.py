"""The columns of an export that a sheet may carry and that nobody types: which they are, and why they are read past."""

from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext_lazy as _

from registry.imports.kinds import Kind, ReadPast
from registry.lists import LISTS
from registry.lists.labels import labelled
from registry.vocabulary import vocabulary

GIVEN: Final = _("Given anew when the row is entered.")
DECIDED: Final = _("Comes from decisions and work done here; a row begins at the beginning, whatever the sheet says.")
FOUND: Final = _("Found in other records.")
ANEW: Final = frozenset({"id", "created_at", "number", "revision", "hash", "artifact_hash", "previous_hash"})
# Ends of names of what only verbs set.
ENDS: Final = ("status", "_at", "_by", "result", "verdict", "approver", "publisher", "author", "known_good")


def passed_over(kind: Kind, typed: set[str]) -> dict[str, ReadPast]:
    """The columns of the kind's export that are not typed."""
    entity = kind.entity or kind.name
    names = [column.name for column in labelled(entity).columns if column.name not in typed] if entity in LISTS else []
    return {name: ReadPast(why(name), known_values(kind, name)) for name in names}


def why(name: str) -> Any:
    """Why nobody types it."""
    if name in ANEW:
        return GIVEN
    return DECIDED if name.endswith(ENDS) else FOUND


def known_values(kind: Kind, name: str) -> frozenset[str]:
    """The only values that a column may have: of the vocabulary, of the table, and of the kind's own statuses."""
    if name == "status" and kind.statuses:
        return frozenset(kind.statuses)
    entity = vocabulary().entities.get(kind.entity or kind.name)
    said = {str(value) for value in entity.values.get(name, ())} if entity else set()
    try:
        choices = getattr(kind.table._meta.get_field(name), "flatchoices", None) or ()
    except FieldDoesNotExist:
        choices = ()
    return frozenset(said | {str(value) for value, _label in choices})
