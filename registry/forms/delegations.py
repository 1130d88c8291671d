"""The form by which somebody hands a duty to a deputy."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import DayInput, ReasonForm, offer
from registry.models import RoleAssignment, User


class DutyChoice(forms.ModelChoiceField):
    """Duties by what and where they are; whose they are is clear."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_duty_display()} – {obj.system or obj.unit}"


class DelegationForm(ReasonForm):
    """Which of one's duties, to whom, from when until when, and why."""

    held = DutyChoice(None, label=_("Duty"))
    to_person = forms.ModelChoiceField(
        None,
        label=_("Deputy"),
        help_text=_("Has to accept. What that person helped to make stays closed to him or her."),
    )
    starts_on = forms.DateField(label=_("From"), widget=DayInput())
    ends_on = forms.DateField(label=_("Until"), widget=DayInput(), help_text=_("The last day. It ends by itself."))

    field_order = ("held", "to_person", "starts_on", "ends_on", "reason")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = RoleAssignment.objects.current().filter(person=person.pk).select_related("unit", "system")
        offer(self.fields["held"], own)
        self.fields["to_person"].queryset = User.objects.visible_to(person).exclude(pk=person.pk)
        self.fields["starts_on"].initial = timezone.localdate()
