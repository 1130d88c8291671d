"""Checks of how good a model is: on test rows, of its scores, and whether the rows suffice to say so."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from rai.parameters import (
    CUT,
    INTERSECTIONS,
    KIND,
    MIN_GROUP,
    POSITIVE,
    SAID,
    SCORE,
    SENSITIVE,
    TARGET,
    TRUE_VALUE,
    CheckType,
    Parameter,
)

PERFORMANCE = CheckType(
    slug="performance",
    label=_("Performance"),
    what=_("Says how often the model is right, over all rows and in every slice, and searches for the slices where it is weakest."),
    shows=("performance.slices",),
    parameters=(
        KIND,
        TRUE_VALUE,
        SAID,
        CUT,
        POSITIVE,
        SCORE,
        Parameter("sensitive", "columns", _("Slices by"), _("Columns of groups or segments. Weak spots are searched in each of them and in all pairs.")),
        replace(INTERSECTIONS, help=_("1 shows each column, 2 also pairs of them.")),
        MIN_GROUP,
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
)  # fmt: skip

CALIBRATION = CheckType(
    slug="calibration",
    label=_("Calibration"),
    what=_("Says whether scores keep their word: of a hundred rows with a score of 0.2, about twenty should come true, in every group."),
    shows=("performance.calibration",),
    parameters=(
        TARGET,
        POSITIVE,
        Parameter("score", "column", _("Score"), _("The model's probability of the positive value, from 0 to 1.")),
        Parameter("sensitive", "columns", _("Groups by"), _("Columns that say which group a row is in; none looks at all rows together."), required=False),
        INTERSECTIONS,
        replace(MIN_GROUP, help=_("Smaller groups are shown and never decide; below 100 rows none does.")),
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
)  # fmt: skip

SAMPLE_ADEQUACY = CheckType(
    slug="sample_adequacy",
    label=_("Sample adequacy"),
    what=_("Says whether the rows suffice: how wide every interval is against the declared need, and how many rows are lacking."),
    shows=("performance.sample_adequacy",),
    parameters=(
        TARGET,
        Parameter("prediction", "column", _("Prediction"), _("The column with the model's decision: two values.")),
        CUT,
        POSITIVE,
        SENSITIVE,
        INTERSECTIONS,
        MIN_GROUP,
    ),
    compute="rai.running.groups:sample_adequacy",
    read_rule="rai.checks.sample_adequacy:parse_rule",
    chart="rai.charts:sample_adequacy",
    words="rai.wording.adequacy:sample_adequacy",
    sheets="rai.figures.adequacy:sheets",
    lines="rai.figures.adequacy:lines",
    measure="rai.measuring.groups:sample_adequacy",
    needs=("target", "prediction", "sensitive"),
)  # fmt: skip
