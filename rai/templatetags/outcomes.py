"""Filters that write an outcome for people: names of checks and groups, figures with intervals. They compute nothing."""

import math
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _, gettext_lazy

from rai.catalogue import CHECKS
from rai.figures import sheets
from rai.figures.lines import group_name
from rai.reported import PREFIX
from registry import record_checks

register = template.Library()
register.filter("group_name", group_name)
DIGITS = 3
COLUMN_TYPES = {
    "number": gettext_lazy("numbers"),
    "text": gettext_lazy("text"),
    "truth": gettext_lazy("true or false"),
    "date": gettext_lazy("dates"),
}


@register.filter
def more_tables(outcome: dict[str, Any]) -> list[Any]:
    """The tables of an outcome that its groups do not hold."""
    return sheets.sheets(outcome)


@register.filter
def check_label(slug: str) -> str:
    """What people call a check; its slug when this installation no longer offers it."""
    if slug.startswith(PREFIX):
        return str(_("Reported: %s")) % slug.removeprefix(PREFIX)
    return str(CHECKS[slug].label) if slug in CHECKS else record_checks.label_of(slug) or slug


@register.filter
def column_type(kind: str) -> str:
    """What a column holds, in a reader's words."""
    return str(COLUMN_TYPES.get(kind, _("something else")))


@register.filter
def figure(value: dict[str, Any] | None) -> str:
    """An estimate with its interval: low rounded down and high up, so that print never contradicts the verdict."""
    if not value or value.get("value") is None:
        return str((value or {}).get("reason") or _("cannot be computed"))
    low, high = value.get("low"), value.get("high")
    if low == high == value["value"] == round(value["value"]):
        # Counted, not estimated.
        return str(intcomma(round(value["value"])))
    text = f"{value['value']:.{DIGITS}f}"
    if low is not None and high is not None:
        # A dash before a minus sign reads as two minus signs.
        between = " … " if low < 0 else "–"
        text += f" ({rounded(low, math.floor)}{between}{rounded(high, math.ceil)})"
    elif low is not None or high is not None:
        text += f" ({rounded(low, math.floor)} … {rounded(high, math.ceil)})"
    return text


@register.filter
def figure_n(value: dict[str, Any] | None) -> str:
    """The rows behind an estimate, or nothing."""
    rows = (value or {}).get("n")
    return "" if rows is None or (value or {}).get("method") == "given" else _("n = %s") % intcomma(rows)


def rounded(bound: float | None, way: Any) -> str:
    """One bound to the printed digits."""
    scale = 10**DIGITS
    return "–" if bound is None else f"{way(bound * scale) / scale:.{DIGITS}f}"
