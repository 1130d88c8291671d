"""How a snapshot of the log reads: columns by the names that people know them by, values as the pages write them."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from registry.models import Blob

LONGEST = 2000
NOTHING = "–"


@dataclass(frozen=True)
class Line:
    """One column as a reader meets it; `before` is what it said in the revision before, where that is asked."""

    label: str
    text: str
    before: str = ""


def lines(kind: str, snapshot: dict[str, Any], *names: str) -> list[Line]:
    """The named columns of a snapshot of `app.Model`, in this order; those that it does not have are left out."""
    return [Line(label_of(kind, name), text_of(kind, name, snapshot[name])) for name in names if name in snapshot]


def said(snapshot: dict[str, Any]) -> list[str]:
    """The columns that say something of the object beyond which it is and since when."""
    return [name for name in snapshot if name not in {"id", "created_at"}]


def changes(kind: str, before: dict[str, Any], after: dict[str, Any]) -> list[Line]:
    """The columns that differ, with what they said before; those of a new object, all that say something."""
    names = [name for name in said(after) if before.get(name) != after[name]]
    if not before:
        names = [name for name in names if after[name] not in (None, "", [], {})]
    return [
        Line(label_of(kind, name), text_of(kind, name, after[name]), text_of(kind, name, before.get(name)))
        for name in names
    ]


def field_of(kind: str, name: str) -> Any:
    """The model's field, or None when this release no longer has it."""
    try:
        return apps.get_model(kind)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def label_of(kind: str, name: str) -> str:
    """The column's name in words."""
    field = field_of(kind, name)
    label = str(getattr(field, "verbose_name", "") or name.replace("_", " "))
    return label[:1].upper() + label[1:]


def text_of(kind: str, name: str, value: Any) -> str:
    """The value in words: choices by their labels, moments in the reader's notation, structures as JSON."""
    field = field_of(kind, name)
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(field, models.ForeignKey) and field.related_model is Blob:
        return f"sha256:{value}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and getattr(field, "choices", None):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, str) and isinstance(field, models.DateField):
        return moment(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def moment(text: str) -> str:
    """A date or a moment from the log."""
    try:
        if len(text) == len("2026-03-03"):
            return formats.date_format(date.fromisoformat(text), "DATE_FORMAT")
        return formats.date_format(timezone.localtime(datetime.fromisoformat(text)), "DATETIME_FORMAT")
    except ValueError:
        return text
