"""Tags and custom fields: what administrators define, and what is written on rows of the inventory."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from registry import access
from registry.actions.inventory import saved
from registry.errors import BadInput
from registry.models import (
    AISystem,
    BusinessUnit,
    CustomField,
    Dataset,
    Labels,
    LabelWord,
    Model,
    ModelVersion,
    RegisterEntry,
    User,
)
from registry.transactions import retried

# What bears labels: the kind of its custom fields, and the action by which one may write them.
BEARERS: Final = {
    AISystem: ("systems", access.MODEL_EDIT),
    Model: ("models", access.MODEL_EDIT),
    ModelVersion: ("versions", access.MODEL_EDIT),
    Dataset: ("datasets", access.DATASET_UPLOAD),
    RegisterEntry: ("entries", access.REGISTER_EDIT),
}
MOST_TAGS, LONGEST_TAG, LONGEST_VALUE = 20, 40, 200
TAG: Final = "tag"


@transaction.atomic
def define_field(
    *, kind: str, name: str, type: str, choices: list[str], is_required: bool, actor: User
) -> CustomField:  # fmt: skip
    """Add a field to one kind of rows."""
    row = CustomField(kind=kind, name=name, slug=slugify(name, allow_unicode=False) or "field", type=type)
    row.choices, row.is_required = list(dict.fromkeys(choices)), is_required
    access.require(actor, access.SETTINGS_CHANGE, row)
    if (type == CustomField.Type.CHOICE) != bool(row.choices):
        raise BadInput(_("A choice needs its values, one a line; other types have none."), field="choices")
    if CustomField.objects.filter(kind=kind, slug=row.slug).exists():
        raise BadInput(_("There is a field of this short name already: %s.") % row.slug, field="name")
    return saved(row, actor, "custom_field.defined")


@transaction.atomic
def end_field(row: CustomField, *, actor: User) -> CustomField:
    """Ask for it no more; what was written stays in the log and in the rows."""
    access.require(actor, access.SETTINGS_CHANGE, row)
    row.is_used = False
    return saved(row, actor, "custom_field.ended")


@retried
def write_labels(bearer: Any, *, tags: list[str], values: dict[str, Any], actor: User) -> Labels:
    """Set the tags and custom fields of a row, all at once."""
    kind, action = BEARERS[type(bearer)]
    access.require(actor, action, bearer)
    unit: BusinessUnit = bearer.unit
    row = Labels.objects.select_for_update().filter(object_id=bearer.pk).first()
    row = row or Labels(object_type=bearer._meta.label, object_id=bearer.pk)
    row.unit, row.tags = unit, clean_tags(tags)
    row.values = {**row.values, **clean_values(kind, values)}
    saved(row, actor, "labels.written")
    LabelWord.objects.filter(object_id=bearer.pk).delete()
    words = [(TAG, tag) for tag in row.tags] + [
        (f"field-{slug}", str(value)) for slug, value in row.values.items() if value
    ]
    LabelWord.objects.bulk_create(
        LabelWord(object_id=bearer.pk, name=name, value=word[:LONGEST_VALUE].casefold()) for name, word in words
    )
    return row


def clean_tags(tags: list[str]) -> list[str]:
    """Each tag once, whatever its case, in the order of the alphabet."""
    found = {tag.strip().casefold(): tag.strip() for tag in tags if tag.strip()}
    if len(found) > MOST_TAGS:
        raise BadInput(
            _("More than %d tags say nothing; keep the ones that people look for.") % MOST_TAGS, field="tags"
        )
    for tag in found.values():
        if len(tag) > LONGEST_TAG:
            raise BadInput(_("“%s…” is too long for a tag.") % tag[:LONGEST_TAG], field="tags")
    return sorted(found.values(), key=str.casefold)


def clean_values(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    """A value for each field that is in use; BadInput names the field."""
    fields = {field.slug: field for field in CustomField.objects.of(kind)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise BadInput(_("There is no field “%s” here.") % unknown[0], field=unknown[0])
    return {slug: clean_value(field, values.get(slug)) for slug, field in fields.items()}


def clean_value(field: CustomField, given: Any) -> Any:
    """One value by the type of its field; numbers and days as texts, so that they are kept exactly."""
    text = "" if given is None else str(given).strip()
    if not text and field.is_required:
        raise BadInput(_("%s must be filled in.") % field.name, field=field.slug)
    if not text:
        return ""
    try:
        return CLEAN[field.type](field, text)
    except (ValueError, InvalidOperation) as error:
        raise BadInput(
            _("“%(value)s” does not fit %(field)s (%(type)s).")
            % {"value": text[:80], "field": field.name, "type": field.get_type_display()}, field=field.slug,
        ) from error  # fmt: skip


def number(field: CustomField, text: str) -> str:
    """A finite decimal number."""
    found = Decimal(text)
    if not found.is_finite():
        raise ValueError(text)
    return str(found)


def known(field: CustomField, text: str) -> str:
    """One of the choices."""
    if text not in field.choices:
        raise ValueError(text)
    return text


def short(field: CustomField, text: str) -> str:
    """A text that fits the index."""
    if len(text) > LONGEST_VALUE:
        raise ValueError(text)
    return text


CLEAN: Final[dict[str, Callable[[CustomField, str], str]]] = {
    CustomField.Type.TEXT: short,
    CustomField.Type.NUMBER: number,
    CustomField.Type.DAY: lambda field, text: date.fromisoformat(text).isoformat(),
    CustomField.Type.CHOICE: known,
    CustomField.Type.YES_NO: lambda field, text: {"yes": "yes", "no": "no"}.get(text) or known(field, text),
}
