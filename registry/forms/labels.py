"""Forms of tags, custom fields and kept filters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ActForm, DayInput
from registry.models import CustomField, Labels


class FilterForm(ActForm):
    """A filter under a name."""

    name = forms.CharField(max_length=80)
    query = forms.CharField(max_length=2000, required=False)


class LabelsForm(ActForm):
    """Tags, and a field for each custom field of the kind."""

    tags = forms.CharField(label=_("Tags"), required=False, help_text=_("Free words, with commas between them."))

    def __init__(self, *args: Any, kind: str, kept: Labels | None, **kwargs: Any) -> None:
        self.custom = {field.word: field for field in CustomField.objects.of(kind)}
        values = kept.values if kept else {}
        initial = {word: values.get(field.slug, "") for word, field in self.custom.items()}
        super().__init__(*args, initial={"tags": ", ".join(kept.tags) if kept else "", **initial}, **kwargs)
        self.fields.update({word: field_for(field) for word, field in self.custom.items()})

    def clean(self) -> dict[str, Any]:
        """The keywords of the action."""
        given = super().clean() or self.cleaned_data
        values = {field.slug: given.get(word) for word, field in self.custom.items()}
        return {"tags": str(given.get("tags", "")).replace("，", ",").split(","), "values": values}


def field_for(field: CustomField) -> forms.Field:
    """A form field of the type; what it may hold is checked by the action."""
    plain: dict[str, Any] = {"label": field.name, "required": field.is_required}
    if field.type in {CustomField.Type.CHOICE, CustomField.Type.YES_NO}:
        known = field.choices or [("yes", _("yes")), ("no", _("no"))]
        pairs = [one if isinstance(one, tuple) else (one, one) for one in known]
        return forms.ChoiceField(choices=[("", "–"), *pairs], **plain)
    if field.type == CustomField.Type.DAY:
        return forms.DateField(widget=DayInput(), **plain)
    return (
        forms.DecimalField(**plain)
        if field.type == CustomField.Type.NUMBER
        else forms.CharField(max_length=200, **plain)
    )


class CustomFieldForm(ActForm):
    """A field that an administrator adds."""

    kind = forms.ChoiceField(label=_("Of what"), choices=CustomField.Kind)
    name = forms.CharField(label=_("Name"), max_length=80)
    type = forms.ChoiceField(label=_("Type"), choices=CustomField.Type)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, for a choice only."),
    )
    is_required = forms.BooleanField(label=_("Must be filled in"), required=False)

    def clean_choices(self) -> list[str]:
        """Each line."""
        return [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]
