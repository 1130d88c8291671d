"""Forms of decisions on a release: sign off."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ActForm
from registry.models import Duty, SignOff


class SignOffForm(ActForm):
    """A decision in one's duty, bound to the digest that the page showed."""

    duty = forms.ChoiceField(label=_("In your duty as"), choices=())
    decision = forms.ChoiceField(label=_("Decision"), choices=SignOff.Decision, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("At least ten characters. It stands in the report under your name."),
    )
    seen_digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, duties: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duty"].choices = [(duty, Duty(duty).label) for duty in duties]
