"""What can be imported: each kind has the form of its page, the column that is its own, and the act that enters a row."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry import access
from registry.actions import datasets, inventory, owners
from registry.forms.acts import ActForm, units_where
from registry.forms.datasets import DatasetForm
from registry.forms.inventory import ModelForm
from registry.forms.systems import NewSystemForm
from registry.imports import naming
from registry.models import AISystem, Dataset, Model, User


class Reference(forms.Field):
    """A column that names a row by one of its short texts; looked up in a table that is read once for all rows.

    `may` says of a row whether the person may use it here; one that may not be used is as good as none.
    """

    def __init__(
        self, rows: Any, *names: str, required: bool, may: Callable[[Any], bool] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(required=required, **kwargs)
        self.rows, self.names, self.may = rows, names, may

    @cached_property
    def known(self) -> dict[str, Any]:
        """The rows by what they are called, read when the first cell asks; None where several are called so."""
        fetched, found = naming.FETCHED.get(self.rows.model), dict[str, Any]()
        for row in self.rows.select_related(*fetched) if fetched else self.rows:
            for text in {text.casefold() for text in naming.names_of(row, *self.names)}:
                found[text] = None if text in found else row
        return found

    def to_python(self, value: Any) -> Any:
        """The row; None for an empty cell."""
        text = str(value or "").strip().casefold()
        return self.looked_up(text) if text else None

    def looked_up(self, text: str) -> Any:
        """The row of this name."""
        row = self.known.get(text)
        if text in self.known and row is None:
            raise forms.ValidationError(_now("Several have this name; write the id."))
        if row is None or (self.may is not None and not self.may(row)):
            raise forms.ValidationError(_now("There is none of this name that you may use here."))
        return row


class References(Reference):
    """Several rows, their names divided by semicolons."""

    def to_python(self, value: Any) -> Any:
        """The rows; none for an empty cell."""
        parts = [part.strip().casefold() for part in str(value or "").split(";")]
        return [self.looked_up(part) for part in parts if part]


class ReadPast(forms.Field):
    """A column of the export that nobody types: looked at where it has fixed values, and never entered."""

    def __init__(self, why: Any, values: Collection[str] = ()) -> None:
        super().__init__(required=False, label=why)
        self.values = values

    def to_python(self, value: Any) -> str:
        """What stands there, where it could stand there; several values are divided by semicolons."""
        text = str(value or "").strip()
        strange = [part for part in map(str.strip, text.split(";")) if part and part not in self.values]
        if strange and self.values:
            raise forms.ValidationError(
                _now("“%(value)s” is none of: %(known)s.")
                % {"value": strange[0][:60], "known": ", ".join(sorted(self.values))}
            )
        return text


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

    Rows of a kind that is not `is_named` may share a name. `entity` is the list whose export a sheet may be; `statuses`
    are those of rows whose table does not fix them; `note` says what becomes of a row.
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
    entity: str = ""
    statuses: tuple[str, ...] = ()
    note: Any = ""


def people(person: User, required: bool, label: Any = None) -> Reference:
    """A column that names a person by the address."""
    return Reference(User.objects.visible_to(person), required=required, label=label)


def system_form(person: User) -> ActForm:
    """As the page of a new system."""
    form = NewSystemForm(person=person)
    for name in ("business_owner", "business_deputy", "technical_owner", "technical_deputy"):
        form.fields[name] = people(person, form.fields[name].required, form.fields[name].label)
    return in_units(form, person, access.MODEL_CREATE)


def in_units(form: ActForm, person: User, action: str) -> ActForm:
    """With the units in which the person may enter rows."""
    form.fields["unit"] = Reference(units_where(person, action), "name", required=True, label=_("Business unit"))
    return form


def model_form(person: User) -> ActForm:
    """As the page of a new model, with its home system."""
    form = ModelForm()
    form.fields["system"] = Reference(AISystem.objects.visible_to(person), "name", required=True, label=_("System"))
    return form


def require_owners(values: dict[str, Any]) -> None:
    """The rule of two owners, as registration asks it."""
    names = ("unit", "business_owner", "business_deputy", "technical_owner", "technical_deputy")
    owners.require_named(AISystem(**{name: values.get(name) for name in names}))


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("systems", _("Systems"), access.MODEL_CREATE, system_form, "unit", AISystem, inventory.register_system, require_owners,
             entity="ai_system", note=_("Rows are systems in development; their owners accept here, and everything else is decided here.")),
        Kind("models", _("Models"), access.MODEL_CREATE, model_form, "system", Model, inventory.register_model),
        Kind(
            "datasets", _("Data sets"), access.DATASET_UPLOAD,
            lambda person: in_units(DatasetForm(person=person), person, access.DATASET_UPLOAD), "unit", Dataset,
            datasets.register_dataset,
        ),
    )
}  # fmt: skip
