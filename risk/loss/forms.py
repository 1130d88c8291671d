"""The forms of what a risk costs and of who bears it: an estimate in money, and an acceptance with its last day."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ActForm, DayInput, ReasonForm


class EstimateForm(ActForm):
    """How often a year a risk comes true, and the least, likely and most that one case costs."""

    per_year = forms.DecimalField(
        label=_("Cases a year"), min_value=0, max_digits=8, decimal_places=3,
        help_text=_("Once in ten years is 0.1."),
    )  # fmt: skip
    least = forms.DecimalField(label=_("Least loss of a case"), min_value=0, max_digits=14, decimal_places=2)
    likely = forms.DecimalField(label=_("Likely loss of a case"), min_value=0, max_digits=14, decimal_places=2)
    most = forms.DecimalField(label=_("Greatest loss of a case"), min_value=0, max_digits=14, decimal_places=2)
    currency = forms.CharField(label=_("Currency"), max_length=3, initial="EUR")
    assumptions = forms.CharField(
        label=_("What it rests on"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Cases that there were, prices, and what you had to assume."),
    )  # fmt: skip


class AcceptForm(ReasonForm):
    """An acceptance until a day."""

    expires_on = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput(),
        help_text=_("Left empty it holds as long as the level allows: 90 days for critical, 180 for high, a year for medium, two for low."),
    )  # fmt: skip
