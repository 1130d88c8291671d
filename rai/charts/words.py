"""What drawings say: metrics, verdicts, counts and groups in the reader's language."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

MARKS = {"pass": "✓", "fail": "✕", "insufficient": "◐", "recorded": "•"}


def metric_label(name: str) -> str:
    """A metric in the reader's words."""
    labels = {
        "selection_rate": _("Selection rate"), "true_positive_rate": _("True positive rate"),
        "false_positive_rate": _("False positive rate"), "true_negative_rate": _("True negative rate"),
        "false_negative_rate": _("False negative rate"), "accuracy": _("Accuracy"), "precision": _("Precision"),
        "f1": _("F1"), "share": _("Share of rows"), "label_rate": _("Positive labels"), "equalized_odds": _("Equalized odds"),
        "balanced_accuracy": _("Balanced accuracy"), "recall": _("Recall"), "specificity": _("Specificity"),
        "roc_auc": _("ROC AUC"), "brier_score": _("Brier score"), "log_loss": _("Log loss"),
        "calibration_error": _("Calibration error"), "mean_residual": _("Mean of true less predicted"),
        "mean_absolute_error": _("Mean absolute error"), "mean_squared_error": _("Mean squared error"),
        "root_mean_squared_error": _("Root mean squared error"), "mean_prediction": _("Mean prediction"),
        "macro_recall": _("Mean recall over the classes"), "macro_precision": _("Mean precision over the classes"),
        "macro_f1": _("Mean F1 over the classes"),
    }  # fmt: skip
    return labels.get(name, name.replace("_", " "))


def verdict_label(verdict: str) -> str:
    """A verdict's word, which stands beside its sign: never colour alone."""
    words = {"pass": _("Pass"), "fail": _("Fail"), "insufficient": _("Insufficient"), "recorded": _("Recorded")}
    return words[verdict]


def whole(number: int) -> str:
    """A count with the separators of the language."""
    return str(number_format(number, force_grouping=True))


def percent(value: float, digits: int = 1) -> str:
    """A share as percentage."""
    return _("%(number)s %%") % {"number": rounded(100 * value, digits)}


def rounded(value: float, digits: int) -> str:
    """A number as the language writes it. Django alone would cut digits off instead of rounding."""
    return str(number_format(f"{value:.{digits}f}", digits))


def name_of(group: dict[str, str]) -> str:
    """A group by its values."""
    return " × ".join(str(value) for value in group.values())


def by_name(by: Sequence[str]) -> str:
    """A grouping by its columns."""
    return " × ".join(column.replace("_", " ") for column in by)


def confidence_of(outcome: dict[str, Any]) -> str:
    """The confidence of the intervals as a whole percentage."""
    share = outcome.get("inputs", {}).get("parameters", {}).get("confidence") or 0.95
    return percent(share, 0 if round(share * 100) == share * 100 else 1)
