"""Tags and custom fields as columns and filters of a list: what they are is read when the list is."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.lists.declared import LISTS, Column, Listed
from registry.lists.filters import Filter, pointed_at
from registry.models import CustomField, Labels, LabelWord


def labelled(name: str) -> Listed:
    """A list with its tags and the custom fields that are in use."""
    entry = LISTS[name]
    if name not in CustomField.Kind.values and not entry.has_tags:
        return entry
    fields = list(CustomField.objects.of(name))
    columns = (Column("tags", _("Tags"), on_page=False), *(
        Column(field.word, field.name, f"custom.{field.slug}", on_page=False) for field in fields
    ))  # fmt: skip
    filters = (by_label("tag", _("Tag")), *(by_label(field.word, field.name, field) for field in fields))
    return replace(entry, columns=(*entry.columns, *columns), filters=(*entry.filters, *filters))


def by_label(name: str, label: Any, field: CustomField | None = None) -> Filter:
    """By a tag or the value of a custom field, in any case."""

    def where(value: str, person: Any) -> Q:
        return pointed_at(LabelWord.objects.filter(name=name, value=value.casefold()), "object_id")

    choices = [(one, one) for one in field.choices] if field else []
    return Filter(name, label, where, choices=(lambda person: choices) if choices else None)


def attach(rows: list[Any]) -> None:
    """Set tags and custom values on the rows of a page or part, by one query."""
    found = {one.object_id: one for one in Labels.objects.filter(object_id__in=[row.pk for row in rows])}
    for row in rows:
        one = found.get(row.pk)
        row.tags, row.custom = (one.tags, SimpleNamespace(**one.values)) if one else ([], None)
