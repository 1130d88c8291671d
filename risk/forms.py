"""Forms of the risk app: a section of a questionnaire, the signature, and the acts on risks, incidents and reclassified data."""

from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry import access
from registry.datasets import standard
from registry.errors import BadInput
from registry.forms.acts import ActForm, DayInput, ReasonForm
from registry.models import AISystem, Dataset, ModelVersion, User
from risk import words
from risk.catalogue import catalogue
from risk.models import AffectedVersion, Risk, Treatment
from risk.questionnaires import BLANK, MOST_TEXT, Replies, Reply
from risk.template_parts import Question, Section, Template

SMALL: Final = {"rows": 2}


class AnswersForm(ActForm):
    """One section: for each question a field of its id, and a field for the text beside it.

    A short text or an open question is no error here: what is missing is named when the assessment is submitted.
    """

    def __init__(self, *args: Any, form: Template, section: Section, replies: Replies, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template, self.section = form, section
        for question in section.questions:
            reply = replies.get(question.id, BLANK)
            if question.type != "text":
                self.fields[question.id] = answer_field(form, question, reply)
            self.fields[text_name(question)] = text_field(form, question, reply)
            mark = _("needed when it is asked") if question.ask_when else _("needed")
            self.fields[question.id].mark = mark  # type: ignore[attr-defined]

    def replies(self) -> dict[str, Reply]:
        """What was typed, by question."""
        given = self.cleaned_data
        return {
            question.id: Reply(
                "" if question.type == "text" else given.get(question.id, ""), given.get(text_name(question), "")
            )
            for question in self.section.questions
        }

    def rows(self) -> list[tuple[Question, Any, Any]]:
        """Each question with its bound fields: answer (None where a text is the answer) and text."""
        return [
            (question, self[question.id] if question.type != "text" else None, self[text_name(question)])
            for question in self.section.questions
        ]

    def take_refusal(self, refusal: BadInput) -> None:
        """Show the refusal at its question."""
        question = self.template.question(refusal.field)
        known = question is not None and question.type != "text"
        name = refusal.field if known or question is None else text_name(question)
        self.add_error(name if name in self.fields else None, str(refusal))


def text_name(question: Question) -> str:
    """The name of the text field of a question."""
    return question.id if question.type == "text" else f"{question.id}-text"


def answer_field(form: Template, question: Question, reply: Reply) -> forms.Field:
    """The field for the answer itself; whether it is one is the action's question, so that nothing typed is lost."""
    sentences = (
        _now(question.help) if question.help else "", words.condition_sentence(form, question.ask_when),
        words.gate_sentence(question), words.proof_sentence(question), words.TYPED.get(question.type, ""),
    )  # fmt: skip
    told = " ".join(str(sentence) for sentence in sentences if sentence)
    common: dict[str, Any] = {"label": _now(question.text), "required": False, "help_text": told}
    keys = [(key, words.answer_word(key)) for key in question.points]
    if question.type == "several":
        chosen = [key for key in reply.answer.split(", ") if key]
        return SeveralField(choices=keys, initial=chosen, widget=forms.CheckboxSelectMultiple, **common)
    if keys:
        return forms.ChoiceField(choices=[("", _now("Not answered")), *keys], initial=reply.answer, **common)
    if question.type == "date":
        return forms.CharField(
            initial=reply.answer, max_length=10, widget=forms.DateInput(attrs={"type": "date"}), **common
        )
    return forms.CharField(initial=reply.answer, max_length=1000, disabled=question.type == "file", **common)


class SeveralField(forms.MultipleChoiceField):
    """Some keys, handed on as one text."""

    def clean(self, value: Any) -> str:
        return ", ".join(super().clean(value))


def text_field(form: Template, question: Question, reply: Reply) -> forms.CharField:
    """The field for the text: the answer itself, what deletes the data, or an explanation."""
    if question.type == "text":
        label, told = _now(question.text), _now("At least 20 characters.")
        told = " ".join(filter(None, (_now(question.help) if question.help else "", told)))
    elif question.type == "duration":
        label, told = _now("What deletes it or keeps it (%s)") % question.id, ""
    else:
        label, told = _now("Explanation (%s)") % question.id, words.text_sentence(form, question)
    return forms.CharField(
        label=label, help_text=told, required=False, initial=reply.text, max_length=MOST_TEXT,
        widget=forms.Textarea(attrs=SMALL),
    )  # fmt: skip


class StartForm(ActForm):
    """What is assessed: the system as a whole, or one version of its model."""

    version = forms.ModelChoiceField(
        None, label=_("About"), required=False, empty_label=_("The system as a whole"),
        help_text=_("Choose a version when it differs from others in data or purpose."),
    )  # fmt: skip

    def __init__(self, *args: Any, system: AISystem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = ModelVersion.objects.filter(model__system=system).select_related("model")


class AssignForm(ActForm):
    """Who answers a section, until when."""

    section = forms.ChoiceField(label=_("Section"))
    person = forms.ModelChoiceField(None, label=_("Who answers it"))
    due_on = forms.DateField(label=_("Until"), required=False, widget=DayInput())

    def __init__(self, *args: Any, assessment: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = [(part.id, _now(part.title)) for part in assessment.form.sections]
        self.fields["person"].queryset = User.objects.visible_to(person)


class CommentForm(ActForm):
    """A remark on a question."""

    text = forms.CharField(label=_("Comment"), widget=forms.Textarea(attrs=SMALL))


class EvidenceForm(ActForm):
    """A file beside an answer."""

    file = forms.FileField(label=_("File"), help_text=_("Up to 10 MB. It is kept with the answer and is not changed."))


class SignForm(ActForm):
    """The decision of a privacy officer, or of who answers for such an assessment, bound to the digest of the answers that the page showed."""

    APPROVE, REJECT = "approve", "reject"

    decision = forms.ChoiceField(
        label=_("Decision"), widget=forms.RadioSelect, choices=((APPROVE, _("Approve")), (REJECT, _("Send back")))
    )
    opinion = forms.CharField(
        label=_("Your opinion"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("It stands in the report under your name. At least 20 characters where an opinion is called for."),
    )  # fmt: skip
    authority_consultation = forms.CharField(
        label=_("Consultation of the supervisory authority"), required=False, widget=forms.Textarea(attrs=SMALL),
        help_text=_("Needed when the risk that is left is high: when it was consulted and what it answered."),
    )  # fmt: skip
    seen_digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, wants_authority: bool, wants_opinion: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not wants_authority:
            del self.fields["authority_consultation"]
        if wants_opinion:
            self.fields["opinion"].mark = _("needed here")  # type: ignore[attr-defined]


def chosen(choices: Any) -> list[tuple[Any, Any]]:
    """Choices with none chosen beforehand: what was not thought about is not filled in."""
    return [("", _("Choose")), *choices]


class StepField(forms.TypedChoiceField):
    """A step of likelihood or impact."""

    def __init__(self, scale: str, label: Any, **kwargs: Any) -> None:
        super().__init__(label=label, coerce=int, choices=lambda: chosen(self.steps(scale)), **kwargs)

    @staticmethod
    def steps(scale: str) -> list[tuple[int, str]]:
        """Number and name of each step."""
        return [(step, f"{step} – {_now(name)}") for step, name in getattr(catalogue(), scale).items()]


class RiskForm(ActForm):
    """A risk of a system, with its first rating."""

    system = forms.ModelChoiceField(None, label=_("System"))
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("What could happen to whom, in one sentence.")
    )
    catalogue_ref = forms.ChoiceField(
        label=_("Known risk"), required=False, choices=(),
        help_text=_("An entry of the catalogue brings the harms, controls and checks that belong to it."),
    )  # fmt: skip
    component = forms.ChoiceField(label=_("Where it arises"), choices=chosen(Risk.Component.choices))
    category = forms.ChoiceField(label=_("What it harms"), choices=chosen(Risk.Category.choices))
    likelihood = StepField("likelihood", _("Likelihood"))
    impact = StepField(
        "impact", _("Impact"), help_text=_("5 on safety or rights of people is at least high, however unlikely.")
    )
    owner = forms.ModelChoiceField(None, label=_("Owner"), help_text=_("Answers for it until it is closed."))
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs=SMALL))
    source = forms.ChoiceField(label=_("How it was found"), choices=Risk.Source)
    measurable = forms.BooleanField(label=_("It is measured by a check"), required=False, initial=True)
    unmeasured_reason = forms.CharField(
        label=_("Why it is not measured"), required=False, widget=forms.Textarea(attrs=SMALL)
    )
    tracking_method = forms.CharField(label=_("How it is followed"), required=False, widget=forms.Textarea(attrs=SMALL))
    residual_disclosed_to = forms.CharField(
        label=_("To whom what is left is told"), required=False, widget=forms.Textarea(attrs=SMALL)
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].queryset = systems_where(person, access.RISK_EDIT)
        self.fields["owner"].queryset = User.objects.visible_to(person)
        self.fields["catalogue_ref"].choices = [("", _now("None of the catalogue"))] + [
            (risk.id, f"{risk.id} {_now(risk.title)}") for risk in catalogue().risks.values()
        ]


def systems_where(person: User, action: str) -> Any:
    """The systems on which the person may do the action, for a choice; the action itself asks again."""
    own = Q(business_owner=person) | Q(technical_owner=person)
    return AISystem.objects.filter(access.reach(person, action, unit="unit", system="pk", own=own))


class RateForm(ActForm):
    """Both ratings of a risk."""

    likelihood = StepField("likelihood", _("Likelihood before treatment"))
    impact = StepField("impact", _("Impact before treatment"))
    residual_likelihood = StepField("likelihood", _("Likelihood that is left"))
    residual_impact = StepField("impact", _("Impact that is left"))
    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs=SMALL))


