"""Checks of the data, and of what the model makes of its inputs."""

from django.utils.translation import gettext_lazy as _

from rai.parameters import POSITIVE, CheckType, Parameter

DATA_QUALITY = CheckType(
    slug="data_quality",
    label=_("Data quality"),
    what=_("Looks over every cell and row: what is missing, invalid, doubled or contradictory, and what leaks."),
    shows=("data.quality",),
    parameters=(
        Parameter("target", "column", _("True outcome"), _("For contradictions, and for columns that give it away: two values."), required=False),
        POSITIVE,
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
)  # fmt: skip

FEATURE_ATTRIBUTION = CheckType(
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
)  # fmt: skip
