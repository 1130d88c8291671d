"""The form by which a framework, or rules for one, are brought."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ReasonForm


class BringForm(ReasonForm):
    """A file, and why it is brought."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("An OSCAL catalogue in JSON (1.1.x, up to 16 MB), or a catalogue or rules in our own form (YAML, up to 2 MB, or JSON)."),
    )  # fmt: skip
    slug = forms.CharField(
        label=_("Short name"), max_length=40, required=False,
        help_text=_("For an OSCAL catalogue, which has none: house_controls. The same name again is another edition."),
    )  # fmt: skip
    field_order = ("file", "slug", "reason")

    def clean(self) -> dict[str, Any]:
        """The bytes and the name of the file, as the action takes them."""
        data: dict[str, Any] = super().clean() or {}
        sent = data.get("file")
        if sent is not None:
            data |= {"content": sent.read(), "file": sent.name}
        return data