class TreatForm(ActForm):
    """What is done about a risk."""

    option = forms.ChoiceField(label=_("Answer to the risk"), choices=chosen(Treatment.Option.choices))
    plan = forms.CharField(label=_("Plan"), widget=forms.Textarea(attrs=SMALL), help_text=_("At least ten characters."))
    owner = forms.ModelChoiceField(None, label=_("Who does it"))
    due_on = forms.DateField(label=_("Until"), widget=DayInput())
    priority = forms.ChoiceField(label=_("Priority"), choices=Treatment.Priority, initial=Treatment.Priority.MEDIUM)
    resources = forms.CharField(label=_("People and money"), required=False, widget=forms.Textarea(attrs=SMALL))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(person)


class FinishForm(ActForm):
    """What came of a treatment and what is left."""

    outcome_note = forms.CharField(label=_("What came of it"), widget=forms.Textarea(attrs=SMALL))
    residual_likelihood = StepField("likelihood", _("Likelihood that is left"))
    residual_impact = StepField("impact", _("Impact that is left"))


class ReclassifyForm(ReasonForm):
    """Another class for a data set."""

    new_class = forms.ChoiceField(label=_("New class"), choices=())

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [(slug, label) for slug, label in standard.choices() if slug != dataset.classification]
        self.fields["new_class"].choices = others
        higher = [slug for slug, _label in others if standard.rank_of(slug) > standard.rank_of(dataset.classification)]
        self.fields["new_class"].initial = higher[0] if higher else None
        self.order_fields(("new_class", "reason"))


class DispositionForm(ReasonForm):
    """What becomes of a version that learned from reclassified data."""

    disposition = forms.ChoiceField(
        label=_("What follows"), choices=AffectedVersion.Disposition, widget=forms.RadioSelect,
        help_text=_("To accept it as it is ends the matter; anything else stays open until it is done."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("disposition", "reason"))


class AffectedDoneForm(ActForm):
    """What was done about a version that learned from reclassified data."""

    outcome_note = forms.CharField(label=_("What was done"), widget=forms.Textarea(attrs={"rows": 3}))
