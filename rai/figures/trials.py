"""Tables of trials of a model."""

from typing import Any

from django.utils.translation import gettext as _

from rai.figures.sheets import Cell, Sheet
from rai.wording.trials import figure_words, in_order, label_of


def sheets(outcome: dict[str, Any]) -> list[Sheet]:
    """Every figure with its interval and rows."""
    head = (_("Figure"), _("Seen"), _("From"), _("To"), _("Rows"))
    rows = tuple(
        (label_of(name), (*(Cell(label, figure_words(name, value[end])) for label, end in zip(head[1:4], ("value", "low", "high"), strict=True)), Cell(head[4], f"{value['n']:,}")))
        for name, value in in_order(outcome)
    )  # fmt: skip
    return [Sheet(_("What the trial showed"), head, rows)]
