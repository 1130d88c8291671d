"""Forms of what befalls a release after its approval."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import fallback
from registry.forms.acts import DayInput, ReasonForm
from registry.models import LaterRun


class LaterRunForm(ReasonForm):
    """What follows from a later run that failed."""

    choice = forms.ChoiceField(
        label=_("Decision"), choices=LaterRun.Choice, widget=forms.RadioSelect,
        help_text=_("Falling back takes everything of the release that runs to the release that it names, at once."),
    )  # fmt: skip
    accepted_until = forms.DateField(
        label=_("Accepted until"), required=False, widget=DayInput(),
        help_text=_("Only where it is accepted for a time: at most 90 days; then the gate closes again."),
    )  # fmt: skip

    def __init__(self, *args: Any, row: LaterRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("choice", "accepted_until", "reason"))
        if not fallback.can_take_over(row.release):
            self.fields["choice"].choices = [
                pair for pair in LaterRun.Choice.choices if pair[0] != LaterRun.Choice.FALL_BACK
            ]
