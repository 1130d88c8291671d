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
    shows=("explain.global_attribution", "explain.stability", "explain.surrogate_fidelity"),
    parameters=(
        Parameter("groups", "column", _("Compare by"), _("A column with groups, to see whether inputs weigh differently."), required=False),
        Parameter(
            "rows", "text", _("Rows to explain one by one"),
            _("Numbers of up to ten rows, 1 being the first below the header: 4, 17, 203. Their values are kept with the result."), required=False,
        ),
        Parameter(
            "cut", "text", _("Positive from"),
            _("Only with such rows: the score from which one is positive, such as 0.5. Then the nearest change that turns each is looked for."),
            required=False,
        ),
        Parameter("fixed", "columns", _("What nobody can change"), _("Inputs that such a change must leave alone, such as age."), required=False),
        Parameter("curves", "columns", _("Curves of"), _("Up to four inputs: how the score goes with each of them, others being as they are."), required=False),
    ),
    compute="rai.running.inputs:feature_attribution",
    read_rule="rai.checks.feature_attribution:parse_rule",
    chart="rai.charts:attribution",
    words="rai.wording.inputs:feature_attribution",
    sheets="rai.figures.explanations:sheets",
    lines="rai.figures.explanations:lines",
    needs_model=True,
    also=(("rows", None, "explain.local_attribution"), ("cut", None, "explain.counterfactual")),
)  # fmt: skip

ATTRIBUTION_DRIFT = CheckType(
    slug="attribution_drift",
    label=_("Attribution drift"),
    what=_("Holds what drives the model now against what drove the approved version: shares, ranks and distributions, with intervals."),
    shows=(),
    parameters=(Parameter("against", "evidence", _("Held against"), required=False, find="rai.earlier:approved_attribution"),),
    compute="rai.running.inputs:attribution_drift",
    read_rule="rai.checks.attribution_drift:parse_rule",
    chart="rai.charts:attribution_drift",
    words="rai.wording.inputs:attribution_drift",
    sheets="rai.figures.explanations:shifts",
    lines="rai.figures.explanations:shift_lines",
    needs_model=True,
)  # fmt: skip
