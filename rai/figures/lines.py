"""The figures of a stored outcome in the order in which a page shows them, and as lines of a CSV file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from rai.catalogue import CHECKS
from rai.sandbox.levels import LEVELS
from rai.wording.refusals import in_words
from registry.plugins import resolved

METRICS: Final = {
    "selection_rate": _("Selected"),
    "true_positive_rate": _("True positive rate"),
    "false_positive_rate": _("False positive rate"),
    "accuracy": _("Accuracy"),
    "true_negative_rate": _("True negative rate"),
    "false_negative_rate": _("False negative rate"),
    "precision": _("Precision"),
    "f1": _("F1"),
    "mean_prediction": _("Mean prediction"),
    "macro_recall": _("Mean recall over the classes"),
    "macro_precision": _("Mean precision over the classes"),
    "macro_f1": _("Mean F1 over the classes"),
    "balanced_accuracy": _("Balanced accuracy"),
    "recall": _("Recall"),
    "specificity": _("Specificity"),
    "matthews_corrcoef": _("Matthews correlation"),
    "roc_auc": _("ROC AUC"),
    "brier_score": _("Brier score"),
    "log_loss": _("Log loss"),
    "mean_residual": _("Mean of true less predicted"),
    "calibration_error": _("Calibration error"),
    "expected_calibration_error": _("Expected calibration error"),
    "noise_floor": _("Its noise floor"),
    "mean_score": _("Mean score"),
    "observed_rate": _("Share of positives"),
    "mean_absolute_error": _("Mean absolute error"),
    "mean_squared_error": _("Mean squared error"),
    "root_mean_squared_error": _("Root mean squared error"),
    "r2": _("R²"),
    "count": _("Rows"),
    "share": _("Share of rows"),
    "share_expected": _("Reference share"),
    "share_gap": _("Share less reference"),
    "class_imbalance": _("Class imbalance (CI)"),
    "label_rate": _("Positive labels"),
    "label_difference": _("Labels of all others less these (DPL)"),
    "kl": _("Kullback–Leibler (KL)"),
    "js": _("Jensen–Shannon (JS)"),
    "lp": _("L2 norm (LP)"),
    "tvd": _("Total variation (TVD)"),
    "ks": _("Kolmogorov–Smirnov (KS)"),
    "cddl": _("Conditional disparity of labels (CDDL)"),
}
SHOWN: Final = ("selection_rate", "true_positive_rate", "false_positive_rate", "accuracy")
# The first of these that a check's groups hold whole is what a page shows of them.
SHOWN_OF_SCORES: Final = (
    ("accuracy", "balanced_accuracy", "recall", "precision", "roc_auc"),
    ("accuracy", "balanced_accuracy", "recall", "precision", "f1"),
    ("mean_score", "observed_rate", "mean_residual", "calibration_error", "brier_score"),
    ("mean_residual", "calibration_error", "brier_score"),
    ("mean_absolute_error", "root_mean_squared_error", "mean_residual", "r2"),
    ("accuracy", "macro_recall", "macro_precision", "macro_f1"),
    ("mean_prediction", "mean_absolute_error", "root_mean_squared_error", "mean_residual"),
)
REPRESENTATION_SHOWN: Final = ("share", "share_expected", "label_rate", "label_difference", "class_imbalance")
# A spreadsheet runs a cell that begins with one of these as a formula.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Line:
    """One figure: the part of the outcome, what it is about, the value with its interval, and what decided on it."""

    part: str
    by: str
    group: str
    name: str
    value: Any = None
    low: Any = None
    high: Any = None
    n: Any = None
    verdict: str = ""
    method: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Shown:
    """One metric of one group under its label."""

    label: str
    measure: dict[str, Any]


@dataclass(frozen=True)
class Grouping:
    """The groups of one grouping, each with the metrics that a page shows of it."""

    by: str
    labels: tuple[str, ...]
    groups: tuple[tuple[dict[str, Any], tuple[Shown, ...]], ...]


def metric_label(name: str) -> str:
    """What people call a metric."""
    return str(METRICS.get(name, name.replace("_", " ")))


def group_name(group: dict[str, Any] | None) -> str:
    """`column: value` for each column of a group."""
    return ", ".join(f"{column}: {value}" for column, value in (group or {}).items())


def groupings(outcome: dict[str, Any]) -> list[Grouping]:
    """The groups of an outcome by grouping, in its order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for group in outcome.get("groups", []):
        by = " × ".join(group.get("by", []))
        found.setdefault(f"{by}, {group_name(group['control'])}" if group.get("control") else by, []).append(group)
    return [grouping(by, groups) for by, groups in found.items()]


