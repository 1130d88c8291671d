"""Forms of signing in: every place that takes a password counts how often it was wrong."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.actions import sign_ins as actions
from registry.forms.acts import ActForm, later


class SignInForm(AuthenticationForm):
    """E-mail address and password; one sentence for a wrong password and for an account that is not there."""

    def clean(self) -> dict[str, Any]:
        """Count the attempt first, then look at the password."""
        if not self.cleaned_data.get("username") or not self.cleaned_data.get("password"):
            return super().clean()
        attempt = counted(self.cleaned_data["username"], address=actions.address_of(self.request))
        try:
            cleaned = super().clean()
        except ValidationError:
            actions.note_wrong(attempt)
            raise
        actions.forgive(attempt)
        return cleaned


def counted(account: str, *, address: str, kind: str = actions.Kind.PASSWORD) -> Any:
    """The attempt, when one more is open; else the sentence as an error of the form."""
    try:
        return actions.begin_attempt(account, address=address, kind=kind)
    except actions.TooManyAttempts as refusal:
        raise later(refusal) from refusal


def require_password(person: Any, password: str, *, address: str) -> None:
    """Ask again for the password of somebody who is signed in; a stolen session does not get to guess it."""
    attempt = counted(person.email, address=address)
    if not person.check_password(password):
        actions.note_wrong(attempt)
        raise ValidationError(_("This is not your password."), code="wrong")
    actions.forgive(attempt)


class ChangeForm(PasswordChangeForm):
    """A new password for oneself; the old one is asked for, and guesses at it are counted."""

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_old_password(self) -> str:
        """The old password, if it is right."""
        require_password(self.user, self.cleaned_data["old_password"], address=self.address)
        return self.cleaned_data["old_password"]


class LinkForm(ActForm):
    """Where the link is to go."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
