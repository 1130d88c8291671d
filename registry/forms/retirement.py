"""Forms of retirement: dates, plan, a line of the checklist, who uses a version, and the answer of those who do."""

from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ActForm
from registry.forms.inventory import small
from registry.models import AISystem, BusinessUnit, ModelVersion, RetirementPlan, User, VersionStatus

PLAN_FIELDS = ("reason", "plan", "user_communication", "data_disposition", "residual_risks")


class EndDatesForm(ActForm):
    """When a version ends, and what takes its place."""

    successor = forms.ModelChoiceField(
        None, label=_("Successor"), required=False,
        help_text=_("Another version of the same system. Whoever asks for this one after its end is sent there."),
    )  # fmt: skip

    def __init__(self, *args: Any, version: ModelVersion, **kwargs: Any) -> None:
        initial = {name: getattr(version, name) for name in ("deprecation_date", "retirement_date", "successor")}
        super().__init__(*args, initial=initial, **kwargs)
        dates = fields_for_model(ModelVersion, fields=("deprecation_date", "retirement_date"), formfield_callback=small)
        self.fields.update(dates)
        self.fields["deprecation_date"].help_text = _("From this day nobody should begin to use it.")
        self.fields["retirement_date"].help_text = _("From this day it no longer serves.")
        others = ModelVersion.objects.filter(model__system=version.home_system).select_related("model")
        over = (VersionStatus.RETIRED, VersionStatus.REJECTED)
        self.fields["successor"].queryset = others.exclude(pk=version.pk).exclude(status__in=over)
        self.order_fields(("deprecation_date", "retirement_date", "successor"))


class PlanForm(ActForm):
    """How the version is taken out of use."""

    def __init__(self, *args: Any, plan: RetirementPlan | None, **kwargs: Any) -> None:
        said = {name: getattr(plan, name) for name in PLAN_FIELDS} if plan else {}
        super().__init__(*args, initial=said, **kwargs)
        self.fields.update(fields_for_model(RetirementPlan, fields=PLAN_FIELDS, formfield_callback=small))
        self.fields["plan"].help_text = _("Steps, in order, each with a person and a day.")
        self.fields["user_communication"].help_text = _("Who hears of it from whom, when, and in which way.")
        self.fields["data_disposition"].help_text = _(
            "Training data, caches, indexes, logs: deleted or kept, until when."
        )


class LineForm(ActForm):
    """What shows that a line of the checklist is done."""

    evidence = forms.CharField(
        label=_("What shows it"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A ticket, a file, a message; or why this line is not needed here. Another person looks at it."),
    )  # fmt: skip


class ConsumerForm(ActForm):
    """Who uses a version: a person, a unit by the person who speaks for it, or a system by its owners."""

    person = forms.ModelChoiceField(None, label=_("Person"), required=False, help_text=_("Is told of the end."))
    of_unit = forms.ModelChoiceField(
        None, label=_("Unit"), required=False, help_text=_("Where the person speaks for a whole unit.")
    )
    system = forms.ModelChoiceField(
        None, label=_("System"), required=False, help_text=_("Instead of a person: its business owner is told.")
    )
    use = forms.CharField(label=_("What it is used for"), required=False, max_length=255)

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.visible_to(viewer)
        self.fields["of_unit"].queryset = BusinessUnit.objects.visible_to(viewer)
        self.fields["system"].queryset = AISystem.objects.visible_to(viewer)


class AnswerForm(ActForm):
    """What somebody who uses a version does about its end."""

    answer = forms.CharField(
        label=_("What you do about it"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example to which version you move, and by when. Its owners read it."),
    )  # fmt: skip
