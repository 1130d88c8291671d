"""Forms of comparisons: the criteria, a candidate with its values, and the choice."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry.forms.acts import ActForm, ReasonForm
from registry.models import Comparison, Component, ModelVersion, User


class StartForm(ActForm):
    """What is compared, for which use, by which criteria."""

    title = forms.CharField(label=_("What is compared"), max_length=200)
    need = forms.CharField(label=_("The use, and what it asks for"), widget=forms.Textarea(attrs={"rows": 3}))
    criteria = forms.CharField(
        label=_("Criteria"), widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, such as price, licence or answers in Chinese. Figures of checks are shown by themselves."),
    )  # fmt: skip

    def clean_criteria(self) -> list[str]:
        """The lines."""
        return self.cleaned_data["criteria"].splitlines()


class ValuesForm(ActForm):
    """A value and its source for each criterion."""

    def __init__(self, *args: Any, comparison: Comparison, values: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = comparison.criteria
        for number, name in enumerate(self.criteria):
            told = (values or {}).get(name, {})
            self.fields[f"value-{number}"] = forms.CharField(
                label=name, required=False, max_length=1000, initial=told.get("value", "")
            )
            self.fields[f"source-{number}"] = forms.CharField(
                label=_now("Source of “%s”") % name, required=False, max_length=1000, initial=told.get("source", "")
            )

    def clean(self) -> dict[str, Any]:
        """The values by criterion, as the action takes them."""
        given = super().clean() or {}
        values = {
            name: {"value": given.pop(f"value-{number}", ""), "source": given.pop(f"source-{number}", "")}
            for number, name in enumerate(self.criteria)
        }
        return {**given, "values": values}


class CandidateForm(ValuesForm):
    """A component of the catalogue or a version of a model, with its values."""

    thing = forms.ChoiceField(label=_("Candidate"), choices=())

    def __init__(self, *args: Any, person: User, comparison: Comparison, **kwargs: Any) -> None:
        super().__init__(*args, comparison=comparison, **kwargs)
        self.person = person
        rows = Component.objects.visible_to(person).of_unit(comparison.system.unit)
        versions = ModelVersion.objects.visible_to(person).select_related("model")
        self.fields["thing"].choices = [
            (_("Components"), [(f"component:{row.pk}", str(row)) for row in rows]),
            (_("Model versions"), [(f"version:{row.pk}", str(row)) for row in versions]),
        ]
        self.order_fields(("thing",))

    def clean_thing(self) -> Any:
        """The row that was chosen, fetched again as this person may see it."""
        kind, _colon, pk = self.cleaned_data["thing"].partition(":")
        table = Component if kind == "component" else ModelVersion
        row = table.objects.visible_to(self.person).filter(pk=UUID(pk)).first()
        if row is None:
            raise forms.ValidationError(_("This is not there any more."))
        return row


class ChooseForm(ReasonForm):
    """Which candidate, and why."""

    candidate = forms.ModelChoiceField(None, label=_("Chosen"), widget=forms.RadioSelect, empty_label=None)

    def __init__(self, *args: Any, comparison: Comparison, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidate"].queryset = comparison.candidates.visible_to(person).in_order()
        self.order_fields(("candidate", "reason"))
