"""Tables and CSV lines that only proxy features has: every input beside every protected column, and group by group."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from rai.figures.lines import Line, group_name, measured
from rai.figures.sheets import Cell, Sheet
from rai.wording.proxies import reason_words
from rai.wording.tables import index

SHOWN = ("proxy_auc", "cramers_v", "normalised_information", "correlation_ratio")


def labels() -> dict[str, str]:
    """What people call a measure of association."""
    return {
        "proxy_auc": _("ROC AUC"), "cramers_v": _("Cramér’s V"), "normalised_information": _("Mutual information, normalised"),
        "correlation_ratio": _("Correlation ratio of ranks"),
    }  # fmt: skip


def sheets(outcome: dict[str, Any]) -> Iterator[Sheet]:
    """One table for each protected column; where it has several groups, one of areas by group."""
    for by in outcome["protected"]:
        pairs = [(one, pair) for one in outcome["columns"] for pair in one["pairs"] if pair["protected"] == by["name"]]
        yield associations(by["name"], pairs)
        if len(by["groups"]) > 2:
            yield by_group(by, pairs)


def associations(by: str, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> Sheet:
    """Every input with its measures, and the p-value of the test of independence."""
    named = labels()
    head = (_("Input"), *(named[name] for name in SHOWN), _("Rows"), _("p, after Holm"))
    rows = tuple((str(column["name"]), cells(head, pair)) for column, pair in pairs)
    return Sheet(_("Each input beside %s") % by, head, rows)


def cells(head: tuple[str, ...], pair: dict[str, Any]) -> tuple[Cell, ...]:
    """One input's measures; the reason where it has none."""
    if pair.get("reason"):
        return (Cell(head[1], reason_words(pair["reason"])), *(Cell(label, "–") for label in head[2:]))
    found = [(label, pair["metrics"].get(name)) for label, name in zip(head[1:], SHOWN, strict=False)]
    shown = [Cell(label, "–") if value is None else Cell(label, measure=value) for label, value in found]
    p = pair["tests"]["p_adjusted"]
    return (*shown, Cell(head[-2], intcomma(pair["n"])), Cell(head[-1], _("under 0.001") if p < 0.001 else index(p)))


def by_group(by: dict[str, Any], pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> Sheet:
    """How well each input tells each group from all others."""
    head = (_("Input"), *by["groups"])
    rows = tuple(
        (str(column["name"]), tuple(Cell(label, measure=each["proxy_auc"]) for label, each in zip(head[1:], pair["groups"], strict=True)))
        for column, pair in pairs
        if pair["groups"]
    )  # fmt: skip
    return Sheet(_("ROC AUC with which each input tells one group of %s from all others") % by["name"], head, rows)


def lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Every association, and every area by group, for the CSV file."""
    for column in outcome["columns"]:
        for pair in column["pairs"]:
            by, name = pair["protected"], str(column["name"])
            for measure, value in pair["metrics"].items():
                yield measured("input", by, name, measure, value)
            for group in pair["groups"]:
                yield measured("input and group", by, f"{name}, {group_name(group['group'])}", "proxy_auc", group["proxy_auc"])  # fmt: skip
            if pair.get("reason"):
                yield Line("input", by, name, "", reason=pair["reason"])
