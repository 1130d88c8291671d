"""The form by which a vendor's list of ends is taken in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, offer, units_where
from registry.models import User
from registry.retirement.vendor_lists import COLUMNS


class ListForm(ActForm):
    """A file, the unit for whose inventory it counts, and whether it is only tried."""

    file = forms.FileField(label=_("List"))
    unit = forms.ModelChoiceField(None, label=_("Business unit"), help_text=_("It and all units below it."))
    dry_run = forms.BooleanField(label=_("Only show what would happen"), required=False, initial=True)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.MODEL_CREATE))
        self.fields["file"].help_text = _("CSV or JSON in UTF-8 with the columns %s.") % ", ".join(COLUMNS)
