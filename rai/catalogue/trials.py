"""Checks that try the model itself: what its answers do when the question is moved a little, or is one it has met before."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rai.parameters import POSITIVE, TARGET, CheckType, Parameter

FROM = Parameter(
    "cut", "text", _("Positive from"), _("The score from which a row is decided positively."), default="0.5"
)


def trial(slug: str, label: str | Promise, what: str | Promise, shows: str, *parameters: Parameter) -> CheckType:
    """A check that tries the model: all of them are computed, said, drawn and tabled in one way."""
    return CheckType(
        slug=slug, label=label, what=what, shows=(shows,), parameters=parameters, compute=f"rai.running.trials:{slug}",
        read_rule=f"rai.checks.trials:parse_{slug}", chart="rai.charts:trials", words="rai.wording.trials:trials",
        sheets="rai.figures.trials:sheets", needs_model=True,
    )  # fmt: skip


TRIALS = (
    trial(
        "perturbation",
        _("Small changes"),
        _("Moves every number a little, twenty times, and counts the rows that are then decided otherwise."),
        "robustness.perturbation",
        FROM,
        Parameter("share", "text", _("Size of the noise"), _("A share of each input's standard deviation, such as 0.1."), default="0.1"),
    ),
    trial(
        "adversarial",
        _("Crafted changes"),
        _("Looks for one plausible step of one input, to a value that other rows have, which turns the decision on a row."),
        "robustness.adversarial",
        FROM,
        Parameter("reach", "text", _("Longest step"), _("In mean absolute deviations of the input, such as 0.5."), default="0.5"),
        Parameter("fixed", "columns", _("What nobody can change"), _("Inputs that an attacker has to leave alone."), required=False),
    ),
    trial(
        "counterfactual_fairness",
        _("Only the protected attribute changed"),
        _("Changes nothing but a protected attribute, to each of its values, and counts the decisions that change with it."),
        "fairness.counterfactual",
        FROM,
        Parameter(
            "protected", "column", _("Protected attribute"),
            _("The column that is changed. A model that does not read it cannot follow it directly."),
        ),
    ),
    trial(
        "out_of_distribution",
        _("Beyond what it has seen"),
        _("Pushes one input at a time far beyond its range and looks whether the model becomes surer instead of less sure."),
        "robustness.out_of_distribution",
    ),
    trial(
        "consistency",
        _("Same question, same answer"),
        _("Asks the model again, in another order, and holds uploaded scores against those that the model gives."),
        "robustness.consistency",
        Parameter("uploaded", "column", _("Uploaded score"), _("The column with scores that are said to be the model's."), required=False),
        Parameter("tolerance", "text", _("May differ by"), _("What rounding explains, such as 0.000001."), default="0.000001"),
    ),
    trial(
        "membership_inference",
        _("Membership inference"),
        _("Looks whether the model's errors give away who was in its training: 0.5 is a guess, 1 gives everybody away."),
        "privacy.membership_inference",
        TARGET,
        POSITIVE,
        Parameter(
            "other", "predictions", _("Rows of the training"), _("A table with the same columns, of rows that the model was trained on."),
        ),
    ),
)  # fmt: skip
