"""Tables and CSV lines that only checks over time, place or source have: each part against all others and the reference."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from rai.figures import scores
from rai.figures.lines import Line, group_name, measured, metric_label
from rai.figures.sheets import Cell, Sheet

SHOWN = ("accuracy", "balanced_accuracy", "recall", "precision", "mean_absolute_error", "root_mean_squared_error", "mean_residual")  # fmt: skip


def generalisation(outcome: dict[str, Any]) -> list[Sheet]:
    """All rows, weak parts, and every part less all others."""
    return [*scores.sheets(outcome), *apart(outcome)]


def apart(outcome: dict[str, Any]) -> list[Sheet]:
    """Each part less all other parts together, a column for each metric."""
    names = [name for name in SHOWN if any(one["metric"] == name for one in outcome["to_rest"])]
    found: dict[str, dict[str, Any]] = {}
    for one in outcome["to_rest"]:
        found.setdefault(group_name(one["group"]), {})[one["metric"]] = one["difference"]
    if not found:
        return []
    head = (_("Part"), *(metric_label(name) for name in names))
    rows = tuple(
        (part, tuple(Cell(label, measure=values[name]) for label, name in zip(head[1:], names, strict=True)))
        for part, values in found.items()
    )
    return [Sheet(_("Each part less all other parts together; each interval is of this part alone"), head, rows)]


def generalisation_lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Weak parts, and every part less all others, for the CSV file."""
    yield from scores.lines(outcome)
    for one in outcome.get("to_rest", []):
        yield measured("part less rest", " × ".join(one["by"]), group_name(one["group"]), one["metric"], one["difference"])  # fmt: skip


def field(outcome: dict[str, Any]) -> list[Sheet]:
    """All labelled rows, the fall since the test, and who has a label."""
    return [scores.overall(outcome), *since_test(outcome), labels(outcome), *selection(outcome)]


def since_test(outcome: dict[str, Any]) -> list[Sheet]:
    """Every metric on the test rows and in the field."""
    if not outcome["since_test"]:
        return []
    head = (_("Metric"), _("On the test rows"), _("In the field"), _("Worse by, with interval"))
    rows = tuple(
        (metric_label(one["metric"]), tuple(Cell(label, measure=one[name]) for label, name in zip(head[1:], ("test", "field", "worse"), strict=True)))
        for one in outcome["since_test"]
    )  # fmt: skip
    return [Sheet(_("What became of the figures since the test; less than 0 is better"), head, rows)]


def labels(outcome: dict[str, Any]) -> Sheet:
    """The share of rows with a true outcome, over all rows and by period."""
    head = (_("Period"), _("Rows"), _("With a true outcome"))
    rows = tuple(
        (
            group_name(one["group"]) or _("all"),
            (Cell(head[1], intcomma(one["n"])), Cell(head[2], measure=one["labelled"])),
        )
        for one in outcome["labels"]
    )
    return Sheet(_("Who has a true outcome so far"), head, rows)


def selection(outcome: dict[str, Any]) -> list[Sheet]:
    """How far labelled rows lie from the others."""
    found = outcome["selection"]["metrics"]
    names = {
        "labelled_score_ks": _("Scores, largest gap (KS)"),
        "labelled_positive_difference": _("Positive predictions, difference"),
    }
    head = (_("What"), _("Apart by, with interval"))
    rows = tuple((words, (Cell(head[1], measure=found[name]),)) for name, words in names.items() if name in found)
    return [Sheet(_("Labelled rows against the others"), head, rows)] if rows else []


def field_lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """The fall since the test, who has a label, and how labelled rows differ, for the CSV file."""
    for one in outcome.get("since_test", []):
        for name in ("test", "field", "worse"):
            yield measured("since test", "", name, one["metric"], one[name])
    for one in outcome.get("labels", []):
        yield measured("labels", " × ".join(one["by"]), group_name(one["group"]), "labelled_share", one["labelled"])
    for name, value in (outcome.get("selection") or {}).get("metrics", {}).items():
        yield measured("selection", "", "", name, value)
