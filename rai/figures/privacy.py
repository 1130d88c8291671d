"""Tables and CSV lines of the checks of personal data: columns and kinds with counts, groups by size."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from rai.figures.lines import Line, measured
from rai.figures.sheets import Cell, Sheet
from rai.wording.privacy import (
    band_label,
    by_cells,
    figure_label,
    figure_labels,
    handling_label,
    kind_label,
    kinds_words,
)


def personal_data(outcome: dict[str, Any]) -> list[Sheet]:
    """Columns with personal data, and all figures."""
    return [*columns(outcome), *kinds(outcome), figures(outcome)]


def columns(outcome: dict[str, Any]) -> list[Sheet]:
    """Every column that holds personal data."""
    head = (_("Column"), _("Found"), _("Cells"), _("Share of rows"), _("Declared"), _("Exposed"))
    rows = tuple(
        (
            str(one["name"]),
            (
                Cell(head[1], kinds_words(one["kinds"])), Cell(head[2], intcomma(one["cells"])), Cell(head[3], measure=one["share"]),
                Cell(head[4], handling_label(one["handling"])), Cell(head[5], _("yes") if one["is_exposed"] else _("no")),
            ),
        )
        for one in outcome["found"]
    )  # fmt: skip
    return [Sheet(_("Columns that hold personal data; values are never kept"), head, rows)] if rows else []


def kinds(outcome: dict[str, Any]) -> list[Sheet]:
    """Cells by kind over all columns."""
    head = (_("Kind"), _("Cells"))
    rows = tuple((kind_label(kind), (Cell(head[1], intcomma(cells)),)) for kind, cells in by_cells(outcome["kinds"]))
    return [Sheet(_("What was found"), head, rows)] if rows else []


def figures(outcome: dict[str, Any]) -> Sheet:
    """Every figure with its interval; a count has none."""
    head = (_("Figure"), _("Seen, with interval"))
    rows = tuple((figure_label(name), (figure_cell(head[1], value),)) for name, value in in_order(outcome))  # fmt: skip
    return Sheet(_("Figures of this check"), head, rows)


def in_order(outcome: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The figures in one order."""
    found = outcome["overall"]["metrics"]
    return [(name, found[name]) for name in figure_labels() if name in found]


def figure_cell(label: str, value: dict[str, Any]) -> Cell:
    """A count as a whole number, a share with its interval, a dash for what is not known."""
    if value["value"] is None:
        return Cell(label, "–")
    return Cell(label, intcomma(int(value["value"]))) if value["method"] == "count" else Cell(label, measure=value)


def reidentification(outcome: dict[str, Any]) -> list[Sheet]:
    """Groups by size, the smallest group without each column, and all figures."""
    head = (_("Groups"), _("How many"), _("Rows"))
    bands = tuple(
        (band_label(one), (Cell(head[1], intcomma(one["classes"])), Cell(head[2], intcomma(one["rows"]))))
        for one in outcome["bands"]
    )
    without = (_("Without the column"), _("Rows of the smallest group"))
    left_out = tuple((name, (Cell(without[1], intcomma(size)),)) for name, size in sorted(outcome["without"].items()))
    found = [Sheet(_("Rows that are alike in the columns that tell people apart"), head, bands)] if bands else []
    found += [Sheet(_("What leaving a column out would change"), without, left_out)] if left_out else []
    return [*found, figures(outcome)]


def personal_lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Columns and kinds for the CSV file."""
    for one in outcome["found"]:
        yield measured("column", "", str(one["name"]), "personal_data", one["share"])
        for kind, cells in sorted(one["kinds"].items()):
            yield Line("kind", "", str(one["name"]), kind, cells)
