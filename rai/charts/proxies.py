"""Proxy features as a picture: every rule against its limit, then how well each input alone tells the groups apart."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import THEMES, WIDTH, Panel, Theme, beside, layered, room, svg, titled
from rai.charts.limits import Limit, limits_panel
from rai.charts.words import confidence_of, rounded

MOST_COLUMNS = 16
MOST_PROTECTED = 3
COLUMN_ROW = 25
# Where each measure begins: an area of one half tells nothing.
MEASURES = {"proxy_auc": 0.5, "cramers_v": 0.0}


def proxy_features(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each rule against its limit, then area and Cramér's V of every input with intervals."""
    with translation.override(language or translation.get_language()):
        return svg(proxy_panels(outcome, THEMES[theme]), THEMES[theme])


def proxy_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of limits, if there are any, and a panel for each protected column."""
    limits = [limit_of(entry) for entry in outcome["thresholds"] if entry.get("value") is not None]
    shown = [(by["name"], inputs(outcome, by["name"])) for by in outcome["protected"][:MOST_PROTECTED]]
    left = room([one.label for one in limits] + [name for _by, rows in shown for name, _pair in rows] + [""])
    panels = []
    if limits:
        said = [
            _("Dot: most seen. Line: what the rows are compatible with (%s). Mark: the limit.") % confidence_of(outcome)
        ]
        title, axis = _("Does an input stand in for a group?"), _("ROC AUC or Cramér’s V")
        panels.append(limits_panel(limits, theme, room=left, title=title, axis=axis, subtitle=said))
    return panels + [inputs_panel(outcome, by, rows, theme, left) for by, rows in shown if rows]


def limit_of(entry: dict[str, Any]) -> Limit:
    """A rule with its numbers."""
    name, _sign, limit = entry["rule"].partition("<=")
    labels = {"proxy_auc": _("ROC AUC, %s"), "cramers_v": _("Cramér’s V, %s")}
    low, high = (entry["value"] if entry[end] is None else entry[end] for end in ("low", "high"))
    number = float(limit)
    named = rounded(number, 2 if round(number, 2) == number else 3)
    return Limit(labels[name] % ", ".join(entry["by"]), entry["value"], low, high, number, named, entry["verdict"])


def inputs(outcome: dict[str, Any], by: str) -> list[tuple[str, dict[str, Any]]]:
    """The inputs that tell most about one protected column, the surest first."""
    pairs = [(str(one["name"]), pair) for one in outcome["columns"] for pair in one["pairs"] if pair["protected"] == by]
    known = [(name, pair) for name, pair in pairs if (pair["metrics"].get("proxy_auc") or {}).get("value") is not None]
    return sorted(known, key=lambda one: surety(one[1]["metrics"]["proxy_auc"]))[:MOST_COLUMNS]


def surety(area: dict[str, Any]) -> tuple[bool, float, float]:
    """Judged ones first, then by the lower end."""
    return area.get("evaluable") is False, -area["low"], -area["value"]


def inputs_panel(outcome: dict[str, Any], by: str, pairs: list[tuple[str, dict[str, Any]]], theme: Theme, left: int) -> Panel:  # fmt: skip
    """Both measures of every input beside each other."""
    columns = [
        measure_column(outcome, pairs, measure, theme, left if measure == "proxy_auc" else 0) for measure in MEASURES
    ]
    said = [
        _("Dot: seen. Line: %s interval, each for itself. Mark: the limit. ROC AUC 0.5 tells nothing, 1 everything.")
        % confidence_of(outcome)
    ]
    if any(pair["metrics"]["proxy_auc"].get("evaluable") is False for _name, pair in pairs):
        said.append(_("Hollow: too few rows to decide by; shown, never judged."))
    more = sum(1 for one in outcome["columns"] if not one.get("reason")) - len(pairs)
    if more > 0:
        said.append(ngettext("%d more input is in the table only.", "%d more inputs are in the table only.", more) % more)  # fmt: skip
    return titled(beside(columns), _("How well each input alone tells the groups of %s apart") % by, said)


def measure_column(
    outcome: dict[str, Any], pairs: list[tuple[str, dict[str, Any]]], measure: str, theme: Theme, left: int
) -> Panel:
    """One measure of the inputs as dot and whisker; the first column carries their names."""
    import altair

    limits = [float(entry["rule"].partition("<=")[2]) for entry in outcome["thresholds"] if entry["rule"].startswith(measure)]  # fmt: skip
    rows = [row(name, pair["metrics"].get(measure) or {}, theme) for name, pair in pairs]
    order, least = [name for name, _pair in pairs], MEASURES[measure]
    side = altair.Axis(grid=True, labels=bool(left), labelPadding=8, minExtent=left, maxExtent=left)
    y = altair.Y("label:N", sort=order, title=None, scale=altair.Scale(domain=order), axis=side)
    title = {"proxy_auc": _("ROC AUC"), "cramers_v": _("Cramér’s V")}[measure]
    most = max([each["high"] for each in rows if each["value"] is not None] + [*limits, least + 0.1])
    scale = altair.Scale(domain=[least, least + 1.32 * (most - least)], nice=False, zero=False)
    axis = altair.Axis(tickCount=4, grid=False, labelExpr="datum.value > 1 ? '' : datum.label")
    x = altair.X("value:Q", title=title, scale=scale, axis=axis)
    base = altair.Chart().encode(y=y).transform_filter("datum.value !== null")
    color = altair.Color("color:N", scale=None)
    whisker = base.mark_rule(strokeWidth=2.5).encode(x=altair.X("low:Q", title=title), x2="high:Q", color=color)
    dots = base.mark_point(size=55, strokeWidth=2, opacity=1, filled=True).encode(
        x=x, fill=altair.Fill("fill:N", scale=None), stroke=altair.Stroke("color:N", scale=None)
    )
    figure = base.encode(x="high:Q", text="figure:N")
    halo = figure.mark_text(align="left", dx=7, fontSize=11, stroke=theme.ground, strokeWidth=4)
    layers = [halo, whisker, dots, figure.mark_text(align="left", dx=7, fontSize=11, color=theme.ink)]
    marks = altair.Chart(altair.Data(values=[{"value": each} for each in limits]))
    layers.insert(0, marks.mark_rule(strokeWidth=2, color=theme.limit).encode(x="value:Q"))
    return layered(rows, layers, width=(WIDTH - 180) // 2, height=COLUMN_ROW * len(rows))


def row(name: str, value: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """One input's numbers and how they are drawn."""
    judged, seen = value.get("evaluable") is not False, value.get("value")
    return {
        "label": name, "value": seen, "low": value.get("low"), "high": value.get("high"),
        "figure": "" if seen is None else rounded(seen, 2), "color": theme.accent if judged else theme.quiet,
        "fill": theme.accent if judged else theme.ground,
    }  # fmt: skip
