"""The table of figures that were computed elsewhere."""

from typing import Any

from django.utils.translation import gettext as _

from rai.figures.lines import group_name, metric_label
from rai.figures.sheets import Cell, Sheet


def sheets(outcome: dict[str, Any]) -> list[Sheet]:
    """Every figure as it was posted."""
    head = (_("Figure"), _("Group"), _("Reported, with interval"), "n")
    rows = tuple(
        (metric_label(one["metric"]), (
            Cell(head[1], group_name(one["group"]) or _("All rows")), Cell(head[2], measure=one),
            Cell(head[3], "–" if one["n"] is None else f"{one['n']:,}"),
        ))
        for one in outcome["figures"]
    )  # fmt: skip
    return [Sheet(_("Figures as they were posted; this installation did not compute them"), head, rows)]
