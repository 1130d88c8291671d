"""Sheets of limits, test plans and figures that were computed elsewhere."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from rai import actions, cadences
from rai.actions.plans import TEXTS
from rai.actions.reported import report_figures
from rai.forms import LimitForm
from rai.models import MetricBaseline, TestPlan
from rai.plan_forms import PlanForm
from rai.reported import DIGEST, Figure, Report, Source
from registry import access
from registry.forms.acts import ActForm
from registry.imports.kinds import people
from registry.imports.records import sheet, under
from registry.models import AISystem, Evidence, ModelVersion, User
from registry.registers.forms import SeveralField
from registry.vocabulary import vocabulary

DRAFTS: Final = _("Rows are drafts; somebody else puts them in force here.")


def limit_form(person: User) -> ActForm:
    """A limit of a system."""
    return under(LimitForm(), "system", AISystem.objects.visible_to(person), person, access.THRESHOLDS_EDIT)


def plan_form(person: User) -> ActForm:
    """What a draft of a plan says; its checks are chosen on a table of the system."""
    form = ActForm()
    form.fields["cadence"] = forms.ChoiceField(
        label=PlanForm.base_fields["cadence"].label, choices=list(cadences.LABELS.items())
    )
    form.fields["owner"] = people(person, required=True, label=PlanForm.base_fields["owner"].label)
    for name in TEXTS:
        label = TestPlan._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        form.fields[name] = forms.CharField(label=label, required=False)
    return under(form, "system", AISystem.objects.visible_to(person), person, access.PLAN_EDIT)


def enter_plan(system: AISystem, *, actor: User, **said: Any) -> TestPlan:
    """A draft of a system that has none."""
    return actions.edit_plan(actions.draft_plan(system, actor=actor), actor=actor, **said)


def figure_form(person: User) -> ActForm:
    """One figure that was computed elsewhere, with the digests of what it was computed from and by."""
    form = ActForm()
    checks = [(name, name) for name in vocabulary().checks]
    form.fields["shows"] = SeveralField(label=_("Checks of the vocabulary that it shows"), choices=checks)
    form.fields["measured_at"] = forms.DateTimeField(label=_("When it was computed"))
    form.fields["tool"] = forms.CharField(label=_("By what"), max_length=200)
    for name, label in {"data": _("Digest of the data"), "code": _("Digest of the code")}.items():
        form.fields[name] = forms.RegexField(DIGEST, label=label)
    form.fields["metric"] = forms.CharField(label=_("Metric"), max_length=200)
    form.fields["value"] = forms.FloatField(label=_("Value"))
    for name, label in {"low": _("Lower end"), "high": _("Upper end")}.items():
        form.fields[name] = forms.FloatField(label=label, required=False)
    form.fields["n"] = forms.IntegerField(label=_("Rows"), required=False, min_value=0)
    return under(form, "version", ModelVersion.objects.visible_to(person), person, access.CHECK_RUN)


def enter_figure(
    version: ModelVersion, *, shows: list[str], measured_at: datetime, tool: str, data: str, code: str, actor: User,
    **figure: Any,
) -> Evidence:  # fmt: skip
    """Reported evidence, which is never called measured."""
    report = Report(shows, measured_at, tool, [Source("data", data)], Source(tool, code), [Figure(**figure)])
    return report_figures(version, report=report, actor=actor)


sheet("metric_baseline", access.THRESHOLDS_EDIT, limit_form, "system", MetricBaseline, actions.propose_baseline, DRAFTS)
sheet("test_plan", access.PLAN_EDIT, plan_form, "system", TestPlan, enter_plan, DRAFTS)
sheet("monitoring_plan", access.PLAN_EDIT, plan_form, "system", TestPlan, enter_plan,
      _("What is watched is part of a test plan: rows are drafts of that; somebody else puts them in force here."))  # fmt: skip
sheet("monitor_observation", access.CHECK_RUN, figure_form, "version", Evidence, enter_figure,
      _("Rows are figures that were computed elsewhere: told as reported, never as measured, and no gate opens by them."))  # fmt: skip
