"""Forms of the second factor: the code at sign-in, and password with code where the factor itself is changed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.actions import second_factor as actions
from registry.actions.sign_ins import Kind
from registry.forms.acts import ActForm
from registry.forms.sign_ins import counted, require_password


def code_field(label: Any, **more: Any) -> forms.CharField:
    """A code as it is typed from an app or from paper."""
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=20, widget=widget, **more)


class CodeForm(ActForm):
    """The code after the password; wrong ones are counted apart from wrong passwords."""

    code = code_field(_("Code"), help_text=_("Six digits that your app shows now, or one of your recovery codes."))

    def __init__(self, *args: Any, person: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.address = person, address

    def clean_code(self) -> str:
        """The code, if it is right; beside a wrong password it is not used up."""
        if self.errors:
            return ""
        attempt = counted(self.person.email, address=self.address, kind=Kind.CODE)
        if not actions.passes(self.person, self.cleaned_data["code"]):
            raise ValidationError(_("This code is wrong, or was used already."), code="wrong")
        attempt.delete()
        return self.cleaned_data["code"]


class AddForm(ActForm):
    """The first code of an app, with the password."""

    code = code_field(_("Code that the app shows"))
    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, person: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.address = person, address

    def clean(self) -> dict[str, Any]:
        """Without the password, which is for this form alone."""
        given = super().clean() or {}
        if "password" in given:
            try:
                require_password(self.person, given.pop("password"), address=self.address)
            except ValidationError as refusal:
                self.add_error("password", refusal)
        return given


class ChangeFactorForm(CodeForm):
    """A code and the password, before codes are renewed or the factor is removed."""

    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    field_order = ("password", "code")

    def clean_password(self) -> str:
        """The password, if it is right."""
        require_password(self.person, self.cleaned_data["password"], address=self.address)
        return ""
