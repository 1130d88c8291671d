"""Forms of data sets: the data card, versions, the approval of a source, and the terms of a system for data."""

from typing import Any, Final

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.actions.datasets import CARD, VERSION_FIELDS, deciders
from registry.datasets import standard
from registry.forms.acts import ActForm, ReasonForm, offer, units_where
from registry.forms.inventory import SMALL, small
from registry.models import Agreement, Dataset, DatasetVersion, DataTerms, User
from registry.models.datasets import DEFAULT_CLASS

HELP: Final = {
    "description": _("What one row is, what its columns mean, and whom the rows are about."),
    "relations": _("To which other data its rows belong, and by which key."),
    "origin": _("Who made the data, and for what."),
    "source_reputation": _("What is known of the source: who vouches for it, what was wrong with it before."),
    "receipt": _("How and when the data came here, and how their bytes were checked."),
    "intended_use": _("For what they may be used, and for what not."),
    "collected_until": _("The age of the data counts from this day."),
    "storage": _("Where the data lie, and how they are protected there."),
    "terms": _("Licence, contract or consent, with what they ask."),
    "right_to_process": _("By which right the organisation processes them."),
    "kind": _("Data of users, of sessions and private knowledge have rules of their own."),
    "access_rules": _("Which people and systems may read it, and who lets them."),
    "is_offered": _("Its name and unit are shown to people of other units, who may ask the steward for access."),
}


VERSION_HELP: Final = {
    "licence": _("Its SPDX name where it has one, for example CC-BY-4.0."),
    "obtained": _(
        "What must be said besides follows from it: an agreement for bought data, a generator for synthetic."
    ),
    "generator": _("For synthetic data: which program or model made them, from what, with which settings."),
    "synthetic_share": _("Between 0 and 1."),
    "label_agreement": _("How far labellers agree, with its measure and its source, for example Cohen’s kappa."),
}


class DatasetForm(ActForm):
    """A data set of a unit."""

    name = forms.CharField(label=_("Name"), max_length=160)
    unit = forms.ModelChoiceField(None, label=_("Business unit"))
    classification = forms.ChoiceField(
        label=_("Class"), required=False, choices=standard.choices, initial=DEFAULT_CLASS,
        help_text=_("By the organisation's standard. Raising it later opens a task for everything that used the data."),
    )  # fmt: skip
    description = forms.CharField(
        label=_("Meaning"), required=False, widget=forms.Textarea(attrs=SMALL), help_text=HELP["description"]
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.DATASET_UPLOAD))


class DataCardForm(ActForm):
    """What the data card says."""

    name = forms.CharField(label=_("Name"), max_length=160)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(Dataset, fields=CARD, formfield_callback=small))
        for name, text in HELP.items():
            self.fields[name].help_text = text


class StewardForm(ReasonForm):
    """Hand a data set over."""

    steward = forms.ModelChoiceField(None, label=_("New data steward"))

    def __init__(self, *args: Any, dataset: Dataset, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(person).filter(is_active=True).exclude(pk=dataset.steward_id)
        self.fields["steward"].queryset = people
        self.order_fields(("steward", "reason"))


class DatasetVersionForm(ActForm):
    """A version of a data set, by the digest of its bytes; what is said of it can be said later, too."""

    def __init__(self, *args: Any, person: User, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = (*(("version", "hash", "use") if is_new else ()), *VERSION_FIELDS)
        self.fields.update(fields_for_model(DatasetVersion, fields=names, formfield_callback=small))
        self.order_fields(names)
        offer(self.fields["agreement"], Agreement.objects.known_to(person).select_related("vendor"))
        for name, text in VERSION_HELP.items():
            self.fields[name].help_text = text


def uses_field(choices: Any, **more: Any) -> forms.MultipleChoiceField:
    """Uses to tick."""
    return forms.MultipleChoiceField(label=_("Uses"), choices=choices, widget=forms.CheckboxSelectMultiple, **more)


class AskApprovalForm(ActForm):
    """For which uses, and who decides."""

    uses = uses_field(DatasetVersion.Use.choices)
    approver = forms.ModelChoiceField(
        None, label=_("Who decides"), help_text=_("Somebody who decides in the unit and has no part in the data.")
    )

    def __init__(self, *args: Any, data_version: DatasetVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [one.pk for one in deciders(data_version)]
        offer(self.fields["approver"], User.objects.filter(pk__in=people).order_by("name"))


class DecideSourceForm(ReasonForm):
    """The decision of the approver."""

    decision = forms.ChoiceField(
        label=_("Decision"), widget=forms.RadioSelect,
        choices=[
            (DatasetVersion.Status.APPROVED, _("Approve for all uses asked for")),
            (DatasetVersion.Status.RESTRICTED, _("Approve for the uses ticked below alone")),
            (DatasetVersion.Status.DRAFT, _("Send it back")),
        ],
    )  # fmt: skip
    uses = uses_field([], required=False)

    def __init__(self, *args: Any, data_version: DatasetVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uses"].choices = [(use, DatasetVersion.Use(use).label) for use in data_version.asked_uses]
        self.order_fields(("decision", "uses", "reason"))


class ClearanceForm(ReasonForm):
    """Up to which class a system may use data."""

    clearance = forms.ChoiceField(label=_("Cleared for data up to"), choices=standard.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("clearance", "reason"))


class OutputForm(ActForm):
    """How the output of a system is labelled, kept and handed on."""

    output_class = forms.ChoiceField(label=_("Class of its output"), choices=standard.choices)
    output_protection = forms.CharField(label=_("Protection of its output"), widget=forms.Textarea(attrs=SMALL))
    output_retention_days = forms.IntegerField(
        label=_("Days for which its output is kept"), min_value=0, max_value=36500
    )
    output_reason = forms.CharField(
        label=_("Why this class"), required=False, widget=forms.Textarea(attrs=SMALL),
        help_text=_("Needed where it is lower than that of the data."),
    )  # fmt: skip
    output_uses = forms.MultipleChoiceField(
        label=_("What its output may be used for"), required=False, choices=DataTerms.OutputUse.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Links of lineage to another use are refused. Nothing ticked: nobody has said."),
    )  # fmt: skip
    distribution = forms.ChoiceField(
        label=_("Distribution"), required=False, choices=[("", "–"), *DataTerms.Distribution.choices],
        help_text=_("Licences of data and components are held against it."),
    )  # fmt: skip
