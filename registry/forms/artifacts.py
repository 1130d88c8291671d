"""Forms of artefacts: register, add a version, write a draft anew."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, offer, units_where
from registry.models import ArtifactType, ArtifactVersion, User

Form = ArtifactVersion.Form


class ArtifactForm(ActForm):
    """A prompt, guardrail, index or the like of a unit."""

    name = forms.CharField(label=_("Name"), max_length=160)
    artifact_type = forms.ChoiceField(label=_("Kind"), choices=ArtifactType)
    unit = forms.ModelChoiceField(None, label=_("Business unit"))
    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What it does in the systems that use it."),
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.ARTIFACT_UPLOAD))


class ContentForm(ActForm):
    """The content of a draft: typed, or as a file."""

    text = forms.CharField(
        label=_("Text or JSON"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_("Hashed in UTF-8 with line feeds; JSON in the form of RFC 8785, so that order and spaces do not count."),
    )  # fmt: skip
    file = forms.FileField(label=_("Or a file"), required=False, help_text=_("Kept and hashed as it is; never opened."))
    change_note = forms.CharField(
        label=_("What is new in it"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        """Either of the two, as `content`."""
        given = super().clean() or {}
        text, file = given.pop("text", ""), given.pop("file", None)
        if bool(text) == bool(file):
            raise forms.ValidationError(_("Give a text or a file, one of the two."))
        return given | ({"content": text} if text else {"content": file.chunks(), "file_name": file.name})


class NewArtifactVersionForm(ContentForm):
    """A version of an artefact."""

    version = forms.CharField(
        label=_("Version"), max_length=60, help_text=_("For example 1.4.0; letters, digits, dots, plus and minus.")
    )
    form = forms.ChoiceField(
        label=_("What was typed is"),
        choices=[(Form.TEXT, Form.TEXT.label), (Form.JSON, Form.JSON.label)],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("version", "form", "text", "file", "change_note"))

    def clean(self) -> dict[str, Any]:
        """A file is no typed text, whatever was chosen."""
        given = super().clean()
        return given | {"form": Form.BYTES if "file_name" in given else given.get("form") or Form.TEXT}
