"""Tables and CSV lines that only checks over versions have: both versions side by side, and what became of rows."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from rai.figures.lines import Line, measured, metric_label
from rai.figures.sheets import Cell, Sheet


def golden_set(outcome: dict[str, Any]) -> list[Sheet]:
    """Every metric of both versions, and rows by what became of them."""
    return [side_by_side(outcome), *became(outcome)]


def side_by_side(outcome: dict[str, Any]) -> Sheet:
    """Every metric of both versions and how much worse it became."""
    head = (_("Metric"), _("Previous version"), _("This version"), _("Worse by, with interval"), _("Rows"))
    rows = tuple(
        (
            metric_label(one["metric"]),
            (
                cell(head[1], one["previous"]), cell(head[2], one["current"]), cell(head[3], one["worse"]),
                Cell(head[4], intcomma(one["current"]["n"])),
            ),
        )
        for one in outcome["compared"]
    )  # fmt: skip
    return Sheet(_("Both versions on the same rows; less than 0 is better than before"), head, rows)


def cell(label: str, value: dict[str, Any] | None) -> Cell:
    """A value object, or a dash."""
    return Cell(label, "–") if value is None else Cell(label, measure=value)


def became(outcome: dict[str, Any]) -> list[Sheet]:
    """Rows by whether each version is right."""
    found = outcome.get("changes")
    if not found:
        return []
    head = (_("Previous version"), _("This version right"), _("This version wrong"))
    rows = (
        (_("right"), (Cell(head[1], intcomma(found["both_right"])), Cell(head[2], intcomma(found["newly_wrong"])))),
        (_("wrong"), (Cell(head[1], intcomma(found["newly_right"])), Cell(head[2], intcomma(found["both_wrong"])))),
    )
    return [Sheet(_("Rows by whether each version is right"), head, rows)]


def golden_set_lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Both versions, rows by what became of them, and keys that may be told, for the CSV file."""
    for one in outcome.get("compared", []):
        for name in ("previous", "current", "worse"):
            if one[name] is not None:
                yield measured("version", "", name, one["metric"], one[name])
    found = outcome.get("changes") or {}
    for name in ("both_right", "newly_wrong", "newly_right", "both_wrong", "relabelled"):
        if name in found:
            yield Line("rows", "", "", name, found[name], n=found["n"])
    if found:
        yield Line("test", "", "", found["mcnemar"]["test"], found["mcnemar"]["p"], n=found["newly_wrong"] + found["newly_right"])  # fmt: skip
    for key in found.get("keys", []):
        yield Line("newly wrong", "", "", key)
