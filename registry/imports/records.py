"""Sheets of records whose pages have a form of their own: the form as a sheet fills it, and the act behind the page."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.actions import components, datasets, vendors
from registry.forms.acts import ActForm
from registry.forms.datasets import DatasetVersionForm
from registry.forms.supply import AgreementForm, NewComponentForm, NewVendorForm
from registry.imports.kinds import KINDS, Kind, Reference, in_units, people
from registry.models import Agreement, Component, Dataset, DatasetVersion, User, Vendor
from registry.registers.forms import SeveralField

# By what a sheet names a row, besides its id.
NAMES: Final = ("slug", "name", "title")


def as_sheet(form: ActForm, person: Any) -> ActForm:
    """The form with cells for what pages choose: people by address, rows by name or id, several values by semicolons."""
    for name, field in form.fields.items():
        if isinstance(field, forms.ModelChoiceField):
            form.fields[name] = reference(field.queryset, person, required=field.required)
        elif isinstance(field, forms.MultipleChoiceField):
            form.fields[name] = SeveralField(choices=field.choices, required=field.required)
    return form


def reference(rows: Any, person: Any, *, required: bool) -> Reference:
    """A cell that names one of these rows."""
    if rows.model is User:
        return people(person, required)
    columns = {field.name for field in rows.model._meta.concrete_fields}
    return Reference(rows, *(name for name in NAMES if name in columns), "pk", required=required)


def under(form: ActForm, place: str, rows: Any, person: Any) -> ActForm:
    """The form with a first cell that names to what a row belongs."""
    form = as_sheet(form, person)
    form.fields[place] = reference(rows, person, required=True)
    form.order_fields((place,))
    return form


def sheet(
    name: str,
    label: Any,
    action: str,
    form: Callable[[Any], ActForm],
    place: str,
    table: Any,
    enter: Callable[..., Any],
) -> None:
    """Enter a kind of sheet into the table of all."""
    KINDS[name] = Kind(name, label, action, form, place, table, enter, is_named=False)


sheet(
    "vendor",
    _("Vendors"),
    access.MODEL_CREATE,
    lambda person: in_units(as_sheet(NewVendorForm(person=person), person), person, access.MODEL_CREATE),
    "unit",
    Vendor,
    vendors.propose_vendor,
)
sheet(
    "component",
    _("Components"),
    access.MODEL_CREATE,
    lambda person: in_units(as_sheet(NewComponentForm(person=person), person), person, access.MODEL_CREATE),
    "unit",
    Component,
    components.propose_component,
)
sheet(
    "agreement",
    _("Agreements"),
    access.CATALOGUE_EDIT,
    lambda person: under(AgreementForm(), "vendor", Vendor.objects.visible_to(person), person),
    "vendor",
    Agreement,
    vendors.add_agreement,
)
sheet("dataset_version", _("Versions of data"), access.DATASET_UPLOAD,
      lambda person: under(DatasetVersionForm(person=person), "dataset", Dataset.objects.visible_to(person), person),
      "dataset", DatasetVersion, datasets.register_dataset_version)  # fmt: skip
