"""Forms of the inventory: models, versions, data sets and links."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ActForm, DayInput
from registry.models import ArtifactVersion, DatasetVersion, ModelVersion, Relation, User

VERSION_FIELDS: Final = (
    "change_note", "provider", "commercial", "base_model", "licence", "training_run", "deprecation_date", "retirement_date",
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


class LinkForm(ActForm):
    """From what a version came, or what it reads: a relation and a version that the person may see."""

    relation = forms.ChoiceField(label=_("This version"), choices=Relation)
    target = forms.ChoiceField(label=_("What"), choices=())
    purpose = forms.CharField(
        label=_("Purpose"), required=False, widget=forms.Textarea(attrs=SMALL),
        help_text=_("Asked where data are linked: what they serve. The steward or a risk officer reviews the fit."),
    )  # fmt: skip

    TABLES: Final = (
        ("dataset", _("Data set versions"), DatasetVersion, "dataset"),
        ("version", _("Model versions"), ModelVersion, "model"),
        ("artifact", _("Artefact versions"), ArtifactVersion, "artifact"),
    )

    def __init__(self, *args: Any, person: User, source: ModelVersion | ArtifactVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["target"].choices = [
            (label, [(f"{kind}:{row.pk}", str(row)) for row in self.rows(table, parent).exclude(pk=source.pk)])
            for kind, label, table, parent in self.TABLES
        ]

    def rows(self, table: Any, parent: str) -> Any:
        """What the person may see of a table."""
        return table.objects.visible_to(self.person).select_related(parent)

    def clean_target(self) -> Any:
        """The row that was chosen, fetched again as this person may see it."""
        kind, _colon, pk = self.cleaned_data["target"].partition(":")
        tables = {name: (table, parent) for name, _label, table, parent in self.TABLES}
        row = self.rows(*tables[kind]).filter(pk=UUID(pk)).first()
        if row is None:
            raise forms.ValidationError(_("This version is not there any more."))
        return row
