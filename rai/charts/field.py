"""Field performance as a picture: every judged value against its limit, the fall since the test, who has a label, periods."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from rai.charts.drawing import THEMES, WIDTH, Panel, Theme, room, svg, titled
from rai.charts.groups import drawn_groupings, group_label
from rai.charts.limits import Limit, limits_panel
from rai.charts.scores import DECISIONS, NUMBERS, SCORED, Sheet, drawn_row, groups_panel, rule_label, whiskers
from rai.charts.versions import SHARES
from rai.charts.words import confidence_of, metric_label, name_of, percent, whole

MOST_PERIODS = 24


def field(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each judged value against its limit, figures since the test, shares of labelled rows, and every period's quality."""
    with translation.override(language or translation.get_language()):
        return svg(field_panels(outcome, THEMES[theme]), THEMES[theme])


def field_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panels that the outcome has figures for."""
    limits = [limit_of(entry) for entry in drawn_rules(outcome)]
    falls = [one for one in outcome["since_test"] if one["worse"]["value"] is not None]
    periods = [one for one in outcome["labels"] if one["by"]][-MOST_PERIODS:] or outcome["labels"]
    groupings = drawn_groupings(outcome)
    labels = (
        [one.label for one in limits]
        + [metric_label(one["metric"]) for one in falls]
        + [period(one) for one in periods]
    )
    left = room([*labels, *(group_label(group, None) for _by, groups in groupings for group in groups), ""])
    panels = []
    if limits:
        said = [_("Dot: seen. Line: what the rows are compatible with (%s). Mark: the limit.") % confidence_of(outcome)]
        panels.append(limits_panel(limits, theme, room=left, title=_("Are the limits met?"), axis=_("Value, or difference"), subtitle=said))  # fmt: skip
    for found in (
        [one for one in falls if one["metric"] in SHARES],
        [one for one in falls if one["metric"] not in SHARES],
    ):
        panels += [falls_panel(outcome, found, theme, left)] if found else []
    panels.append(labels_panel(outcome, periods, theme, left))
    known = outcome["overall"]["metrics"]
    metrics = NUMBERS if outcome["kind"] == "regression" else SCORED if "roc_auc" in known else DECISIONS
    return panels + [groups_panel(Sheet(outcome, theme, left), by, groups, metrics) for by, groups in groupings]


def drawn_rules(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """Rules whose values lie on one scale from 0 to 1; the others stand in the table."""
    names = (*SHARES, "labelled_")
    return [entry for entry in outcome["thresholds"] if entry["value"] is not None and entry["rule"].startswith(names)]


def limit_of(entry: dict[str, Any]) -> Limit:
    """A rule; a fall that is none is drawn at 0."""
    name, _sign, limit = entry["rule"].replace(">=", "<=").partition("<=")
    value, low, high = (max(entry[end], 0.0) for end in ("value", "low", "high"))
    return Limit(label_of(name, entry), value, low, high, float(limit), f"{float(limit):g}", entry["verdict"])


def label_of(name: str, entry: dict[str, Any]) -> str:
    """What a rule is about."""
    named = {
        "labelled_share": _("Rows with a label"), "labelled_score_ks": _("Labelled against others, KS"),
        "labelled_positive_difference": _("Labelled against others, decisions"),
    }  # fmt: skip
    if name in named:
        return named[name]
    for ending in ("_drop", "_rise"):
        if name.endswith(ending):
            return _("%s, worse since the test") % metric_label(name.removesuffix(ending))
    return rule_label(entry)


def falls_panel(outcome: dict[str, Any], found: list[dict[str, Any]], theme: Theme, left: int) -> Panel:
    """How much worse each metric is than on the test rows."""
    rows = [
        drawn_row(metric_label(one["metric"]), one["worse"], f"{one['test']['value']:.4g} → {one['field']['value']:.4g}", theme,
                  is_full=one["worse"].get("evaluable", True))
        for one in found
    ]  # fmt: skip
    title = _("Worse by (left of the dotted line: better)")
    panel = whiskers(rows, theme, title=title, left=left, line=0.0, is_percent=False, width=WIDTH - 250)
    said = [_("Dot: seen. Line: %s interval. Beside it: on the test rows → in the field.") % confidence_of(outcome)]
    is_share = found[0]["metric"] in SHARES
    return titled(panel, _("Since the test") if is_share else _("Since the test, errors in their own units"), said)


def period(one: dict[str, Any]) -> str:
    """A period and its rows."""
    return _("%(group)s (n = %(n)s)") % {"group": name_of(one["group"]) or _("all rows"), "n": whole(one["n"])}


def labels_panel(outcome: dict[str, Any], periods: list[dict[str, Any]], theme: Theme, left: int) -> Panel:
    """The share of rows with a true outcome."""
    rows = [
        drawn_row(period(one), one["labelled"], percent(one["labelled"]["value"]), theme, is_full=True)
        for one in periods
    ]
    line = outcome["labels"][0]["labelled"]["value"]
    panel = whiskers(
        rows, theme, title=_("Rows with a true outcome"), left=left, line=line, is_percent=True, width=WIDTH - 250
    )
    said = [_("Dot: seen. Line: %s interval. Dotted: all rows together.") % confidence_of(outcome)]
    if outcome["selection"]["warning"]:
        said.append(_("Labelled rows are not like the others: the figures may not hold for rows without a label."))
    return titled(panel, _("Who has a label so far"), said)
