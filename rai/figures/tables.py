"""Tables and CSV lines that only checks of data itself have: columns side by side, quality in both tables, rules on cells."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from rai.figures.lines import Line, group_name, measured, metric_label
from rai.figures.sheets import Cell, Sheet
from rai.wording.cells import ROW_SHARES, what
from rai.wording.tables import REASONS, quality_label, statistic_label, why_not

MOST_UNSEEN = 5
DISTANCES = ("tvd", "ks", "lp", "js", "kl", "cddl")


def distances(outcome: dict[str, Any]) -> list[Sheet]:
    """How far the labels of each group lie from those of all others, by every published distance."""
    names = [name for name in DISTANCES if any(name in group["metrics"] for group in outcome["groups"])]
    head = (_("Group"), *(metric_label(name) for name in names))
    rows = tuple(
        (
            group_name(group["group"]),
            tuple(cell(label, group, name) for label, name in zip(head[1:], names, strict=True)),
        )
        for group in outcome["groups"]
    )
    return [Sheet(_("How far the labels of each group lie from those of all others"), head, rows)]


def cell(label: str, group: dict[str, Any], name: str) -> Cell:
    """One distance of a group."""
    value = group["metrics"].get(name)
    return Cell(label, "–") if value is None else Cell(label, measure=value)


def drift(outcome: dict[str, Any]) -> list[Sheet]:
    """Every column with its statistics, new categories, and quality in both tables."""
    return [shifts(outcome), *unseen(outcome), *quality(outcome)]


def shifts(outcome: dict[str, Any]) -> Sheet:
    """Every column with its statistics."""
    names = ("psi", "ks", "wasserstein", "missing_difference")
    head = (_("Column"), *(statistic_label(name) for name in names), _("Index of other tools"), _("χ², p"))
    rows = tuple(
        (
            with_remark(column),
            (
                *(Cell(head[1 + place], *cell_of(column, name)) for place, name in enumerate(names)),
                Cell(head[5], number((column.get("tests") or {}).get("psi_plain"))),
                Cell(head[6], chi_square((column.get("tests") or {}).get("chi_square"))),
            ),
        )
        for column in outcome["columns"]
    )
    caption = _("Every column against the reference, with intervals. The last two figures are for reading beside other tools and never decide.")  # fmt: skip
    return Sheet(caption, head, rows)


def cell_of(column: dict[str, Any], name: str) -> tuple[str, dict[str, Any] | None]:
    """Text and value object of a statistic; a dash where it does not apply."""
    value = column["metrics"].get(name)
    if value is None or (value.get("value") is None and column.get("reason")):
        return "–", None
    return (why_not(str(value.get("reason"))), None) if value["value"] is None else ("", value)


def number(value: float | None) -> str:
    """A figure without an interval."""
    return "–" if value is None else f"{value:.3f}"


def chi_square(test: dict[str, Any] | None) -> str:
    """Statistic and p-value."""
    return "–" if test is None else f"{test['statistic']:.1f}, {test['p']:.2g}"


def with_remark(column: dict[str, Any]) -> str:
    """A column's name, and why it was not compared."""
    said = remark(column)
    return f"{column['name']} ({said})" if said else str(column["name"])


def remark(column: dict[str, Any]) -> str:
    """Why a column was not compared, or that it is an output."""
    if column.get("reason"):
        return REASONS[column["reason"]]() if column["reason"] in REASONS else str(column["reason"])
    if column["metrics"].get("psi", {}).get("evaluable") is False:
        return REASONS["too_much_left_out"]()
    return _("output of the model") if column["role"] == "prediction" else ""


def unseen(outcome: dict[str, Any]) -> list[Sheet]:
    """Categories that the reference does not know."""
    head = (_("Column"), _("New value"), _("Rows"))
    rows = tuple(
        (str(column["name"]), (Cell(head[1], str(found["value"])), Cell(head[2], intcomma(found["rows"]))))
        for column in outcome["columns"]
        for found in column.get("unseen", [])[:MOST_UNSEEN]
    )
    return (
        [Sheet(_("Values that the reference does not know; they are listed and never merged"), head, rows)]
        if rows
        else []
    )


