"""Forms by which people answer for a system, hand it over and name deputies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ActForm, ReasonForm
from registry.models import RoleAssignment, Side, User
from registry.owners import SEEING


class OfSide(forms.Form):
    """Which side the act is about; the page has one form for each."""

    side = forms.ChoiceField(choices=Side, widget=forms.HiddenInput())


class AcceptForm(OfSide, ActForm):
    """Yes."""


class DeclineForm(OfSide, ReasonForm):
    """No, with a reason."""


class AssignForm(OfSide, ReasonForm):
    """Another person, with a reason."""

    person = forms.ModelChoiceField(
        None, label=_("New owner"), help_text=_("Has to accept. Until then no release of the system goes through.")
    )
    field_order = ("side", "person", "reason")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


class DeputyForm(OfSide, ActForm):
    """Who stands in, or nobody."""

    person = forms.ModelChoiceField(
        None, label=_("Deputy"), required=False, help_text=_("May do what the owner may. Empty: nobody.")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


def able_people(person: User, place: Any) -> Any:
    """The active people who hold a duty by which to see the place's systems, for a choice."""
    above = [pk for pk in place.unit.path.split("/") if pk]
    held = RoleAssignment.objects.current().filter(duty__in=SEEING, unit__in=above)
    return User.objects.visible_to(person).filter(pk__in=held.values("person"))
