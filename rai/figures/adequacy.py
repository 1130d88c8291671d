"""Tables and CSV lines that only sample adequacy has: half-widths, declared needs, differences that would show."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from rai.figures.lines import Line, group_name, measured, metric_label
from rai.figures.sheets import Cell, Sheet
from rai.wording.adequacy import about_rows, why_no_need

SHOWN = ("selection_rate", "accuracy", "true_positive_rate", "false_positive_rate", "precision")


def sheets(outcome: dict[str, Any]) -> list[Sheet]:
    """Needs first, then half-widths of all groups, then differences that would show."""
    return [*needs(outcome), widths(outcome), *differences(outcome)]


def widths(outcome: dict[str, Any]) -> Sheet:
    """Half of the interval's width, by group and metric."""
    head = (_("Group"), *(metric_label(name) for name in SHOWN))
    every = [(_("All rows"), outcome["overall"]), *((group_name(one["group"]), one) for one in outcome["groups"])]
    rows = tuple(
        (name, tuple(Cell(label, measure=one["half_widths"][metric]) for label, metric in zip(head[1:], SHOWN, strict=True)))
        for name, one in every
    )  # fmt: skip
    return Sheet(_("Half of the width of each interval"), head, rows)


def needs(outcome: dict[str, Any]) -> Iterator[Sheet]:
    """Each declared need with what every group reaches and lacks."""
    head = (_("Group"), _("Rows that count"), _("Half-width"), _("Reached"), _("More rows needed"))
    for need in outcome["needs"]:
        rows = tuple((group_name(one["group"]) or _("All rows"), need_cells(head, one)) for one in need["groups"])
        yield Sheet(_("Declared need %s") % need["rule"], head, rows)


def need_cells(head: tuple[str, ...], one: dict[str, Any]) -> tuple[Cell, ...]:
    """One group under a need."""
    width = one["half_width"]
    needed = why_no_need(one) if one["rows"] is None else about_rows(one["rows"])
    said = (intcomma(one["n"]), "–" if width is None else f"{width:.4f}", _("yes") if one["is_reached"] else _("no"), needed)  # fmt: skip
    return tuple(Cell(label, text) for label, text in zip(head[1:], said, strict=True))


def differences(outcome: dict[str, Any]) -> Iterator[Sheet]:
    """The smallest differences that would show with a chance of 80 %."""
    names = [name for name in SHOWN if any(one["metric"] == name for one in outcome["detectable"])]
    head = (_("Group"), *(metric_label(name) for name in names))
    for by in dict.fromkeys(tuple(one["by"]) for one in outcome["detectable"]):
        found = {one["metric"]: one for one in outcome["detectable"] if tuple(one["by"]) == by}
        rows = [(_("Any two groups"), {name: found[name]["any_two"] for name in names})]
        for place, group in enumerate(found[names[0]]["groups"]):
            each = {name: at(found[name]["groups"], group["group"]) for name in names}
            rows.insert(place, (group_name(group["group"]), each))
        caption = _("Smallest difference from %s that would show with a chance of 80 %%")
        shown = tuple(
            (name, tuple(Cell(label, measure=each[metric]) for label, metric in zip(head[1:], names, strict=True)))
            for name, each in rows
        )
        yield Sheet(caption % (group_name(found[names[0]]["reference"]) or "–"), head, shown)


def at(groups: list[dict[str, Any]], group: dict[str, str]) -> dict[str, Any] | None:
    """The difference of one group, None where the metric has none of it."""
    return next((one["difference"] for one in groups if one["group"] == group), None)


def lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Half-widths, needs and differences for the CSV file."""
    for one in [outcome["overall"], *outcome["groups"]]:
        for name, value in one["half_widths"].items():
            by, group = " × ".join(one.get("by", [])), group_name(one.get("group"))
            yield measured("half width", by, group, name, value)
    for need in outcome["needs"]:
        for one in need["groups"]:
            yield Line("rows needed", " × ".join(need["by"]), group_name(one["group"]), need["rule"], one["rows"],
                       n=one["n"], reason=one["reason"] or "")  # fmt: skip
    for one in outcome["detectable"]:
        by = " × ".join(one["by"])
        yield measured("detectable", by, "any two", one["metric"], one["any_two"])
        for group in one["groups"]:
            yield measured("detectable", by, group_name(group["group"]), one["metric"], group["difference"])
