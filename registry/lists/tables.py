"""Every record of the evidence vocabulary that has a table of its own as a list, made from the vocabulary, for exports."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _, gettext_lazy as _lazy

from registry.lists.declared import LISTS, Column, Listed
from registry.registers.reading import tables
from registry.vocabulary import vocabulary

ID: Final = Column("id", _lazy("Id"), "pk")
CREATED: Final = "created_at"


@dataclass(frozen=True)
class Table(Listed):
    """The rows of one entity, with the vocabulary's columns; its page is that of all of them."""

    @property
    def url(self) -> str:
        """Where all tables are."""
        return reverse("tables")


def install() -> None:
    """A list for each entity of the vocabulary that is a table; those of registers have theirs already."""
    for entity, label in tables().items():
        table = apps.get_model(label)
        names = (CREATED, *vocabulary().entities[entity].fields)
        found = [ID, *(column for name in names if (column := column_of(table, name)) is not None)]
        what = said(vocabulary().entities[entity].what)
        LISTS[entity] = Table(entity, table, said(title_of(entity)), what, tuple(found), order="pk")


def title_of(entity: str) -> str:
    """The name of an entity in words."""
    return entity.replace("_", " ").capitalize()


def said(text: str) -> Any:
    """A text of the vocabulary, translated each time it is shown."""
    return lazy(partial(_, text), str)()


def column_of(table: Any, name: str) -> Column | None:
    """A stored column by the vocabulary's name; None where the table has none. What it leads to is told by its id."""
    try:
        field = table._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    if not field.concrete or field.many_to_many:
        return None
    return Column(name, getattr(field, "verbose_name", name), field.attname, on_page=name == CREATED)
