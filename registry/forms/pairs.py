"""A form field for a short list of two texts each: one entry a line, a colon between the two."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class PairsField(forms.CharField):
    """`Branch app: 500 a minute` on a line, as a list of entries by their names."""

    def __init__(self, *, names: tuple[str, str], **kwargs: Any) -> None:
        self.names = names
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The entries as lines; what was typed stays as it is."""
        if not isinstance(value, list):
            return value
        return "\n".join(f"{row[self.names[0]]}: {row[self.names[1]]}" for row in value)

    def clean(self, value: Any) -> Any:
        """The entries. Raises ValidationError for a line without a colon."""
        return [self.entry(line) for line in super().clean(value).splitlines() if line.strip()]

    def entry(self, line: str) -> dict[str, str]:
        """One line."""
        first, colon, second = line.partition(":")
        if not (colon and first.strip() and second.strip()):
            raise ValidationError(
                _("“%(line)s” has no colon with words on both sides."), params={"line": line.strip()[:80]}
            )
        return {self.names[0]: first.strip(), self.names[1]: second.strip()}
