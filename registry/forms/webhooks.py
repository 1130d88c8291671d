"""The form of a webhook."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, offer, units_where
from registry.models import User


class WebhookForm(ActForm):
    """Whom to tell what, and of which unit."""

    unit = forms.ModelChoiceField(None, label=_("Unit"), help_text=_("It is told what happens there and below."))
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What receives it, so that it can be told apart.")
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Begins with https:// and names a host that the operator listed."),
    )
    events = forms.CharField(
        label=_("Events"), required=False, max_length=500,
        help_text=_("Names as in the log, separated by commas: version.approved, or version for all of versions; empty for everything."),
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.WEBHOOK_MANAGE))

    def clean_events(self) -> list[str]:
        """The names."""
        return sorted({name.strip() for name in self.cleaned_data["events"].split(",") if name.strip()})
