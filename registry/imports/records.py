"""Sheets of records whose pages have a form of their own: the form as a sheet fills it, and the act behind the page."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm
from registry.forms.supply import RegionsField
from registry.imports.kinds import KINDS, Kind, Reference, References, people
from registry.lists.tables import TITLES
from registry.models import AISystem, Dataset, Meeting, Model, ModelVersion, Release, User, Vendor
from registry.registers.forms import SeveralField

# By what a sheet names a row, besides its name and id.
NAMES: Final = ("slug", "name", "title")
# What a row belongs to, as people call it.
LABELS: Final[dict[Any, Any]] = {
    AISystem: _("System"),
    Model: _("Model"),
    ModelVersion: _("Version"),
    Dataset: _("Data set"),
    Vendor: _("Vendor"),
    Release: _("Release"),
    Meeting: _("Meeting"),
}


class RegionsCell(RegionsField):
    """Names of regions, divided by semicolons or commas."""

    def to_python(self, value: Any) -> list[str]:
        """Each once, in the order given."""
        return super().to_python(str(value or "").replace(";", ","))


def as_sheet(form: ActForm, person: Any) -> ActForm:
    """The form with cells for what pages choose: people by address, rows by name or id, several values by semicolons."""
    for name, field in form.fields.items():
        said: dict[str, Any] = {"required": field.required, "label": field.label}
        if isinstance(field, forms.ModelMultipleChoiceField):
            form.fields[name] = References(field.queryset, *columns_of(field.queryset), **said)
        elif isinstance(field, forms.ModelChoiceField):
            form.fields[name] = reference(field.queryset, person, **said)
        elif isinstance(field, forms.MultipleChoiceField):
            form.fields[name] = SeveralField(choices=field.choices, **said)
        elif isinstance(field, RegionsField):
            form.fields[name] = RegionsCell(**said)
    return form


def columns_of(rows: Any) -> tuple[str, ...]:
    """The columns of a table by which people call its rows."""
    stored = {field.name for field in rows.model._meta.concrete_fields}
    return tuple(name for name in NAMES if name in stored)


def reference(rows: Any, person: Any, *, required: bool, action: str = "", label: Any = None) -> Reference:
    """A cell that names one of these rows; with an action, one on which the person may do it."""
    if rows.model is User:
        return people(person, required, label)
    may = (lambda row: access.allowed(person, action, row)) if action else None
    return Reference(rows, *columns_of(rows), required=required, may=may, label=label)


def under(form: ActForm, place: str, rows: Any, person: Any, action: str = "") -> ActForm:
    """The form with a first cell that names to what a row belongs."""
    form = as_sheet(form, person)
    label = LABELS.get(rows.model, rows.model._meta.verbose_name)
    form.fields[place] = reference(rows, person, required=True, action=action, label=label)
    form.order_fields((place,))
    return form


def borrowed(form: type[ActForm], *names: str) -> ActForm:
    """A form of some fields of a page's form, where that itself asks for a row that a sheet does not have yet."""
    made = ActForm()
    made.fields = {name: deepcopy(form.base_fields[name]) for name in names}
    return made


def sheet(
    name: str,
    action: str,
    form: Callable[[Any], ActForm],
    place: str,
    table: Any,
    enter: Callable[..., Any],
    note: Any = "",
) -> None:
    """Enter a kind of sheet, called as its entity, into the table of all. `note` says what becomes of a row."""
    KINDS[name] = Kind(name, TITLES[name], action, form, place, table, enter, is_named=False, note=note)
