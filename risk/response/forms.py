"""Forms of what went wrong: the report of an incident, the work on it, its end, and what somebody saw who verified."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm
from registry.models import AISystem, Deployment, ModelVersion, RegisterEntry, User
from risk.forms import SMALL, chosen, systems_where
from risk.models import Incident, Risk
from risk.models.register import Level


class MomentInput(forms.DateTimeInput):
    """A day and a time as the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def versions_of(system: AISystem | None, person: User) -> Any:
    """The versions of a system that the person may see, those that are only put up for release there among them."""
    rows = ModelVersion.objects.visible_to(person).filter(Q(model__system=system) | Q(releases__system=system))
    return rows.select_related("model").distinct()


class IncidentForm(ActForm):
    """What went wrong with a system, or nearly did."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("What happened, in one sentence."))
    kind = forms.ChoiceField(label=_("Kind"), choices=chosen(Incident.Kind.choices))
    description = forms.CharField(label=_("What happened"), widget=forms.Textarea(attrs={"rows": 4}))
    detected_at = forms.DateTimeField(label=_("When it was noticed"), widget=MomentInput())
    severity = forms.ChoiceField(label=_("Severity"), choices=chosen(Level.choices))
    impacts = forms.CharField(label=_("Harm"), required=False, widget=forms.Textarea(attrs=SMALL))
    groups_affected = forms.CharField(label=_("Who is affected"), required=False, widget=forms.Textarea(attrs=SMALL))
    version = forms.ModelChoiceField(
        None, label=_("Version"), required=False, empty_label=_("The system as a whole, or not known")
    )
    deployment = forms.ModelChoiceField(
        None, label=_("Deployment"), required=False, empty_label=_("None, or not known")
    )
    is_privacy = forms.BooleanField(
        label=_("It concerns personal data"), required=False, help_text=_("Privacy officers are asked to look, too.")
    )
    serious = forms.BooleanField(
        label=_("It is serious as the law has it"), required=False,
        help_text=_("Death or harm to health, to rights, to property, or a stop of vital services."),
    )  # fmt: skip
    consequence = forms.ChoiceField(
        label=_("Worst consequence"), required=False, choices=[("", _("None of these")), *Incident.Consequence.choices],
        help_text=_("It decides how much time the law gives to tell an authority."),
    )  # fmt: skip
    near_miss = forms.BooleanField(label=_("It nearly happened"), required=False)
    third_party_origin = forms.BooleanField(label=_("It comes from a supplier"), required=False)

    def __init__(self, *args: Any, system: AISystem | None, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        running = Deployment.objects.visible_to(person).filter(release__system=system)
        self.fields["version"].queryset = versions_of(system, person)
        self.fields["deployment"].queryset = running.select_related("release__version__model")


class TakeUpForm(IncidentForm):
    """A report from outside as an incident: it begins with what was said."""

    field_order = ("system",)
    system: Any = forms.ModelChoiceField(None, label=_("System"))

    def __init__(self, *args: Any, report: RegisterEntry, person: User, **kwargs: Any) -> None:
        begun = {
            "title": report.title, "description": report.fields["text"], "detected_at": report.created_at,
            "system": report.system_id,
        }  # fmt: skip
        super().__init__(*args, system=report.system, person=person, initial=begun, **kwargs)
        rows = systems_where(person, access.INCIDENT_REPORT)
        self.fields["system"].queryset = rows.filter(pk=report.system_id) if report.system_id else rows
        for name in ("version", "deployment") if report.system_id is None else ():
            del self.fields[name]


class ManageForm(ActForm):
    """Where an incident stands, who works on it, and what was found."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[one for one in Incident.Status.choices if one[0] != Incident.Status.CLOSED]
    )
    severity = forms.ChoiceField(label=_("Severity"), choices=Level)
    owner = forms.ModelChoiceField(None, label=_("Who works on it"), required=False, empty_label=_("Nobody yet"))
    risk = forms.ModelChoiceField(
        None, label=_("Risk on the register"), required=False, empty_label=_("None of the register"),
        help_text=_("The risk that came true here; register it first where it is new."),
    )  # fmt: skip
    serious = forms.BooleanField(label=_("It is serious as the law has it"), required=False)
    consequence = forms.ChoiceField(
        label=_("Worst consequence"), required=False, choices=[("", _("None of these")), *Incident.Consequence.choices]
    )
    is_privacy = forms.BooleanField(label=_("It concerns personal data"), required=False)
    version = forms.ModelChoiceField(
        None, label=_("Version"), required=False, empty_label=_("The system as a whole, or not known")
    )
    groups_affected = forms.CharField(label=_("Who is affected"), required=False, widget=forms.Textarea(attrs=SMALL))
    recovery_minutes = forms.IntegerField(label=_("Minutes until it worked again"), required=False, min_value=0)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, incident: Incident, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(person)
        self.fields["version"].queryset = versions_of(incident.system, person)
        self.fields["risk"].queryset = Risk.objects.visible_to(person).filter(system=incident.system_id)


class CloseForm(ActForm):
    """How an incident ended."""

    root_cause = forms.CharField(label=_("Cause"), widget=forms.Textarea(attrs={"rows": 3}))
    remedy = forms.CharField(
        label=_("Remedy"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("What was done so that it ends.")
    )
    lessons = forms.CharField(
        label=_("Lessons"), required=False, widget=forms.Textarea(attrs=SMALL),
        help_text=_("What is done otherwise from now on; frameworks ask for it of serious ones."),
    )  # fmt: skip


class FindingForm(ActForm):
    """What somebody else saw of what was done."""

    finding = forms.CharField(
        label=_("What you saw"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How you made sure: where you looked and what was there no more."),
    )  # fmt: skip
