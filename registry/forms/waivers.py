"""The form by which somebody asks for a waiver."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now, gettext_lazy as _, ngettext

from registry import gates, policy, release_gates
from registry.forms.acts import ActForm, DayInput
from registry.gate_titles import title_of
from registry.models import ModelVersion, Release, User


class WaiverForm(ActForm):
    """What is waived, why, what is done instead, who answers for it, and until when."""

    gate = forms.ChoiceField(label=_("Gate"), choices=())
    check = forms.ChoiceField(
        label=_("Check"), required=False, choices=(),
        help_text=_("Needed for the gate about checks, which is waived one check at a time; empty for the others."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why it cannot pass now"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands at the gate, in the report and in the log."),
    )  # fmt: skip
    compensating_controls = forms.CharField(
        label=_("What is done instead"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What keeps people from harm until it passes."),
    )  # fmt: skip
    owner = forms.ModelChoiceField(None, label=_("Owner"), help_text=_("Sees to it that this is done instead."))
    expires_on = forms.DateField(label=_("Last day"), widget=DayInput())

    def __init__(self, *args: Any, version: ModelVersion, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        release = release_gates.preview(version)
        asked = policy.of_release(release)
        self.fields["gate"].choices = closed_gates(release)
        checks = release_gates.closed_asks(release) if "evidence" in asked.waivable else []
        self.fields["check"].choices = [("", _now("The gate as a whole")), *((name, name) for name in checks)]
        self.fields["owner"].queryset = User.objects.visible_to(person)
        days = asked.waiver_days
        self.fields["expires_on"].help_text = (
            ngettext("At most %d day from today.", "At most %d days from today.", days) % days
        )

    @property
    def is_needless(self) -> bool:
        """No gate that could be waived is closed."""
        return not self.fields["gate"].choices


def closed_gates(release: Release) -> list[tuple[str, str]]:
    """The gates that the policy lets be waived and that are closed now, by slug and title."""
    waivable = policy.of_release(release).waivable
    return [(slug, title_of(slug)) for slug in gates.slugs(release)
            if slug in waivable and not gates.answer(slug, release).is_open]  # fmt: skip