def quality(outcome: dict[str, Any]) -> list[Sheet]:
    """Rates in both tables."""
    if not outcome.get("performance"):
        return []
    head = (_("Metric"), _("Reference"), _("This table"), _("Fall, with interval"))
    rows = tuple(
        (quality_label(one["metric"]), tuple(Cell(label, measure=one[name]) for label, name in zip(head[1:], ("reference", "current", "drop"), strict=True)))
        for one in outcome["performance"]
    )  # fmt: skip
    return [Sheet(_("Quality in both tables"), head, rows)]


def quality_of_data(outcome: dict[str, Any]) -> list[Sheet]:
    """Every column, the shares of rows, and the expectations."""
    return [columns_looked_over(outcome), shares_of_rows(outcome), *expectations(outcome)]


def columns_looked_over(outcome: dict[str, Any]) -> Sheet:
    """What the cells of every column hold."""
    head = (_("Column"), _("Holds"), _("Different values"), _("NULL"), _("Empty"), _("NaN"), _("Missing"), _("Invalid"), _("Tells the label alone"))  # fmt: skip
    rows = tuple(
        (
            str(column["name"]),
            (
                Cell(head[1], KINDS[column["kind"]]()), Cell(head[2], intcomma(column["distinct"])),
                *(Cell(head[3 + place], intcomma(column["cells"][name])) for place, name in enumerate(("null", "empty", "nan"))),
                *(Cell(head[6 + place], *cell_of(column, name)) for place, name in enumerate(("missing_share", "invalid_share", "target_leakage"))),
            ),
        )
        for column in outcome["columns"]
    )  # fmt: skip
    return Sheet(_("Every column: what its cells hold, with intervals of the shares"), head, rows)


def shares_of_rows(outcome: dict[str, Any]) -> Sheet:
    """Rows that are doubled, contradictory, or in the other table too."""
    head = (_("Rows"), _("Share, with interval"))
    found = outcome["row_quality"]
    rows = tuple((what(name), (Cell(head[1], measure=found[name]),)) for name in ROW_SHARES if name in found)
    return Sheet(_("Rows that are not as they should be"), head, rows)


def expectations(outcome: dict[str, Any]) -> list[Sheet]:
    """What was expected of cells, and how often it is broken."""
    head = (_("Expectation"), _("Rows that break it"), _("Share, with interval"))
    rows = tuple(
        (one["rule"], (Cell(head[1], intcomma(one["broken"])), Cell(head[2], measure=one["share"])))
        for one in outcome["expectations"]
    )
    return [Sheet(_("What cells should hold"), head, rows)] if rows else []


KINDS: dict[str, Callable[[], str]] = {
    "number": lambda: _("numbers"),
    "text": lambda: _("text"),
    "date": lambda: _("dates"),
    "empty": lambda: _("nothing"),
}


def lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Columns, bins and quality for the CSV file."""
    for column in outcome.get("columns", []):
        for name, value in column.get("metrics", {}).items():
            yield measured("column", "", str(column["name"]), name, value)
        for place, each in enumerate(column.get("bins", [])):
            named = each.get("value", f"{each.get('above')} … {each.get('up_to')}")
            for side in ("reference", "current"):
                yield Line("bin", str(place + 1), str(column["name"]), f"{side}: {named}", each[side])
    for name, value in outcome.get("row_quality", {}).items():
        yield measured("rows", "", "", name, value)
    for one in outcome.get("expectations", []):
        yield measured("expectation", "", one["column"], one["rule"], one["share"])
    if outcome.get("check") != "drift":
        return
    for one in outcome.get("performance", []):
        for name in ("reference", "current", "drop"):
            yield measured("quality", "", name, one["metric"], one[name])
