"""The model card's form, made from the card schema, and the forms that compare and import cards."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from registry import cards
from registry.actions.cards import CardChanged
from registry.cards.formats import FORMATS
from registry.cards.schema import LINES
from registry.forms.acts import ActForm, DayInput
from registry.models import ModelVersion

LONG: Final = LINES | {"markdown"}
DIGITS: Final = 12


@dataclass(frozen=True)
class Known:
    """A field that the registry fills, with the box for a note beside it."""

    value: cards.Value
    note: Any


@dataclass(frozen=True)
class Section:
    """A part of the card: what the registry knows by itself, and what a person fills, needed fields apart."""

    title: str
    known: list[Known]
    needed: list[Any]
    optional: list[Any]
    filled: int
    required: int


@dataclass(frozen=True)
class Clash:
    """A field that somebody else changed meanwhile: both texts, and whether the writer has to choose between them."""

    title: str
    stored: str
    mine: str
    is_open: bool


def form_field(value: cards.Value) -> forms.Field:
    """One field, never obligatory in the form itself, so that a card can be kept half written."""
    spec = value.field
    found: forms.Field
    if spec.type == "date":
        found = forms.DateField(required=False, widget=DayInput())
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
    if spec.is_measured:
        return gettext("A number names its run in the same line: sha256: and at least twelve digits, or the run's id.")
    return gettext("One entry a line.") if spec.type in LINES else ""


def note_field(value: cards.Value) -> forms.Field:
    """What a person may say beside a value that the registry fills."""
    found = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    found.label = gettext("Note on “%s”") % gettext(value.field.title)
    return found


def mark(text: str) -> str:
    """A text by the beginning of its digest: enough to see whether it changed."""
    return hashlib.sha256(text.replace("\r\n", "\n").strip().encode()).hexdigest()[:DIGITS]


class CardForm(ActForm):
    """Every field of the card that a person writes; what the registry knows by itself is shown with a box for a note.

    `token` and `seen` say what the writer had before him. When somebody else changed the card meanwhile, `meet` merges:
    what the writer did not touch takes the stored text, the rest stays, and `clashes` holds both texts.
    """

    token = forms.CharField(required=False, widget=forms.HiddenInput(), max_length=80)
    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, version: ModelVersion, **kwargs: Any) -> None:
        card = version.card
        self.values = cards.values(version, card)
        texts = {key_of(value): text_of(value) for value in self.values}
        seen = {key: mark(text) for key, text in texts.items() if text}
        hidden = {"token": cards.token(card), "seen": json.dumps(seen)}
        super().__init__(*args, initial=texts | hidden, **kwargs)
        self.clashes: list[Clash] = []
        for value in self.values:
            self.fields[key_of(value)] = note_field(value) if value.automatic else form_field(value)

    def clean(self) -> dict[str, Any]:
        """The written text, as the keywords of the action."""
        given = dict(super().clean())
        given.pop("seen", None)
        token = given.pop("token", "")
        return {"fields": {name: "" if text is None else str(text) for name, text in given.items()}, "token": token}

    def carry_out(self, act: Callable[..., Any]) -> bool:
        """Save; when the card is another by now, merge and show both texts."""
        return super().carry_out(partial(self.saved, act))

    def saved(self, act: Callable[..., Any], **given: Any) -> Any:
        """The action's answer."""
        try:
            return act(**given)
        except CardChanged as refusal:
            self.meet(refusal, given["fields"])
            raise

    def meet(self, refusal: CardChanged, mine: Mapping[str, str]) -> None:
        """Put the stored text into every box that the writer did not touch, and list what the other one changed."""
        seen, data, names = self.seen_before(), self.data.copy(), cards.titles()
        for key, text in mine.items():
            stored, before = refusal.stored.get(key, ""), seen.get(key, mark(""))
            if mark(stored) == before or mark(stored) == mark(text):
                continue
            is_mine = mark(text) != before
            self.clashes.append(Clash(names[key], stored, text if is_mine else "", is_mine))
            if not is_mine:
                data[key] = stored
        data["token"] = refusal.token
        data["seen"] = json.dumps({key: mark(text) for key, text in refusal.stored.items() if text})
        self.data = data

    def seen_before(self) -> dict[str, str]:
        """What the page held when it was opened, by the marks of its texts; whatever cannot be read counts as unseen."""
        try:
            found = json.loads(self.data.get("seen", "") or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def sections(self) -> list[Section]:
        """The form in the sections of the schema."""
        return [self.section(title) for title in dict.fromkeys(value.field.section for value in self.values)]

    def section(self, title: str) -> Section:
        """One section with its count."""
        values = [value for value in self.values if value.field.section == title]
        required = [value for value in values if value.required]
        return Section(
            gettext(title),
            [Known(value, self[value.field.note_id]) for value in values if value.automatic],
            [self[value.field.id] for value in required if not value.automatic],
            [self[value.field.id] for value in values if not value.automatic and not value.required],
            sum(value.is_filled for value in required),
            len(required),
        )


def key_of(value: cards.Value) -> str:
    """Where a person's text of the field is kept."""
    return value.field.note_id if value.automatic else value.field.id


def text_of(value: cards.Value) -> str:
    """The text that a person may change."""
    return value.note if value.automatic else value.text


class ImportForm(ActForm):
    """A card in another format."""

    form = forms.ChoiceField(
        label=_("Format"), choices=[(slug, one.title) for slug, one in FORMATS.items() if one.read is not None]
    )
    file = forms.FileField(
        label=_("File"), help_text=_("It is kept as it is beside the card, so that nothing of it is lost."),
        max_length=255,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The bytes and the file's name, as the keywords of the action."""
        given = dict(super().clean())
        file = given.pop("file", None)
        return given | ({"content": file.read(), "name": file.name} if file is not None else {})
