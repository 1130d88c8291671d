"""Forms of test plans: what a plan says, which check it adds, on which table it is run."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from rai import cadences, guidance, retraining
from rai.actions.plans import TEXTS
from rai.catalogue import CheckType
from rai.figures.lines import METRICS
from rai.forms import CheckForm
from rai.models import ROWS_ARE, Predictions, TestPlan
from registry.forms.acts import ActForm
from registry.models import User

HELP = {
    "risks_covered": _("The risks of the register that its checks speak to, the highest first."),
    "unmeasured": _("What could go wrong and is not measured, with the reason. “Nothing” is an answer too."),
    "deployment_similarity": _("How the test rows were drawn, and how people served may differ from them."),
    "sample_size_rationale": _("Which difference must not be missed, and how many rows that takes."),
    "construct_validity": _("Whether the label is what is meant, or a proxy of it."),
    "human_subjects": _("Consent, pay and review of people who take part; leave it open where nobody does."),
}


class PlanForm(ActForm):
    """What a draft says."""

    cadence = forms.ChoiceField(label=_("How often it runs"))
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), help_text=_("Gets the tasks: rows that are missing, alarms.")
    )

    def __init__(self, *args: Any, plan: TestPlan, **kwargs: Any) -> None:
        start = {name: getattr(plan, name) for name in (*TEXTS, "cadence")} | {"owner": plan.owner_id}
        kwargs["initial"] = start
        super().__init__(*args, **kwargs)
        offered: Any = self.fields
        offered["cadence"].choices = cadences.allowed(plan.system.risk_tier)
        offered["owner"].queryset = User.objects.filter(is_active=True)
        for name in TEXTS:
            column: Any = TestPlan._meta.get_field(name)
            self.fields[name] = forms.CharField(
                label=capfirst(column.verbose_name), required=False, help_text=HELP.get(name, ""),
                widget=forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip


class TableForm(forms.Form):
    """The table that a plan is run on."""

    predictions = forms.ChoiceField(label=_("Table"))

    def __init__(self, *args: Any, tables: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["predictions"]
        field.choices = [("", _("Choose a table")), *tables]


class PlannedForm(CheckForm):
    """A check of a plan: what it is to find out and on which rows, then its parameters."""

    def carry_out(self, act: Any) -> bool:
        """The two hidden fields say where the form is; they are no parameters."""
        return super().carry_out(lambda check, table, **chosen: act(**chosen))


def planned_form(data: Any, *, check: CheckType, table: Predictions, tables: Sequence[tuple[str, str]]) -> PlannedForm:
    """The form of a check with the columns of a table; kind of rows and reason stand first."""
    form = PlannedForm(data, check=check, columns=[column["name"] for column in table.columns], tables=tables)
    first = {
        "role": forms.ChoiceField(
            label=_("Run it on"), choices=ROWS_ARE, initial=table.role,
            help_text=_("Rows of the running system are looked at as they come, within a year’s budget of false alarms."),
        ),
        "reason": forms.CharField(
            label=_("What it is to find out"), widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("At least twenty characters; reports print it."),
        ),
        "check": forms.CharField(widget=forms.HiddenInput, initial=check.slug),
        "table": forms.CharField(widget=forms.HiddenInput, initial=str(table.pk)),
    }  # fmt: skip
    form.fields = first | form.fields
    return form


class QuestionsForm(forms.Form):
    """The five questions; their answers travel in the address, so that the advice can be shown without storing anything."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in guidance.questions():
            self.fields[question.id] = forms.ChoiceField(
                label=question.ask, help_text=question.help, choices=list(question.answers.items()),
                widget=forms.RadioSelect,
            )  # fmt: skip


class CostForm(forms.Form):
    """What retraining and waiting cost; the answers travel in the address, so that nothing is stored by looking."""

    metric = forms.ChoiceField(
        label=_("Whose fall counts"), choices=[(name, METRICS[name]) for name in retraining.METRICS]
    )
    retraining_cost = forms.FloatField(
        label=_("Cost of retraining once"), min_value=0.01,
        help_text=_("Data, labels, computing, tests, review and release; all that is paid again each time."),
    )  # fmt: skip
    point_cost = forms.FloatField(
        label=_("Cost of one lost point a month"), min_value=0.01,
        help_text=_("What a month costs in which the metric stands one point (0.01) lower than after training."),
    )  # fmt: skip
    money = forms.CharField(label=_("In which money"), max_length=12, initial="EUR")
    decay = forms.FloatField(
        label=_("Points lost a month"), required=False, min_value=0.0, max_value=100.0,
        help_text=_("Leave it empty to have it estimated from what the checks found on rows of the running system."),
    )  # fmt: skip


class IntervalForm(ActForm):
    """How often a person chooses to retrain, and why."""

    months = forms.IntegerField(
        label=_("Retrain every … months"), min_value=0, max_value=120, help_text=_("0: not by the calendar, for example only after an alarm."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why this interval"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What the costs leave out, such as harm to people, belongs here. It stands with the plan."),
    )


class ChoiceForm(ActForm):
    """What a person chooses after the advice, and why; anything may be chosen, with a reason."""

    chosen = forms.MultipleChoiceField(label=_("Metrics of this plan"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=_("Why these"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Where you choose otherwise than advised, say what speaks against the advice. Reports print it."),
    )

    def __init__(self, *args: Any, advised: Sequence[str], **kwargs: Any) -> None:
        kwargs["initial"] = {"chosen": list(advised)}
        super().__init__(*args, **kwargs)
        field: Any = self.fields["chosen"]
        field.choices = [(name, one.title) for name, one in guidance.metrics().items()]