def grouping(by: str, groups: list[dict[str, Any]]) -> Grouping:
    """One grouping with the shown metrics that its groups have."""
    found = list(dict.fromkeys(name for group in groups for name in group.get("metrics", {})))
    shown_here = (
        REPRESENTATION_SHOWN
        if "share" in found
        else next((names for names in SHOWN_OF_SCORES if set(names) <= set(found)), SHOWN)
    )
    names = [name for name in shown_here if name in found] or found[: len(SHOWN)]
    rows = tuple((group, tuple(shown(group, name) for name in names)) for group in groups)
    return Grouping(by, tuple(metric_label(name) for name in names), rows)


def shown(group: dict[str, Any], name: str) -> Shown:
    """One metric of a group; empty where the group lacks it."""
    return Shown(metric_label(name), group.get("metrics", {}).get(name, {}))


def environment(outcome: dict[str, Any]) -> list[tuple[str, str]]:
    """Python, packages and whatever else the outcome says of where it was computed."""
    found = []
    for name, value in outcome.get("environment", {}).items():
        if name == "isolation":
            continue
        if isinstance(value, dict):
            found += [(str(inner), str(text)) for inner, text in value.items()]
        else:
            found.append((str(name), str(value)))
    return found


def isolation(outcome: dict[str, Any]) -> str:
    """How the process that read the files was walled off, as a sentence; empty when no file was read."""
    level = outcome.get("environment", {}).get("isolation", "")
    return in_words(LEVELS[level]) if level in LEVELS else level


def lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Every figure of an outcome."""
    for name, value in outcome.get("overall", {}).get("metrics", {}).items():
        yield measured("overall", "", "", name, value)
    for group in outcome.get("groups", []):
        for name, value in group.get("metrics", {}).items():
            about = {**(group.get("group") or {}), **(group.get("control") or {})}
            yield measured("group", " × ".join(group.get("by", [])), group_name(about), name, value)
    for disparity in outcome.get("disparities", []):
        for pair in disparity.get("pairs", []):
            yield from compared(disparity, pair)
    for feature in outcome.get("features", []):
        yield measured("feature", "", "", feature["name"], feature["importance"])
    check = CHECKS.get(outcome.get("check", ""))
    if check and check.lines:
        yield from resolved(check.lines)(outcome)
    for rule in outcome.get("thresholds", []):
        by, why = " × ".join(rule.get("by") or []), " ".join(rule.get("reasons") or [])
        yield Line("threshold", by, group_name(rule.get("control")), rule["rule"], rule.get("value"), rule.get("low"), rule.get("high"),
                   verdict=rule.get("verdict", ""), reason=why)  # fmt: skip


def measured(part: str, by: str, group: str, name: str, value: dict[str, Any]) -> Line:
    """A line for one value object."""
    return Line(part, by, group, name, value.get("value"), value.get("low"), value.get("high"), value.get("n"),
                method=value.get("method") or "", reason=value.get("reason") or "")  # fmt: skip


def compared(disparity: dict[str, Any], pair: dict[str, Any]) -> Iterator[Line]:
    """Difference and ratio of one group against the reference, where the check has them."""
    about = disparity.get("metric") or disparity.get("feature", "")
    group = f"{group_name(pair.get('group'))} / {group_name(pair.get('reference'))}"
    group += f", {group_name(disparity['control'])}" if disparity.get("control") else ""
    for kind in ("difference", "ratio"):
        if pair.get(kind):
            yield measured("pair", " × ".join(disparity.get("by", [])), group, f"{about}_{kind}", pair[kind])


def as_csv(outcome: dict[str, Any]) -> str:
    """Every figure as CSV, safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([field.name for field in fields(Line)])
    for line in lines(outcome):
        writer.writerow([safe(value) for value in astuple(line)])
    return text.getvalue()


def safe(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
