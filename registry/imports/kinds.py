"""What can be imported: each kind has the form of its page, the column that is its own, and the act that enters a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry import access
from registry.actions import datasets, inventory, owners
from registry.forms.acts import ActForm, units_where
from registry.forms.datasets import DatasetForm
from registry.forms.inventory import ModelForm
from registry.forms.systems import NewSystemForm
from registry.models import AISystem, Dataset, Model, User


class Reference(forms.Field):
    """A column that names a row by one of its short texts; looked up in a table that is read once for all rows."""

    def __init__(self, rows: Any, *names: str, required: bool) -> None:
        super().__init__(required=required)
        self.known: dict[str, Any] = {}
        for row in rows:
            for text in {str(getattr(row, name)).casefold() for name in names}:
                self.known[text] = None if text in self.known else row

    def to_python(self, value: Any) -> Any:
        """The row; None for an empty cell."""
        text = str(value or "").casefold()
        if not text:
            return None
        if text not in self.known:
            raise forms.ValidationError(_now("There is none of this name that you may use here."))
        if self.known[text] is None:
            raise forms.ValidationError(_now("Several have this name; write the id."))
        return self.known[text]


class YesNo(forms.Field):
    """A column of yes and no."""

    WORDS: Final = {"": False, "no": False, "false": False, "0": False, "否": False,
                    "yes": True, "true": True, "1": True, "x": True, "是": True}  # fmt: skip

    def to_python(self, value: Any) -> bool:
        """True or False; anything else is a fault."""
        text = str(value or "").casefold()
        if text not in self.WORDS:
            raise forms.ValidationError(_now("Write yes or no."))
        return self.WORDS[text]


@dataclass(frozen=True)
class Kind:
    """`form` makes the form for a person; `place` is the field under which a name is once; `enter` is the act.

    Rows of a kind that is not `is_named` may share a name.
    """

    name: str
    label: Any
    action: str
    form: Callable[[User], ActForm]
    place: str
    table: Any
    enter: Callable[..., Any]
    require: Callable[[dict[str, Any]], None] = lambda values: None
    is_named: bool = True


def people(person: User, required: bool) -> Reference:
    """A column that names a person by the address."""
    return Reference(User.objects.visible_to(person), "email", "pk", required=required)


def system_form(person: User) -> ActForm:
    """As the page of a new system."""
    form = NewSystemForm(person=person)
    for name in ("business_owner", "business_deputy", "technical_owner", "technical_deputy"):
        form.fields[name] = people(person, form.fields[name].required)
    return in_units(form, person, access.MODEL_CREATE)


def in_units(form: ActForm, person: User, action: str) -> ActForm:
    """With the units in which the person may enter rows."""
    form.fields["unit"] = Reference(units_where(person, action), "slug", "name", "pk", required=True)
    return form


def model_form(person: User) -> ActForm:
    """As the page of a new model, with its home system."""
    form = ModelForm()
    form.fields["system"] = Reference(
        AISystem.objects.visible_to(person).select_related("unit"), "slug", "name", "pk", required=True
    )
    return form


def require_owners(values: dict[str, Any]) -> None:
    """The rule of two owners, as registration asks it."""
    names = ("unit", "business_owner", "business_deputy", "technical_owner", "technical_deputy")
    owners.require_named(AISystem(**{name: values.get(name) for name in names}))


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("systems", _("Systems"), access.MODEL_CREATE, system_form, "unit", AISystem, inventory.register_system, require_owners),
        Kind("models", _("Models"), access.MODEL_CREATE, model_form, "system", Model, inventory.register_model),
        Kind(
            "datasets", _("Data sets"), access.DATASET_UPLOAD,
            lambda person: in_units(DatasetForm(person=person), person, access.DATASET_UPLOAD), "unit", Dataset,
            datasets.register_dataset,
        ),
    )
}  # fmt: skip
