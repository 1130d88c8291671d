"""Filters of documents: numbers with their intervals, names of groups, moments. They only write, never compute."""

import math
from typing import Any

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.titles import Title
from risk import words

register = template.Library()
RESULTS = ("met", "partly", "not_met", "not_applicable")


@register.filter
def item(mapping: dict[str, Any], key: str) -> Any:
    """The value of a key, or an empty string."""
    return mapping.get(key, "")


@register.filter
def moment(text: str) -> str:
    """An ISO moment for people, in UTC to the minute."""
    found = parse_datetime(text) if text else None
    return date_format(found, "Y-m-d H:i") if found else "–"


@register.filter
def rate(value: float | None) -> str:
    """A rate or difference to three digits; a dash when it could not be computed."""
    return "–" if value is None else f"{value:.3f}"


@register.filter
def interval(value: dict[str, Any]) -> str:
    """Low rounded down and high rounded up, so that a printed interval never contradicts its verdict."""
    low, high = value.get("low"), value.get("high")
    left = "–" if low is None else f"{math.floor(low * 1000) / 1000:.3f}"
    right = "–" if high is None else f"{math.ceil(high * 1000) / 1000:.3f}"
    return f"{left} – {right}"


@register.filter
def measure(value: dict[str, Any] | None) -> str:
    """A value with its interval, or why there is none."""
    if not value or value.get("value") is None:
        return "–"
    return f"{rate(value['value'])} ({interval(value)})"


@register.filter
def score(value: float | None) -> str:
    """A score of an assessment."""
    return "–" if value is None else f"{value:.0f}"


@register.filter
def level(name: str) -> str:
    """A level of risk in words; a dash for none."""
    return words.level_word(name) or "–"


@register.filter
def component(name: str) -> str:
    """A component of a system in words."""
    return words.component_word(name) if name else "–"


@register.filter
def basis(name: str) -> str:
    """What a status rests on, in words."""
    return Title(name).text


@register.filter
def group_name(group: dict[str, Any]) -> str:
    """`column: value` for each column of the group."""
    return ", ".join(f"{column}: {value}" for column, value in group.items())


@register.filter
def shares(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a bar that are not empty, with their widths in percent."""
    total = row["total"] or 1
    return [
        {"name": name, "count": row[name], "percent": f"{100 * row[name] / total:.2f}"} for name in RESULTS if row[name]
    ]


@register.filter
def closed_gates(gates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The gates that did not answer yes."""
    return [gate for gate in gates if gate["result"] not in {"passed", "waived"}]


@register.filter
def last_entries(entries: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The newest entries, oldest first; the pack holds them all."""
    return entries[-int(most) :]


@register.filter
def ranks(feature: dict[str, Any]) -> str:
    """A rank interval: one number when it is certain."""
    low, high = feature.get("rank_low"), feature.get("rank_high")
    if low is None or high is None:
        return "–"
    return str(low) if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
