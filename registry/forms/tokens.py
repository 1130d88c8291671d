"""The form of an access token."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.actions.tokens import LONGEST, SCOPES
from registry.forms.acts import ActForm, offer, units_where
from registry.models import User


class TokenForm(ActForm):
    """A token of one's own with no more than one's own rights."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use it, so that it can be told apart.")
    )
    unit = forms.ModelChoiceField(None, label=_("Unit"), help_text=_("It reaches nothing outside this unit."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope, scope) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than your own duties allow; never a decision."),
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=LONGEST.days, initial=LONGEST.days)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.TOKEN_CREATE))
