"""Tables and CSV lines of trials of a model."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from rai.figures.lines import Line, measured
from rai.figures.sheets import Cell, Sheet
from rai.wording.trials import figure_words, label_of


def sheets(outcome: dict[str, Any]) -> list[Sheet]:
    """Every figure with its interval and rows."""
    head = (_("Figure"), _("Seen"), _("From"), _("To"), _("Rows"))
    rows = tuple(
        (label_of(name), (*(Cell(label, figure_words(name, value[end])) for label, end in zip(head[1:4], ("value", "low", "high"), strict=True)), Cell(head[4], f"{value['n']:,}")))
        for name, value in outcome["figures"].items()
    )  # fmt: skip
    return [Sheet(_("What the trial showed"), head, rows)]


def lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Every figure as a line."""
    for name, value in outcome["figures"].items():
        yield measured("figure", "", "", name, value)
