"""Forms of administration: invitations, duties, units."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, offer, units_where
from registry.models import AISystem, Duty, User


class DutyForm(ActForm):
    """A duty in a unit and everything below it."""

    duty = forms.ChoiceField(label=_("Duty"), choices=Duty)
    unit = forms.ModelChoiceField(None, label=_("Unit"), help_text=_("The duty holds for this unit and all below it."))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.PEOPLE_MANAGE))


class InviteForm(DutyForm):
    """A new person with a first duty."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("The person signs in with it."))
    name = forms.CharField(label=_("Name"), max_length=120)

    field_order = ("email", "name", "duty", "unit")


class GrantForm(DutyForm):
    """One more duty for a person, for one system only or until a day where wanted."""

    system = forms.ModelChoiceField(None, label=_("Only for this system"), required=False)
    ends_on = forms.DateField(label=_("Until"), required=False, widget=DayInput())

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        systems = AISystem.objects.visible_to(person)
        self.fields["system"].queryset = systems
        if not systems.exists():  # an administrator without another duty sees none, and is not asked in vain
            del self.fields["system"]


class EngagementForm(ActForm):
    """An auditor for a unit until a day."""

    person = forms.ModelChoiceField(
        None, label=_("Auditor"), help_text=_("Somebody with an account; invite the person first where there is none.")
    )
    unit = forms.ModelChoiceField(None, label=_("Unit"), help_text=_("This unit and all below it."))
    ends_on = forms.DateField(label=_("Until"), widget=DayInput())
    include_raw_data = forms.BooleanField(
        label=_("Raw data and files of models may be taken"),
        required=False,
        help_text=_("Without it the auditor sees figures, never rows about people nor the files themselves."),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.visible_to(person).exclude(pk=person.pk)
        offer(self.fields["unit"], units_where(person, access.PEOPLE_MANAGE))


class UnitForm(ActForm):
    """A unit below another."""

    name = forms.CharField(label=_("Name"), max_length=120)
    parent = forms.ModelChoiceField(None, label=_("Below"))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["parent"], units_where(person, access.PEOPLE_MANAGE))
