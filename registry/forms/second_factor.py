"""Forms of second factors: the answer after the password, and what is asked when a factor is added."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.actions import second_factor as actions
from registry.actions.sign_ins import Kind
from registry.errors import BadInput
from registry.forms.acts import ActForm
from registry.forms.sign_ins import counted, require_password
from registry.second_factor import Factors, factors_of


def code_field(label: Any, **more: Any) -> forms.CharField:
    """A code as it is typed from an app or from paper."""
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=20, widget=widget, **more)


class FactorForm(forms.Form):
    """One answer of a second factor: a code of the app, a recovery code, or what the browser had a passkey sign."""

    code_name, passkey_name = "code", "passkey"

    def __init__(self, *args: Any, person: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.address = person, address
        self.factors: Factors = factors_of(person)
        if self.factors.are_none:
            return
        or_passkey = bool(self.factors.passkeys)
        self.fields[self.code_name] = code_field(_("Code"), help_text=self.about_codes(), required=not or_passkey)
        if or_passkey:
            self.fields[self.code_name].mark = _("or a passkey")  # type: ignore[attr-defined]
            self.fields[self.passkey_name] = forms.CharField(widget=forms.HiddenInput, required=False)

    def about_codes(self) -> Any:
        """Which codes are good for this person."""
        if self.factors.app is None:
            return _("One of your recovery codes, where no passkey is at hand.")
        return _("Six digits that your app shows now, or one of your recovery codes.")

    def clean(self) -> dict[str, Any]:
        """Look at the answer; beside a wrong password it is not used up."""
        given = super().clean() or {}
        if self.factors.are_none or self.errors:
            return given
        code, answer = given.pop(self.code_name, ""), given.pop(self.passkey_name, "")
        if not code and not answer:
            raise ValidationError({self.code_name: _("Give a code, or use a passkey if you have one.")})
        try:
            attempt = counted(self.person.email, address=self.address, kind=Kind.CODE)
            self.require_right(code, answer)
        except ValidationError as refusal:
            raise ValidationError({self.code_name: refusal}) from refusal
        attempt.delete()
        return given

    def require_right(self, code: str, answer: str) -> None:
        """Refuse with a sentence, unless the passkey or the code is right."""
        try:
            if answer and actions.passes_with_passkey(self.person, answer):
                return
        except BadInput as refusal:
            raise ValidationError(str(refusal), code="wrong") from refusal
        if answer:
            raise ValidationError(
                _("This passkey counts fewer uses than it had: a copy of it may exist. Remove it."), code="wrong"
            )
        if not actions.passes(self.person, code):
            raise ValidationError(_("This code is wrong, or was used already."), code="wrong")


class AgainForm(FactorForm):
    """The password once more, with a second factor where the person has one, before an act that binds."""

    code_name, passkey_name = "confirm_code", "confirm_passkey"

    confirm_password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def clean_confirm_password(self) -> str:
        """The password, if it is right."""
        require_password(self.person, self.cleaned_data["confirm_password"], address=self.address)
        return self.cleaned_data["confirm_password"]


class AddAppForm(ActForm):
    """The first code of an app."""

    code = code_field(_("Code that the app shows"))


class AddPasskeyForm(ActForm):
    """What a new passkey is called, and what the browser says of it."""

    name = forms.CharField(
        label=_("Name"),
        max_length=actions.LONGEST_NAME,
        help_text=_("By which you know it again: the phone, the laptop or the key on which it lies."),
    )
    credential = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("No passkey was made. This page needs JavaScript; an authenticator app does not.")
        },
    )
