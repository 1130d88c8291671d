"""Forms of assessments of vendors and units: the questionnaire on one page, its beginning, and the decision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, ReasonForm, offer, units_where
from registry.models import User, Vendor
from risk.forms import SMALL, AnswersForm
from risk.models import MaturityAssessment, VendorAssessment
from risk.template_parts import Section


class StartForm(ActForm):
    """What the vendor is wanted for."""

    use = forms.CharField(
        label=_("What it is wanted for"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A vendor is judged for a use: what you would send it, and what follows from what it returns."),
    )  # fmt: skip


class WholeForm(AnswersForm):
    """Every question of the questionnaire on one page."""

    def __init__(self, *args: Any, assessment: VendorAssessment | MaturityAssessment, **kwargs: Any) -> None:
        form = assessment.form
        whole = Section("all", form.name, None, form.questions)
        super().__init__(*args, form=form, section=whole, replies=assessment.replies(), **kwargs)

    def parts(self) -> list[tuple[str, list[Any]]]:
        """The sections by their titles, each with its rows."""
        rows = {question.id: (question, answer, text) for question, answer, text in self.rows()}
        return [(part.title, [rows[one.id] for one in part.questions]) for part in self.template.sections]


class UnitForm(ActForm):
    """The unit whose maturity is assessed."""

    unit: Any = forms.ModelChoiceField(None, label=_("Business unit"))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        offer(unit, units_where(person, access.RISK_EDIT))


class DecideForm(ReasonForm):
    """What comes of an assessment, why, under which conditions and until when."""

    result = forms.ChoiceField(label=_("Result"), choices=Vendor.Result)
    conditions = forms.CharField(label=_("Conditions"), required=False, widget=forms.Textarea(attrs=SMALL))
    valid_until = forms.DateField(label=_("Valid until"), widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("result", "conditions", "valid_until", "reason"))
