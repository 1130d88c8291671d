"""Checks of how people of different groups fare."""

from django.utils.translation import gettext_lazy as _

from rai.parameters import (
    ANY_KIND,
    CUT,
    INTERSECTIONS,
    MIN_GROUP,
    OUTCOME,
    POSITIVE,
    SAID,
    SENSITIVE,
    TARGET,
    CheckType,
    Parameter,
)

GROUP_FAIRNESS = CheckType(
    slug="group_fairness",
    label=_("Group fairness"),
    what=_("Compares rates of selection and of error between groups of people, with intervals."),
    shows=("fairness.group_metrics",),
    parameters=(
        ANY_KIND,
        OUTCOME,
        SAID,
        CUT,
        POSITIVE,
        SENSITIVE,
        INTERSECTIONS,
        MIN_GROUP,
    ),
    compute="rai.running.fairness:group_fairness",
    read_rule="rai.checks.group_fairness_kinds:parse_rule",
    chart="rai.charts:fairness",
    words="rai.wording.groups:group_fairness",
    measure="rai.measuring.groups:group_fairness",
    needs=("target", "prediction", "sensitive"),
    also=(("intersections", 2, "fairness.intersectional"), ("intersections", 3, "fairness.intersectional")),
)  # fmt: skip

REPRESENTATION = CheckType(
    slug="representation",
    label=_("Representation"),
    what=_("Says who is in a table and how the true outcomes fall on each group, with intervals, before any model."),
    shows=("fairness.representation",),
    parameters=(
        TARGET,
        POSITIVE,
        SENSITIVE,
        INTERSECTIONS,
        Parameter(
            "control", "columns", _("Compare within"),
            _("Columns such as a department, within which outcomes are compared as well."), required=False,
        ),
        Parameter(
            "shares", "text", _("Reference shares"),
            _("The shares of the people served, where they are known: sex: female=0.51, male=0.49; region: north=0.4, south=0.6"),
            required=False,
        ),
        MIN_GROUP,
    ),
    compute="rai.running.tables:representation",
    read_rule="rai.checks.representation:parse_rule",
    chart="rai.charts:representation",
    words="rai.wording.tables:representation",
    sheets="rai.figures.tables:distances",
    lines="rai.figures.tables:lines",
    measure="rai.measuring.tables:representation",
    needs=("target", "sensitive"),
)  # fmt: skip

PROXY_FEATURES = CheckType(
    slug="proxy_features",
    label=_("Proxy features"),
    what=_("Says which inputs, each looked at alone, stand in for a protected attribute."),
    shows=("fairness.proxy_features",),
    parameters=(
        Parameter("sensitive", "columns", _("Protected columns"), _("Columns that say which group a person is in.")),
        Parameter("features", "columns", _("Inputs"), _("Without a choice every other column is looked at."), required=False),
        Parameter(
            "leave_out", "columns", _("No inputs"),
            _("Columns that the model does not read: outcome, prediction, score, numbers of persons."), required=False,
        ),
        MIN_GROUP,
    ),
    compute="rai.running.tables:proxy_features",
    read_rule="rai.checks.proxy_features:parse_rule",
    chart="rai.charts:proxy_features",
    words="rai.wording.proxies:proxy_features",
    sheets="rai.figures.proxies:sheets",
    lines="rai.figures.proxies:lines",
    measure="rai.measuring.tables:proxy_features",
    needs=("sensitive",),
    reads_score=True,
)  # fmt: skip

THRESHOLD_WHAT_IF = CheckType(
    slug="threshold_what_if",
    label=_("Thresholds: what if"),
    what=_("Shows what one threshold for all, or one for each group, would select and get wrong in every group."),
    shows=(),
    parameters=(
        TARGET,
        POSITIVE,
        Parameter("score", "column", _("Score"), _("The number behind the decision; a row at or above the threshold is selected.")),
        SENSITIVE,
        Parameter(
            "threshold", "text", _("Threshold in use"),
            _("Such as 0.5. Without one, the threshold at which all rows cost least is taken."), required=False,
        ),
        Parameter("cost_false_positive", "whole", _("Cost of one wrongly selected"), _("In any unit, against the next."), default=1),
        Parameter("cost_false_negative", "whole", _("Cost of one wrongly refused"), _("In the same unit."), default=1),
        INTERSECTIONS,
        MIN_GROUP,
    ),
    compute="rai.running.scores:threshold_what_if",
    read_rule="rai.checks.threshold_what_if:parse_rule",
    chart="rai.charts:threshold_what_if",
    words="rai.wording.policies:threshold_what_if",
    sheets="rai.figures.policies:sheets",
    lines="rai.figures.policies:lines",
    measure="rai.measuring.scores:threshold_what_if",
    needs=("target", "score", "sensitive"),
    reads_score=True,
)  # fmt: skip
