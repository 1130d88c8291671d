"""The checks that this installation offers: one literal table. Dotted paths are resolved in the worker alone."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Parameter:
    """What a person chooses for a run. `kind` is column, columns, text, cut (an operator and a value) or whole."""

    name: str
    kind: str
    label: str | Promise
    help: str | Promise = ""
    required: bool = True
    default: Any = None
    choices: tuple[tuple[str, str | Promise], ...] = ()
    least: int = 0
    most: int = 10**6


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
    needs_model: bool = False

    def shows_with(self, parameters: dict[str, Any]) -> list[str]:
        """The vocabulary names that a run with these parameters is evidence for."""
        also = ["fairness.intersectional"] if int(parameters.get("intersections") or 1) > 1 else []
        return [*self.shows, *also]


CHECKS: dict[str, CheckType] = {
    "group_fairness": CheckType(
        slug="group_fairness",
        label=_("Group fairness"),
        what=_("Compares rates of selection and of error between groups of people, with intervals."),
        shows=("fairness.group_metrics",),
        parameters=(
            Parameter("target", "column", _("True outcome"), _("The column that says what really happened: two values.")),
            Parameter("prediction", "column", _("Prediction"), _("The column with the model's decision: two values.")),
            Parameter(
                "cut", "cut", _("Cut-off"),
                _("Only where the prediction is a score or a text: when it counts as positive, such as >=0.5 or !=Low."),
                required=False, default="",
            ),
            Parameter("positive", "text", _("Positive value"), _("The value that counts as positive."), default="1"),
            Parameter("sensitive", "columns", _("Groups by"), _("One or more columns that say which group a person is in.")),
            Parameter(
                "intersections", "whole", _("Intersections of"), _("1 looks at each column, 2 also at pairs of them."),
                default=1, least=1, most=3,
            ),
            Parameter(
                "min_group", "whole", _("Smallest group that decides"), _("Smaller groups are shown and never decide."),
                default=30, least=30,
            ),
        ),
        compute="rai.running:group_fairness",
        read_rule="rai.checks.group_fairness:parse_rule",
        chart="rai.charts:fairness",
    ),
    "feature_attribution": CheckType(
        slug="feature_attribution",
        label=_("Feature attribution"),
        what=_("Shows which inputs drive the model, by SHAP values, with intervals and ranks that can be told apart."),
        shows=("explain.global_attribution",),
        parameters=(
            Parameter("groups", "column", _("Compare by"), _("A column with groups, to see whether inputs weigh differently."), required=False),
        ),
        compute="rai.running:feature_attribution",
        read_rule="rai.checks.feature_attribution:parse_rule",
        chart="rai.charts:attribution",
        needs_model=True,
    ),
}  # fmt: skip
