"""The form of a kind, made from its fields: for pages, sheets and the REST API alike."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from registry.forms.acts import ActForm, DayInput
from registry.imports.kinds import Reference, YesNo, people
from registry.models import RegisterEntry, User
from registry.registers.kinds import Field, Kind
from registry.registers.subjects import SubjectField, key_of
from registry.registers.values import begun, stored
from registry.registers.words import offered

# Longer texts are no entries; they belong into a file.
LONGEST: Final = 20_000
EMPTY: Final = [("", "---------")]
COLUMNS: Final = ("about", "title", "owner", "due_on", "status")


class LinesField(forms.CharField):
    """A list, one a line; in a sheet divided by semicolons."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), max_length=LONGEST, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Each line that says something."""
        text = super().to_python("\n".join(map(str, value)) if isinstance(value, list) else value) or ""
        parts = text.splitlines() if "\n" in text else text.split("; ")
        return [part.strip() for part in parts if part.strip()]

    def validate(self, value: Any) -> None:
        """At least one where it must be filled."""
        forms.Field.validate(self, value)

    def run_validators(self, value: Any) -> None:
        """The length of the whole."""
        super().run_validators("\n".join(value))


class SeveralField(forms.MultipleChoiceField):
    """Boxes to tick; in a sheet values divided by semicolons."""

    def to_python(self, value: Any) -> list[str]:
        """The values."""
        is_text = isinstance(value, str)
        return super().to_python([part.strip() for part in value.split(";") if part.strip()] if is_text else value)


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; in a sheet their ids divided by semicolons."""

    def clean(self, value: Any) -> Any:
        """The rows."""
        is_text = isinstance(value, str)
        return super().clean([part.strip() for part in value.split(";") if part.strip()] if is_text else value)


def plain(each: Field, **common: Any) -> forms.Field:
    """The field of a value that leads nowhere."""
    choices = [(value, label) for value, label in each.offered()]
    makers: dict[str, Any] = {
        "line": lambda: forms.CharField(max_length=200, **common),
        "text": lambda: forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST, **common),
        "lines": lambda: LinesField(**common),
        "number": lambda: forms.DecimalField(max_digits=18, decimal_places=4, **common),
        "count": lambda: forms.IntegerField(min_value=0, max_value=10**15, **common),
        "day": lambda: forms.DateField(widget=DayInput(), **common),
        "choice": lambda: forms.ChoiceField(choices=[*EMPTY, *choices], **common),
        "several": lambda: SeveralField(choices=choices, widget=forms.CheckboxSelectMultiple, **common),
        "yes_no": lambda: forms.BooleanField(**{**common, "required": False}),
    }
    return makers[each.type]()  # type: ignore[no-any-return]


def form_field(each: Field, person: User) -> forms.Field:
    """The form's field of a kind's field."""
    common = {"label": each.title, "required": each.required, "help_text": gettext(each.help) if each.help else ""}
    if each.type == "person":
        return forms.ModelChoiceField(User.objects.visible_to(person), **common)
    if each.type == "row":
        return forms.ModelChoiceField(offered(each, person), **common)
    if each.type == "rows":
        return RowsField(offered(each, person), **common)
    return plain(each, **common)


class EntryForm(ActForm):
    """An entry of a kind; with `entry` what is said of it changes, without it a new one is written.

    What it hands to the action: `about`, `title`, `owner`, `due_on`, `status`, and `fields` as they are stored.
    """

    def __init__(self, *args: Any, kind: Kind, person: User, entry: RegisterEntry | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if entry is None:
            self.fields["about"] = SubjectField(kind, person)
        if not kind.named_by:
            self.fields["title"] = forms.CharField(label=_("Title"), max_length=200)
        for each in kind.fields.values():
            if not each.stamped:
                self.fields[each.name] = form_field(each, person)
        self.add_columns(person, is_new=entry is None)
        self.begin(entry, person)

    def add_columns(self, person: User, *, is_new: bool) -> None:
        """Status where a person may set it, owner and date."""
        kind = self.kind
        statuses = kind.typed if is_new or kind.is_edited_freely else ()
        if len(statuses) > 1:
            choices = [(status, kind.word(status)) for status in statuses]
            self.fields["status"] = forms.ChoiceField(label=_("Status"), choices=choices, initial=kind.begins)
        self.fields["owner"] = forms.ModelChoiceField(User.objects.visible_to(person), label=_("Owner"))
        if kind.due is not None:
            self.fields["due_on"] = forms.DateField(
                label=gettext(kind.due.label), required=kind.due.required, widget=DayInput()
            )

    def begin(self, entry: RegisterEntry | None, person: User) -> None:
        """What the form says before anybody types."""
        self.fields["owner"].initial = person.pk if entry is None else entry.owner_id
        if entry is None:
            return
        for name in ("title", "status", "due_on"):
            if name in self.fields:
                self.fields[name].initial = getattr(entry, name)
        for each in self.kind.fields.values():
            if not each.stamped:
                self.fields[each.name].initial = begun(each, entry.fields.get(each.name))

    def start_with(self, row: Any) -> None:
        """Choose what a new entry is about."""
        self.fields["about"].initial = key_of(row)
        known = {
            value
            for _label, group in self.fields["about"].widget.choices
            if isinstance(group, list)
            for value, _text in group
        }
        if key_of(row) not in known | {"organisation"}:
            self.fields["about"].widget.choices.append((key_of(row), str(row)))

    def clean(self) -> dict[str, Any]:
        """Columns as they are, fields as they are stored."""
        said = super().clean() or self.cleaned_data
        columns: dict[str, Any] = {name: said[name] for name in COLUMNS if name in said}
        columns["fields"] = {name: stored(said[name]) for name in self.kind.fields if name in said}
        return columns


class FileForm(ActForm):
    """A file that belongs to an entry."""

    file = forms.FileField(label=_("File"), help_text=_("Any file; it is kept as it is and never opened here."))


def sheet_form(kind: Kind, person: User, *, entry: RegisterEntry | None = None) -> EntryForm:
    """The form as a sheet or a program fills it: people by address, rows by title or id."""
    form = EntryForm(kind=kind, person=person, entry=entry)
    form.fields["owner"] = people(person, required=True, label=_("Owner"))
    for each in kind.fields.values():
        if each.stamped:
            continue
        if each.type == "person":
            form.fields[each.name] = people(person, required=each.required, label=each.title)
        elif each.type == "row":
            names = ("pk",) if "." in each.of else ("title", "pk")
            form.fields[each.name] = Reference(offered(each, person), *names, required=each.required, label=each.title)
        elif each.type == "yes_no":
            form.fields[each.name] = YesNo(required=False, label=each.title)
    return form
