"""What a check asks and how its entry in the catalogue looks: parameters, and those that several checks ask alike."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Parameter:
    """What a person chooses for a run.

    `kind` is column, columns, text, cut (an operator and a value), whole, choice, predictions (another table that was
    uploaded for the same system), evidence (found, never chosen) or record (what the record says of it: found, too).
    """

    name: str
    kind: str
    label: str | Promise
    help: str | Promise = ""
    required: bool = True
    default: Any = None
    choices: tuple[tuple[str, str | Promise], ...] = ()
    least: int = 0
    most: int = 10**6
    # What finds evidence or the record, given a version; or a table where none was chosen, given also the tables to look among.
    find: str = ""


@dataclass(frozen=True)
class CheckType:
    """A kind of check: what it is called, which names of the vocabulary it is evidence for, what it asks."""

    slug: str
    label: str | Promise
    what: str | Promise
    shows: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    compute: str
    read_rule: str
    chart: str
    words: str
    # Tables and lines of figures beside those of the groups, where the check has any.
    sheets: str = ""
    lines: str = ""
    # How `manage.py measure` runs it on local files, the options that it cannot do without, and whether it reads --score.
    measure: str = ""
    needs: tuple[str, ...] = ()
    reads_score: bool = False
    needs_model: bool = False
    # What a run shows besides, where a parameter is given (None) or has this value: (parameter, value, name).
    also: tuple[tuple[str, Any, str], ...] = ()

    def shows_with(self, parameters: dict[str, Any]) -> list[str]:
        """The vocabulary names that a run with these parameters is evidence for."""
        given = {name: value for name, value in parameters.items() if value not in (None, "", [])}
        also = [shown for name, value, shown in self.also if name in given and (value is None or given[name] == value)]
        return list(dict.fromkeys([*self.shows, *also]))

    def may_show(self) -> list[str]:
        """Every vocabulary name that some run of this check is evidence for."""
        return [*self.shows, *(shown for _name, _value, shown in self.also)]


# Parameters that several checks ask for in the same words.
TARGET = Parameter("target", "column", _("True outcome"), _("The column that says what really happened: two values."))
OUTCOME = Parameter("target", "column", _("True outcome"), _("The column that says what really happened."))
CUT = Parameter(
    "cut", "cut", _("Cut-off"),
    _("Only where the prediction is a score or a text: when it counts as positive, such as >=0.5 or !=Low."),
    required=False, default="",
)  # fmt: skip
POSITIVE = Parameter("positive", "text", _("Positive value"), _("The value that counts as positive."), default="1")
SENSITIVE = Parameter(
    "sensitive", "columns", _("Groups by"), _("One or more columns that say which group a person is in.")
)
INTERSECTIONS = Parameter(
    "intersections", "whole", _("Intersections of"), _("1 looks at each column, 2 also at pairs of them."),
    default=1, least=1, most=3,
)  # fmt: skip
MIN_GROUP = Parameter(
    "min_group", "whole", _("Smallest group that decides"), _("Smaller groups are shown and never decide."),
    default=30, least=30,
)  # fmt: skip
TRUE_VALUE = Parameter(
    "target", "column", _("True outcome"), _("The column that says what really happened: two values, or numbers.")
)
SAID = Parameter("prediction", "column", _("Prediction"), _("The column with what the model said."))
KIND = Parameter(
    "kind", "choice", _("What is predicted"), _("Yes or no, or a number such as an amount or a duration."),
    default="classification", choices=(("classification", _("Yes or no")), ("regression", _("A number"))),
)  # fmt: skip
ANY_KIND = Parameter(
    "kind", "choice", _("What is predicted"),
    _("Yes or no, one of several classes such as grades, or a number such as an amount."), default="classification",
    choices=(("classification", _("Yes or no")), ("multiclass", _("One of several classes")), ("regression", _("A number"))),
)  # fmt: skip
SCORE = Parameter(
    "score", "column", _("Score"),
    _("The number behind a yes or no, for ROC AUC; from 0 to 1 also for Brier score and log loss."), required=False,
)  # fmt: skip
# Into what times are put, where a column of times is.
BANDS = (("day", _("days")), ("month", _("months")), ("quarter", _("quarters")), ("year", _("years")))
