"""Forms of a review: the decision with its conditions, questions and answers."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry.actions.conditions import Asked
from registry.forms.acts import ActForm, DayInput, ReasonForm
from registry.models import Duty, SignOff, User

# So many conditions fit on the form; the API takes more.
ROWS: Final = (1, 2, 3)
Decision = SignOff.Decision
MEANINGS: Final = {
    Decision.APPROVE: _("go"),
    Decision.CONDITIONAL: _("go with conditions, which are written below"),
    Decision.REQUEST_CHANGES: _("defer: back to the author, who submits it again"),
    Decision.REJECT: _("no-go; what was published is halted for good"),
    Decision.ABSTAIN: _("somebody else decides in your place"),
}


class SignOffForm(ActForm):
    """A decision in one's duty, bound to the digest that the page showed."""

    duty = forms.ChoiceField(label=_("In your duty as"), choices=())
    decision = forms.ChoiceField(label=_("Decision"), choices=(), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("At least ten characters. It stands in the report under your name."),
    )
    seen_digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, duties: list[str], person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duty"].choices = [(duty, Duty(duty).label) for duty in duties]
        self.fields["decision"].choices = [
            (value, f"{Decision(value).label} – {meaning}") for value, meaning in MEANINGS.items()
        ]
        people = User.objects.visible_to(person)
        for number in ROWS:
            self.fields[f"condition_{number}"] = forms.CharField(
                label=_now("Condition %d") % number, required=False, widget=forms.Textarea(attrs={"rows": 2})
            )
            self.fields[f"owner_{number}"] = forms.ModelChoiceField(people, label=_("Owner"), required=False)
            self.fields[f"due_{number}"] = forms.DateField(label=_("Due"), required=False, widget=DayInput())

    @property
    def main_fields(self) -> list[Any]:
        """The fields of every decision."""
        return [self[name] for name in ("duty", "decision", "reason", "seen_digest")]

    @property
    def condition_fields(self) -> list[Any]:
        """The fields of the conditions, row by row."""
        return [self[f"{name}_{number}"] for number in ROWS for name in ("condition", "owner", "due")]

    @property
    def has_conditions(self) -> bool:
        """Something is written where conditions stand, or should be."""
        return self.is_bound and (
            self["decision"].value() == Decision.CONDITIONAL or any(field.value() for field in self.condition_fields)
        )

    def clean(self) -> dict[str, Any]:
        """The rows in which a condition is written, whole ones only."""
        given = super().clean() or {}
        asked = []
        for number in ROWS:
            row = [given.pop(f"{name}_{number}", None) for name in ("condition", "owner", "due")]
            if any(row) and not all(row):
                self.add_error(f"condition_{number}", _now("A condition needs a text, an owner and a day."))
            elif all(row):
                asked.append(Asked(*row))
        return given | {"conditions": asked}


class QuestionForm(ActForm):
    """A question to somebody, or a comment."""

    text = forms.CharField(label=_("Question or comment"), widget=forms.Textarea(attrs={"rows": 3}))
    asked_of = forms.ModelChoiceField(
        None, label=_("Asked of"), required=False, help_text=_("Gets a task to answer. Empty: a comment.")
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asked_of"].queryset = User.objects.visible_to(person)


class ReplyForm(ActForm):
    """A comment on a question."""

    text = forms.CharField(label=_("Comment"), widget=forms.Textarea(attrs={"rows": 2}))


class AnswerForm(ActForm):
    """The answer of who was asked."""

    answer = forms.CharField(label=_("Your answer"), widget=forms.Textarea(attrs={"rows": 3}))


class MetForm(ReasonForm):
    """How a condition was met."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Say what was done and where it can be seen; somebody else looks at it.")
