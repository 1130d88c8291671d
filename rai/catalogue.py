"""The checks that this installation offers: one literal table. Dotted paths are resolved in the worker alone."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Parameter:
    """What a person chooses for a run.

    `kind` is column, columns, text, cut (an operator and a value), whole, choice or predictions (another table that was
    uploaded for the same system).
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
        compute="rai.running.groups:group_fairness",
        read_rule="rai.checks.group_fairness:parse_rule",
        chart="rai.charts:fairness",
        words="rai.wording.groups:group_fairness",
        measure="rai.measuring.groups:group_fairness",
        needs=("target", "prediction", "sensitive"),
        also=(("intersections", 2, "fairness.intersectional"), ("intersections", 3, "fairness.intersectional")),
    ),
    "feature_attribution": CheckType(
        slug="feature_attribution",
        label=_("Feature attribution"),
        what=_("Shows which inputs drive the model, by SHAP values, with intervals and ranks that can be told apart."),
        shows=("explain.global_attribution",),
        parameters=(
            Parameter("groups", "column", _("Compare by"), _("A column with groups, to see whether inputs weigh differently."), required=False),
        ),
        compute="rai.running.inputs:feature_attribution",
        read_rule="rai.checks.feature_attribution:parse_rule",
        chart="rai.charts:attribution",
        words="rai.wording.inputs:feature_attribution",
        needs_model=True,
    ),
    "representation": CheckType(
        slug="representation",
        label=_("Representation"),
        what=_("Says who is in a table and how the true outcomes fall on each group, with intervals, before any model."),
        shows=("fairness.representation",),
        parameters=(
            Parameter("target", "column", _("True outcome"), _("The column that says what really happened: two values.")),
            Parameter("positive", "text", _("Positive value"), _("The value that counts as positive."), default="1"),
            Parameter("sensitive", "columns", _("Groups by"), _("One or more columns that say which group a person is in.")),
            Parameter(
                "intersections", "whole", _("Intersections of"), _("1 looks at each column, 2 also at pairs of them."),
                default=1, least=1, most=3,
            ),
            Parameter(
                "control", "columns", _("Compare within"),
                _("Columns such as a department, within which outcomes are compared as well."), required=False,
            ),
            Parameter(
                "shares", "text", _("Reference shares"),
                _("The shares of the people served, where they are known: sex: female=0.51, male=0.49; region: north=0.4, south=0.6"),
                required=False,
            ),
            Parameter(
                "min_group", "whole", _("Smallest group that decides"), _("Smaller groups are shown and never decide."),
                default=30, least=30,
            ),
        ),
        compute="rai.running.tables:representation",
        read_rule="rai.checks.representation:parse_rule",
        chart="rai.charts:representation",
        words="rai.wording.tables:representation",
        sheets="rai.figures.tables:distances",
        lines="rai.figures.tables:lines",
        measure="rai.measuring.tables:representation",
        needs=("target", "sensitive"),
    ),
    "drift": CheckType(
        slug="drift",
        label=_("Drift"),
        what=_("Holds this table against a reference table: inputs, outputs and quality, exactly and with intervals."),
        shows=("drift.data", "drift.prediction"),
        parameters=(
            Parameter("reference", "predictions", _("Reference table"), _("What this table is held against, such as the test rows of the release.")),
            Parameter(
                "reference_is", "choice", _("The reference holds"),
                _("Against rows the model was trained on, the run also shows the skew between training and serving."),
                default="earlier", choices=(("earlier", _("earlier rows, such as test rows or a past month")), ("training", _("rows the model was trained on"))),
            ),
            Parameter("prediction", "column", _("Prediction"), _("The column with the model's decision.")),
            Parameter(
                "cut", "cut", _("Cut-off"),
                _("Only where the prediction is a score or a text: when it counts as positive, such as >=0.5 or !=Low."),
                required=False, default="",
            ),
            Parameter("score", "column", _("Score"), _("The score behind the decision, where there is one."), required=False),
            Parameter("target", "column", _("True outcome"), _("Where it is known already: two values, to see whether quality fell."), required=False),
            Parameter("positive", "text", _("Positive value"), _("The value that counts as positive."), default="1"),
            Parameter("features", "columns", _("Inputs"), _("Without a choice every other column but dates is compared."), required=False),
            Parameter(
                "looks", "whole", _("Looks planned a year"), _("How often this is watched, pooled looks included: false alarms are kept to a year's budget."),
                default=12, least=1, most=366,
            ),
        ),
        compute="rai.running.tables:drift",
        read_rule="rai.checks.drift:parse_rule",
        chart="rai.charts:drift",
        words="rai.wording.tables:drift",
        sheets="rai.figures.tables:drift",
        lines="rai.figures.tables:lines",
        measure="rai.measuring.tables:drift",
        needs=("prediction", "reference_data"),
        reads_score=True,
        also=(("target", None, "drift.performance"), ("reference_is", "training", "drift.training_serving_skew")),
    ),
    "data_quality": CheckType(
        slug="data_quality",
        label=_("Data quality"),
        what=_("Looks over every cell and row: what is missing, invalid, doubled or contradictory, and what leaks."),
        shows=("data.quality",),
        parameters=(
            Parameter("target", "column", _("True outcome"), _("For contradictions, and for columns that give it away: two values."), required=False),
            Parameter("positive", "text", _("Positive value"), _("The value that counts as positive."), default="1"),
            Parameter("key", "columns", _("Key"), _("Columns that name a row, such as a number of the person."), required=False),
            Parameter(
                "expected", "text", _("What cells should hold"),
                _("Ranges, values and orders: age: 0..120; sex: female|male; start<=end"), required=False,
            ),
            Parameter(
                "other", "predictions", _("Another split"),
                _("A table that should share no rows with this one, such as the rows the model was trained on."), required=False,
            ),
        ),
        compute="rai.running.tables:data_quality",
        read_rule="rai.checks.data_quality:parse_rule",
        chart="rai.charts:data_quality",
        words="rai.wording.cells:data_quality",
        sheets="rai.figures.tables:quality_of_data",
        lines="rai.figures.tables:lines",
        measure="rai.measuring.tables:data_quality",
        also=(("other", None, "data.duplication"), ("other", None, "data.leakage"), ("target", None, "data.leakage")),
    ),
    "performance": CheckType(
        slug="performance",
        label=_("Performance"),
        what=_("Says how often the model is right, over all rows and in every slice, and searches for the slices where it is weakest."),
        shows=("performance.slices",),
        parameters=(
            Parameter(
                "kind", "choice", _("What is predicted"), _("Yes or no, or a number such as an amount or a duration."),
                default="classification", choices=(("classification", _("Yes or no")), ("regression", _("A number"))),
            ),
            Parameter("target", "column", _("True outcome"), _("The column that says what really happened: two values, or numbers.")),
            Parameter("prediction", "column", _("Prediction"), _("The column with what the model said.")),
            Parameter(
                "cut", "cut", _("Cut-off"),
                _("Only where the prediction is a score or a text: when it counts as positive, such as >=0.5 or !=Low."),
                required=False, default="",
            ),
            Parameter("positive", "text", _("Positive value"), _("The value that counts as positive."), default="1"),
            Parameter(
                "score", "column", _("Score"),
                _("The number behind a yes or no, for ROC AUC; from 0 to 1 also for Brier score and log loss."), required=False,
            ),
            Parameter("sensitive", "columns", _("Slices by"), _("Columns of groups or segments. Weak spots are searched in each of them and in all pairs.")),
            Parameter(
                "intersections", "whole", _("Intersections of"), _("1 shows each column, 2 also pairs of them."),
                default=1, least=1, most=3,
            ),
            Parameter(
                "min_group", "whole", _("Smallest group that decides"), _("Smaller groups are shown and never decide."),
                default=30, least=30,
            ),
        ),
        compute="rai.running.scores:performance",
        read_rule="rai.checks.performance:parse_rule",
        chart="rai.charts:performance",
        words="rai.wording.scores:performance",
        sheets="rai.figures.scores:sheets",
        lines="rai.figures.scores:lines",
        measure="rai.measuring.scores:performance",
        needs=("target", "prediction"),
        reads_score=True,
        also=(("role", "test", "performance.holdout"),),
    ),
    "calibration": CheckType(
        slug="calibration",
        label=_("Calibration"),
        what=_("Says whether scores keep their word: of a hundred rows with a score of 0.2, about twenty should come true, in every group."),
        shows=("performance.calibration",),
        parameters=(
            Parameter("target", "column", _("True outcome"), _("The column that says what really happened: two values.")),
            Parameter("positive", "text", _("Positive value"), _("The value that counts as positive."), default="1"),
            Parameter("score", "column", _("Score"), _("The model's probability of the positive value, from 0 to 1.")),
            Parameter("sensitive", "columns", _("Groups by"), _("Columns that say which group a row is in; none looks at all rows together."), required=False),
            Parameter(
                "intersections", "whole", _("Intersections of"), _("1 looks at each column, 2 also at pairs of them."),
                default=1, least=1, most=3,
            ),
            Parameter(
                "min_group", "whole", _("Smallest group that decides"),
                _("Smaller groups are shown and never decide; below 100 rows none does."), default=30, least=30,
            ),
        ),
        compute="rai.running.scores:calibration",
        read_rule="rai.checks.calibration:parse_rule",
        chart="rai.charts:calibration",
        words="rai.wording.scores:calibration",
        sheets="rai.figures.scores:sheets",
        lines="rai.figures.scores:lines",
        measure="rai.measuring.scores:calibration",
        needs=("target", "score"),
        reads_score=True,
    ),
}  # fmt: skip
