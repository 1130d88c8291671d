"""Forms about the use of data: fit and purpose of a link, access to data, and the steps of a pipeline."""

from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, ReasonForm, offer
from registry.forms.inventory import SMALL, small
from registry.models import AISystem, DataAccess, Dataset, DatasetVersion, DataUse, Deployment, PipelineStep, Verdict


class FitForm(ReasonForm):
    """Whether data serve the goal."""

    fit = forms.ChoiceField(label=_("Fit"), choices=DataUse.Fit.choices[1:], widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("fit", "reason"))


class PurposeForm(ReasonForm):
    """What linked data are used for from now on."""

    purpose = forms.CharField(label=_("Purpose that the data serve"), widget=forms.Textarea(attrs=SMALL))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("purpose", "reason"))


class RequestAccessForm(ActForm):
    """Ask for access of a system to a data set."""

    dataset = forms.ModelChoiceField(
        None, label=_("Data set"), help_text=_("Data sets in your sight, and those that other units offer by name.")
    )
    system = forms.ModelChoiceField(None, label=_("System"))
    environment = forms.ChoiceField(label=_("Environment"), choices=Deployment.Environment.choices)
    people = forms.CharField(
        label=_("Who gets access"), widget=forms.Textarea(attrs=SMALL), help_text=_("People or groups by name.")
    )
    purpose = forms.CharField(label=_("Purpose"), widget=forms.Textarea(attrs=SMALL))
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput())

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["dataset"], Dataset.objects.offered_to(person).select_related("unit").order_by("name"))
        self.fields["dataset"].label_from_instance = lambda row: f"{row.name} ({row.unit})"
        seen = AISystem.objects.visible_to(person).select_related("unit").order_by("name")
        mine = [row.pk for row in seen if access.allowed(person, access.LINEAGE_EDIT, row)]
        offer(self.fields["system"], AISystem.objects.filter(pk__in=mine).order_by("name"))


class DecideAccessForm(ReasonForm):
    """The decision of the steward."""

    decision = forms.ChoiceField(
        label=_("Decision"), widget=forms.RadioSelect,
        choices=[(DataAccess.Status.GRANTED, _("Grant")), (DataAccess.Status.REFUSED, _("Refuse"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("decision", "reason"))


class ReviewAccessForm(ReasonForm):
    """What a second look found."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), widget=forms.RadioSelect, choices=[("kept", _("Keep it")), ("ended", _("End it"))]
    )
    found_digest = forms.CharField(
        label=_("Digest of the data that lie there now"), required=False, max_length=71,
        help_text=_("Bytes that are no version of the data set were changed by somebody; such access is not kept."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("outcome", "found_digest", "reason"))


class StepForm(ActForm):
    """The next step of a pipeline."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ("name", "code_digest", "output_digest", "check_name", "verdict", "source")
        self.fields.update(fields_for_model(PipelineStep, fields=names, formfield_callback=small))
        self.fields["input_digests"] = forms.CharField(
            label=_("Digests of what it read"), required=False, widget=forms.Textarea(attrs=SMALL),
            help_text=_("One a line; the first step reads what was collected."),
        )  # fmt: skip
        self.order_fields(("name", "code_digest", "input_digests", "output_digest"))

    def clean_input_digests(self) -> list[str]:
        """A list of lines."""
        return str(self.cleaned_data["input_digests"]).split()


class StepCheckForm(ActForm):
    """The result of a check of a step that stands already."""

    step = forms.ModelChoiceField(None, label=_("Step"))
    check_name = forms.CharField(label=_("Check"), max_length=160)
    verdict = forms.ChoiceField(label=_("Result"), choices=Verdict.choices)
    source = forms.CharField(label=_("Where the result stands"), max_length=300)

    def __init__(self, *args: Any, data_version: DatasetVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["step"], PipelineStep.objects.filter(data=data_version))
        self.fields["step"].label_from_instance = lambda row: f"{row.ordinal}. {row.name}"
