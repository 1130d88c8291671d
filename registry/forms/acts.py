"""The form behind every act: it hands what was typed to an action and shows a refusal where it belongs."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.errors import BadInput, DomainError, QuotaReached
from registry.models import BusinessUnit


class ActForm(forms.Form):
    """A form whose data are the keywords of an action. After `carry_out` the action's answer is in `result`."""

    result: Any = None

    def carry_out(self, act: Callable[..., Any]) -> bool:
        """Do it with the cleaned data; False when the form or the action refused, with the sentence in the form."""
        if not self.is_valid():
            return False
        try:
            self.result = act(**self.cleaned_data)
        except QuotaReached as refusal:
            self.add_error(None, later(refusal))
        except BadInput as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        except DomainError as refusal:
            self.add_error(None, str(refusal))
        except ValidationError as refusal:
            self.take(refusal)
        return not self.errors

    def take(self, refusal: ValidationError) -> None:
        """Errors of the row, each at its field where the form has it."""
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for name, sentences in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, ValidationError(sentences))


def later(refusal: QuotaReached) -> ValidationError:
    """The sentence as an error of a form; the page that shows it answers 429 and says how long to wait."""
    return ValidationError(str(refusal), code="closed", params={"seconds": refusal.seconds})


class DayInput(forms.DateInput):
    """A date as the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReasonForm(ActForm):
    """An act that wants a reason."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the log and in reports under your name."),
    )


def units_where(person: Any, action: str) -> QuerySet[BusinessUnit]:
    """The units in which the person may do the action, for a choice; the action itself asks again."""
    found = Q(pk__in=[])
    for grant in access.grants(person):
        if grant.role and access.MATRIX[action][grant.role] not in {"-", "F"} and grant.system_id is None:
            found |= Q(path__startswith=grant.unit.path)
    return BusinessUnit.objects.filter(found)


def offer(field: forms.ModelChoiceField, rows: QuerySet) -> None:
    """Give a choice its rows; where there is one only, it is chosen already."""
    field.queryset = rows
    first = list(rows[:2])
    if field.required and len(first) == 1:
        field.initial = first[0].pk
