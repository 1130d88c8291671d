"""The model card's form, made from the card schema."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, ngettext

from registry import cards
from registry.forms.acts import ActForm, DayInput
from registry.models import ModelVersion

LONG: Final = frozenset({"markdown", "table", "list", "map"})


@dataclass(frozen=True)
class Section:
    """A part of the card: what the registry knows by itself, and what a person fills, needed fields apart."""

    title: str
    known: list[cards.Value]
    needed: list[Any]
    optional: list[Any]
    filled: int
    required: int


def form_field(value: cards.Value) -> forms.Field:
    """One field, never obligatory in the form itself, so that a card can be kept half written."""
    spec = value.field
    found: forms.Field
    if spec.type == "date":
        found = forms.DateField(required=False, widget=DayInput())
    elif spec.type == "number":
        found = forms.DecimalField(required=False)
    else:
        long = spec.type in LONG
        found = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput())
    found.label = gettext(spec.title)
    found.help_text = help_for(spec)
    found.mark = gettext("needed for this tier") if value.required else gettext("optional")  # type: ignore[attr-defined]
    return found


def help_for(spec: cards.Field) -> str:
    """What a newcomer would ask about the field."""
    if spec.min_length:
        return ngettext(
            "At least %(n)d character, so that it says something.", "At least %(n)d characters, so that it says something.",
            spec.min_length,
        ) % {"n": spec.min_length}  # fmt: skip
    return gettext("One entry a line.") if spec.type in {"list", "table", "map"} else ""


class CardForm(ActForm):
    """Every field of the card that a person writes; what the registry knows by itself is shown beside it."""

    def __init__(self, *args: Any, version: ModelVersion, **kwargs: Any) -> None:
        self.values = cards.values(version, version.card)
        own = [value for value in self.values if not value.automatic]
        super().__init__(*args, initial={value.field.id: value.text for value in own}, **kwargs)
        for value in own:
            self.fields[value.field.id] = form_field(value)

    def clean(self) -> dict[str, Any]:
        """The written text, as the one keyword `fields` of the action."""
        texts = {name: "" if value is None else str(value) for name, value in super().clean().items()}
        return {"fields": texts}

    def sections(self) -> list[Section]:
        """The form in the sections of the schema."""
        return [self.section(title) for title in dict.fromkeys(value.field.section for value in self.values)]

    def section(self, title: str) -> Section:
        """One section with its count."""
        values = [value for value in self.values if value.field.section == title]
        required = [value for value in values if value.required]
        return Section(
            gettext(title),
            [value for value in values if value.automatic],
            [self[value.field.id] for value in required if not value.automatic],
            [self[value.field.id] for value in values if not value.automatic and not value.required],
            sum(value.is_filled for value in required),
            len(required),
        )
