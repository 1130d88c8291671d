"""Forms of systems, in the sections in which everything that is said of a system stands."""

from typing import Any, Final

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, ReasonForm, offer, units_where
from registry.forms.inventory import small
from registry.intake import Question, questionnaire
from registry.models import AISystem, FoundUse, Side, User
from registry.system_record import FIELDS, SECTIONS, Section

PEOPLE: Final = ("business_owner", "business_deputy", "technical_owner", "technical_deputy")
ENTRY: Final = Section("entry", _("Where it belongs and who answers for it"), Side.BUSINESS, ("name", "unit", *PEOPLE))
INTAKE: Final = Section("questions", _("Questions"), Side.BUSINESS, ())
HELP: Final = {
    "risk_tier": _("How much harm it could do; it decides how many people must agree."),
    "business_problem": _("What is wrong or missing without the system."),
    "expected_value": _("Who gains what, and how much of it."),
    "value_metric": _("The measure by which the unit will see that value, for example letters saved a month."),
    "technical_metric": _(
        "The measure of the model on which that value hangs, for example recall at the chosen threshold."
    ),
    "value_reviewed_at": _("When somebody last looked whether the value came."),
    "non_ai_alternatives": _("What could be bought, what would do without AI, and why not those. A release needs it."),
    "prototype_findings": _("For generated content: what was tried, on what, with which result. A release needs it."),
    "autonomy_level": _("Whether a person stands in the loop, on it, or neither."),
    "human_oversight_design": _("Who looks at what, when, and what they can do about it. It stands on the model card."),
    "portfolio_layer": _("What is above rests on what is below."),
    "resource_rules": _("What follows from who runs them, for example who patches and who pays."),
    "log_retention_days": _("In days."),
}


class Sections:
    """Hands a form's fields out by section, for a page with a heading over each."""

    sections_of: tuple[Section, ...] = ()
    fields: dict[str, forms.Field]

    def sections(self) -> list[tuple[Section, list[forms.BoundField]]]:
        """Each section with its fields, in the order of the list; what is in none of them comes last."""
        placed = [(one, [self[name] for name in one.fields if name in self.fields]) for one in self.sections_of]  # type: ignore[index]
        known = {name for one in self.sections_of for name in one.fields}
        rest = [self[name] for name in self.fields if name not in known]  # type: ignore[index]
        return [*((one, found) for one, found in placed if found), *([(INTAKE, rest)] if rest else [])]


class SystemForm(Sections, ActForm):
    """What is said of a system."""

    sections_of: tuple[Section, ...] = SECTIONS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(AISystem, fields=FIELDS, formfield_callback=small))
        for name, text in HELP.items():
            self.fields[name].help_text = text


class Named(forms.Form):
    """The unit and the people who answer."""

    unit = forms.ModelChoiceField(None, label=_("Business unit"), help_text=_("It owns the system."))
    business_owner = forms.ModelChoiceField(
        None, label=_("Business owner"), help_text=_("Answers for what the system is used for.")
    )
    business_deputy = forms.ModelChoiceField(
        None, label=_("Deputy of the business owner"), required=False, help_text=_("Stands in and may do the same.")
    )
    technical_owner = forms.ModelChoiceField(
        None, label=_("Technical owner"), help_text=_("Answers for how it is built and run.")
    )
    technical_deputy = forms.ModelChoiceField(None, label=_("Deputy of the technical owner"), required=False)

    def offer_to(self, person: User) -> None:
        """The units in which the person may register, and everybody who has an account."""
        offer(self.fields["unit"], units_where(person, access.MODEL_CREATE))
        for name in PEOPLE:
            self.fields[name].queryset = User.objects.visible_to(person)


class NewSystemForm(Named, SystemForm):
    """A system with its unit and the people who answer for it."""

    sections_of = (ENTRY, *SECTIONS)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_to(person)

    def sections(self) -> list[tuple[Section, list[forms.BoundField]]]:
        """The name stands at the head, hence not again in its section."""
        head, *others = super().sections()
        return [head, *((one, [field for field in found if field.name != "name"]) for one, found in others)]


class IntakeForm(Sections, Named, ActForm):
    """A proposed use: what it is, who answers for it, and the questions from which tier and next step follow."""

    sections_of = (Section("entry", _("What is proposed, and who answers for it"), Side.BUSINESS,
                           ("name", "purpose", "unit", *PEOPLE)),)  # fmt: skip
    name = forms.CharField(label=_("Name"), max_length=160)
    purpose = forms.CharField(
        label=_("Purpose"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=AISystem._meta.get_field("purpose").help_text,
    )  # fmt: skip
    is_none_of_these = forms.BooleanField(label=_("It is none of these"), required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_to(person)
        for question in questionnaire().questions:
            self.fields[question.id] = question_field(question)

    def clean(self) -> dict[str, Any]:
        """The keywords of the action: the questions' answers as one mapping."""
        given = dict(super().clean() or self.cleaned_data)
        asked = [question.id for question in questionnaire().questions]
        given["answers"] = {name: given.pop(name) for name in asked if name in given}
        return given


def question_field(question: Question) -> forms.ChoiceField:
    """A question as a group of buttons, or as a list where there are many answers."""
    choices = [(key, question.word(key)) for key in question.answers]
    widget = forms.RadioSelect() if len(choices) <= 4 else forms.Select()
    offered = choices if len(choices) <= 4 else [("", "–"), *choices]
    help_text = _now(question.help) if question.help else ""
    return forms.ChoiceField(label=_now(question.ask), help_text=help_text, choices=offered, widget=widget)


class MoveForm(ReasonForm):
    """A move of a system from one stage to another."""

    verb = forms.ChoiceField(label=_("Move"), choices=())
    field_order = ("verb", "reason")

    def __init__(self, *args: Any, moves: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [(move.verb, move.label) for move in moves]


class RestForm(ActForm):
    """A system on which this one rests."""

    rests_on = forms.ModelChoiceField(None, label=_("Rests on"))

    def __init__(self, *args: Any, person: User, system: AISystem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rests_on"].queryset = AISystem.objects.visible_to(person).exclude(pk=system.pk)


class NoteForm(ActForm):
    """Uses of AI that somebody came across."""

    names = forms.CharField(
        label=_("What was found"), widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One use a line, for example the lines of a cost report or of a list of the network."),
    )  # fmt: skip
    unit = forms.ModelChoiceField(None, label=_("Business unit"))
    source = forms.ChoiceField(label=_("Found in"), choices=FoundUse.Source)
    found_on = forms.DateField(label=_("Found on"), required=False, widget=DayInput())
    note = forms.CharField(label=_("What is known of it"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["unit"], units_where(person, access.MODEL_CREATE))
