"""Tables and CSV lines that only performance and calibration have: all rows, weak spots, reliability bins."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from rai.figures.lines import METRICS, Line, group_name, measured, metric_label
from rai.figures.sheets import Cell, Sheet


def sheets(outcome: dict[str, Any]) -> list[Sheet]:
    """The tables of an outcome that the groups do not hold."""
    return [overall(outcome), *spots(outcome), *bins(outcome)]


def overall(outcome: dict[str, Any]) -> Sheet:
    """Every metric over all rows."""
    head = (_("Metric"), _("Value, with interval"), _("Rows"))
    rows = tuple(
        (metric_label(name), (Cell(head[1], measure=value), Cell(head[2], intcomma(value.get("n", 0)))))
        for name, value in sorted(outcome["overall"]["metrics"].items(), key=place)
        if name != "count"
    )
    return Sheet(_("All rows together"), head, rows)


def place(metric: tuple[str, Any]) -> int:
    """The place of a metric in a table; a database may hand them over in any order."""
    order = list(METRICS)
    return order.index(metric[0]) if metric[0] in order else len(order)


def spots(outcome: dict[str, Any]) -> list[Sheet]:
    """The weakest slices."""
    found = outcome.get("weak_spots")
    if not found or not found["slices"]:
        return []
    head = (_("Slice"), _("Rows"), metric_label(found["metric"]), _("All other rows"), _("Worse by, with interval"), _("Surely worse"))  # fmt: skip
    rows = tuple(
        (
            group_name(spot["group"]),
            (
                Cell(head[1], intcomma(spot["n"])), Cell(head[2], measure=spot["value"]),
                Cell(head[3], measure=spot["rest"]), Cell(head[4], measure=spot["gap"]),
                Cell(head[5], _("yes") if spot["is_surely_worse"] else _("no")),
            ),
        )
        for spot in found["slices"]
    )  # fmt: skip
    caption = _("Weakest slices of %(n)d that were compared; the intervals of the gaps hold for all of them together")
    return [Sheet(caption % {"n": found["comparisons"]}, head, rows)]


def bins(outcome: dict[str, Any]) -> list[Sheet]:
    """The reliability curve of all rows."""
    found = (outcome["overall"].get("more") or {}).get("bins")
    if not found:
        return []
    head = (_("Mean score"), _("Rows"), _("Share of positives"))
    rows = tuple(
        (f"{each['score']:.3f}", (Cell(head[1], intcomma(each["n"])), Cell(head[2], measure=each["observed"])))
        for each in found
    )
    return [Sheet(_("All rows by score"), head, rows)]


def lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Bins and weak spots for the CSV file."""
    for spot in (outcome.get("weak_spots") or {}).get("slices", []):
        yield measured("weak spot", " × ".join(spot["by"]), group_name(spot["group"]), "gap", spot["gap"])
    for group in [outcome.get("overall", {}), *outcome.get("groups", [])]:
        for each in (group.get("more") or {}).get("bins", []):
            by, name = " × ".join(group.get("by", [])), group_name(group.get("group"))
            yield measured("bin", by, name, f"score {each['score']:.6g}", each["observed"])
