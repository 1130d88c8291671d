"""Forms of the inventory: systems, models, versions, data sets and links."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, offer, units_where
from registry.models import AISystem, DatasetVersion, ModelVersion, Relation, User

SYSTEM_FIELDS: Final = (
    "name", "purpose", "risk_tier", "processes_personal_data", "affects_people", "interacts_with_people",
    "is_generative", "is_agentic", "has_vendor_component", "task_type", "method_type", "intended_uses",
    "out_of_scope_uses", "intended_users", "affected_groups", "human_oversight_design", "applicable_law",
)  # fmt: skip
VERSION_FIELDS: Final = (
    "change_note", "provider", "base_model", "training_run", "deprecation_date", "retirement_date",
)  # fmt: skip
DATE_FIELDS: Final = ("deprecation_date", "retirement_date")
SMALL: Final = {"rows": 3}


def small(field: Any, **kwargs: Any) -> forms.Field | None:
    """A column's form field; texts get three lines and dates the browser's picker."""
    found = field.formfield(**kwargs)
    if isinstance(found, forms.DateField):
        found.widget = DayInput()
    if found is not None and isinstance(found.widget, forms.Textarea):
        found.widget.attrs.update(SMALL)
    return found


class SystemForm(ActForm):
    """What is said of a system."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(AISystem, fields=SYSTEM_FIELDS, formfield_callback=small))
        self.fields["risk_tier"].help_text = _("How much harm it could do; it decides how many people must agree.")


class NewSystemForm(SystemForm):
    """A system with its unit and the two people who answer for it."""

    unit = forms.ModelChoiceField(None, label=_("Business unit"), help_text=_("It owns the system."))
    business_owner = forms.ModelChoiceField(
        None, label=_("Business owner"), help_text=_("Answers for what the system is used for.")
    )
    technical_owner = forms.ModelChoiceField(
        None, label=_("Technical owner"), help_text=_("Answers for how it is built and run.")
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.MODEL_CREATE))
        for name in ("business_owner", "technical_owner"):
            self.fields[name].queryset = User.objects.visible_to(person)
        self.order_fields(("name", "purpose", "unit", "business_owner", "technical_owner"))


class ModelForm(ActForm):
    """A model of a system."""

    name = forms.CharField(label=_("Name"), max_length=160, help_text=_("What people call it, without a version."))


class EditVersionForm(ActForm):
    """What is said of a version; once it is submitted only its dates change."""

    def __init__(self, *args: Any, is_draft: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = VERSION_FIELDS if is_draft else DATE_FIELDS
        self.fields.update(fields_for_model(ModelVersion, fields=names, formfield_callback=small))
        self.fields["deprecation_date"].help_text = _("From this day nobody should begin to use it.")
        self.fields["retirement_date"].help_text = _("From this day it no longer serves. A release needs it.")


class NewVersionForm(EditVersionForm):
    """The exact file that will serve, under a version."""

    version = forms.CharField(
        label=_("Version"), max_length=60, help_text=_("For example 1.4.0; letters, digits, dots, plus and minus.")
    )
    artifact = forms.FileField(
        label=_("File of the model"),
        help_text=_(
            "LightGBM text or XGBoost JSON to have it explained; any other file is kept and hashed, and never opened."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("version", "artifact"))


class DatasetForm(ActForm):
    """A data set of a unit."""

    name = forms.CharField(label=_("Name"), max_length=160)
    unit = forms.ModelChoiceField(None, label=_("Business unit"))
    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs=SMALL),
        help_text=_("What one row is, where the rows come from, and whom they are about."),
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.DATASET_UPLOAD))


class DatasetVersionForm(ActForm):
    """A version of a data set, by the digest of its bytes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = (
            "version", "hash", "use", "provenance", "licence", "lawful_basis", "contains_personal_data",
            "known_biases", "retention_until",
        )  # fmt: skip
        self.fields.update(fields_for_model(DatasetVersion, fields=names, formfield_callback=small))


class LinkForm(ActForm):
    """From what the version came: a relation and a version that the person may see."""

    relation = forms.ChoiceField(label=_("This version"), choices=Relation)
    target = forms.ChoiceField(label=_("What"), choices=())

    def __init__(self, *args: Any, person: User, source: ModelVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        data = DatasetVersion.objects.visible_to(person).select_related("dataset")
        versions = ModelVersion.objects.visible_to(person).exclude(pk=source.pk).select_related("model")
        self.fields["target"].choices = [
            (_("Data set versions"), [(f"dataset:{row.pk}", str(row)) for row in data]),
            (_("Model versions"), [(f"version:{row.pk}", str(row)) for row in versions]),
        ]

    def clean_target(self) -> Any:
        """The row that was chosen, fetched again as this person may see it."""
        kind, _colon, pk = self.cleaned_data["target"].partition(":")
        table = DatasetVersion if kind == "dataset" else ModelVersion
        row = table.objects.visible_to(self.person).filter(pk=UUID(pk)).first()
        if row is None:
            raise forms.ValidationError(_("This version is not there any more."))
        return row
