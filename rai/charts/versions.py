"""The golden set as a picture: every judged change against its limit, then both versions by metric, then single rows."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from rai.charts.drawing import ROW, THEMES, WIDTH, Panel, Theme, layered, room, svg, titled
from rai.charts.limits import Limit, limits_panel
from rai.charts.scores import drawn_row, whiskers
from rai.charts.words import confidence_of, metric_label, rounded, whole

# Changes of these lie on one scale.
SHARES = ("accuracy", "recall", "specificity", "balanced_accuracy", "roc_auc", "precision", "f1", "brier_score")
LABELLED = ("_drop", "_rise")


def golden_set(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each judged change against its limit, how much worse each metric became, and rows by what became of them."""
    with translation.override(language or translation.get_language()):
        return svg(golden_panels(outcome, THEMES[theme]), THEMES[theme])


def golden_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panels that the outcome has figures for."""
    limits = [limit_of(entry) for entry in drawn_rules(outcome)]
    known = [one for one in outcome["compared"] if one["current"]["value"] is not None]
    shares = [one for one in known if one["metric"] in SHARES]
    others = [one for one in known if one["metric"] not in SHARES]
    left = room(
        [one.label for one in limits] + [metric_label(one["metric"]) for one in known] + [_("wrong, before right"), ""]
    )
    panels = []
    if limits:
        said = [_("Dot: seen. Line: what the rows are compatible with (%s). Mark: the limit.") % confidence_of(outcome)]
        title, axis = _("Did it become worse?"), _("Worse by")
        panels.append(limits_panel(limits, theme, room=left, title=title, axis=axis, subtitle=said))
    panels += [metrics_panel(outcome, found, theme, left) for found in (shares, others) if found]
    return panels + ([rows_panel(outcome["changes"], theme, left)] if outcome.get("changes") else [])


def drawn_rules(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """Rules on changes of shares, which fit on one scale; the others stand in the table."""
    return [
        entry
        for entry in outcome["thresholds"]
        if entry["value"] is not None and entry["rule"].partition("<=")[0].endswith(LABELLED) and entry["rule"].startswith(SHARES)
    ]  # fmt: skip


def limit_of(entry: dict[str, Any]) -> Limit:
    """A change; where it is for the better it is drawn at 0."""
    name, _sign, limit = entry["rule"].partition("<=")
    label = metric_label(name.removesuffix("_drop").removesuffix("_rise"))
    value, low, high = (max(entry[end], 0.0) for end in ("value", "low", "high"))
    return Limit(label, value, low, high, float(limit), f"{float(limit):g}", entry["verdict"])


def metrics_panel(outcome: dict[str, Any], found: list[dict[str, Any]], theme: Theme, left: int) -> Panel:
    """How much worse each metric became, or, without a previous version, what it is."""
    is_paired = found[0]["worse"] is not None
    rows = []
    for one in found:
        value = one["worse"] if is_paired else one["current"]
        text = figures(one) if is_paired else rounded(one["current"]["value"], 3)
        rows.append(drawn_row(metric_label(one["metric"]), value, text, theme, is_full=value.get("evaluable", True)))
    title = _("Worse by (left of the dotted line: better)") if is_paired else _("Value")
    panel = whiskers(
        rows, theme, title=title, left=left, line=0.0 if is_paired else None, is_percent=False, width=WIDTH - 250
    )
    said = [_("Dot: seen. Line: %s interval. Beside it: before → now.") % confidence_of(outcome)] if is_paired else []
    if found[0]["metric"] not in SHARES:
        return titled(panel, _("Errors in their own units"), said)
    return titled(
        panel, _("Both versions on the same rows") if is_paired else _("This version on the golden set"), said
    )


def figures(one: dict[str, Any]) -> str:
    """A metric before and now."""
    before, now = (one[name]["value"] for name in ("previous", "current"))
    return f"{before:.3f} → {now:.3f}" if abs(now) < 10 else f"{before:.4g} → {now:.4g}"


def rows_panel(found: dict[str, Any], theme: Theme, left: int) -> Panel:
    """Rows by what became of them."""
    import altair

    words = {
        "both_right": _("right, as before"), "newly_wrong": _("wrong, before right"),
        "newly_right": _("right, before wrong"), "both_wrong": _("wrong, as before"),
    }  # fmt: skip
    rows = [
        {"label": label, "value": found[name], "figure": whole(found[name]), "color": theme.limit if name == "newly_wrong" else theme.bar}
        for name, label in words.items()
    ]  # fmt: skip
    order = [row["label"] for row in rows]
    y = altair.Y(
        "label:N", sort=order, title=None, scale=altair.Scale(domain=order),
        axis=altair.Axis(grid=False, labelPadding=8, minExtent=left, maxExtent=left),
    )  # fmt: skip
    scale = altair.Scale(domain=[0, 1.15 * max(row["value"] for row in rows)], nice=False)
    x = altair.X("value:Q", title=_("Rows"), scale=scale, axis=altair.Axis(tickCount=5, grid=False, format="~s"))
    base = altair.Chart().encode(y=y)
    bars = base.mark_bar(size=16).encode(x=x, color=altair.Color("color:N", scale=None))
    text = base.mark_text(align="left", dx=6, fontSize=11, color=theme.ink).encode(x="value:Q", text="figure:N")
    panel = layered(rows, [bars, text], width=WIDTH - 250, height=(ROW - 8) * len(rows))
    return titled(panel, _("What became of single rows"), [])
