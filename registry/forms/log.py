"""The forms of the log's pages: a note to be checked, a day to look back at, a reason to erase."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.audit.notes import LONGEST
from registry.forms.acts import ActForm, DayInput


class NoteForm(ActForm):
    """A checkpoint note as a file or as text."""

    file = forms.FileField(
        label=_("File of the note"), required=False, help_text=_("A checkpoint.note as it was put outside.")
    )
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false"}),
        help_text=_("All lines, the signature too."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The note's text, from the one place or the other."""
        given = self.cleaned_data
        file, text = given.pop("file", None), given.pop("text", "")
        if self.errors:
            return given
        if bool(file) == bool(text.strip()):
            raise forms.ValidationError(_("Give the note as a file or as text: one of the two."))
        return {"text": read(file) if file else text}


def read(file: Any) -> str:
    """The file's text. Raises ValidationError when it cannot be a note."""
    if file.size > LONGEST:
        raise forms.ValidationError({"file": _("This file is larger than any checkpoint note (64 KiB).")})
    try:
        return file.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(
            {"file": _("This file is no text in UTF-8, so it is no checkpoint note.")}
        ) from error


class DayForm(forms.Form):
    """The day whose end is looked back at."""

    day = forms.DateField(label=_("As it was at the end of"), widget=DayInput())

    def clean_day(self) -> date:
        """No day that has not begun."""
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("That day has not begun yet; choose today or a day before."))
        return day
