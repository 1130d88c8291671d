"""Attribution drift as a picture: every judged rule against its limit, then each input's share before and now."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import THEMES, WIDTH, Panel, Theme, layered, room, svg, titled
from rai.charts.limits import Limit, limits_panel
from rai.charts.words import rounded

MOST_INPUTS, INPUT_ROW = 15, 26


def attribution_drift(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each rule against its limit, then the share of every input in the approved version and now."""
    with translation.override(language or translation.get_language()):
        return svg(shift_panels(outcome, THEMES[theme]), THEMES[theme])


def shift_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of limits, where shares or gaps are judged, and the inputs."""
    judged = [one for one in outcome["thresholds"] if one["value"] is not None and not one["rule"].startswith("moved_")]
    shown = [one for one in outcome["shifts"] if one["change"]["value"] is not None][:MOST_INPUTS]
    limits = [limit_of(entry) for entry in judged]
    left = room([one.label for one in limits] + [one["name"] for one in shown] + [""])
    panels = []
    if limits:
        said = [_("Dot: seen. Line: what the rows are compatible with. Mark: the limit. Each in its own unit.")]
        title, axis = _("Has it moved too far?"), _("Change or gap")
        panels.append(limits_panel(limits, theme, room=left, title=title, axis=axis, subtitle=said))
    return panels + ([inputs_panel(outcome, shown, theme, left)] if shown else [])


def limit_of(entry: dict[str, Any]) -> Limit:
    """A rule with its numbers."""
    name, _sign, limit = entry["rule"].partition("<=")
    labels = {"share_change": _("Change of a share"), "attribution_ks": _("Gap between distributions")}
    named = rounded(float(limit), 2 if round(float(limit), 2) == float(limit) else 3)
    return Limit(
        labels[name.strip()], entry["value"], entry["low"], entry["high"], float(limit), named, entry["verdict"]
    )


def inputs_panel(outcome: dict[str, Any], shown: list[dict[str, Any]], theme: Theme, left: int) -> Panel:
    """Hollow mark: approved; filled: now; whisker: what the share now may be beside the approved one."""
    import altair

    rows = [input_row(one) for one in shown]
    order = [row["label"] for row in rows]
    top = 1.1 * max([row["high"] for row in rows] + [row["before"] for row in rows] + [0.05])
    side = altair.Axis(grid=True, labelPadding=8, minExtent=left, maxExtent=left)
    y = altair.Y("label:N", sort=order, title=None, scale=altair.Scale(domain=order), axis=side)
    title, scale = _("Share of all attribution"), altair.Scale(domain=[0, top], nice=False)
    x = altair.X("now:Q", title=title, scale=scale, axis=altair.Axis(tickCount=5, format="%", grid=False))
    base = altair.Chart().encode(y=y)
    whisker = base.mark_rule(strokeWidth=2.5, color=theme.ink).encode(x=altair.X("low:Q", title=title), x2="high:Q")
    now = base.mark_point(filled=True, color=theme.accent, size=70, opacity=1).encode(x=x)
    before = base.mark_point(
        fill=theme.ground, stroke=theme.limit, shape="diamond", size=70, strokeWidth=2, opacity=1
    ).encode(x=altair.X("before:Q", title=title))
    panel = layered(rows, [whisker, now, before], width=WIDTH - left - 60, height=INPUT_ROW * len(rows))
    said = [_("Diamond: approved. Dot: now. Line: interval of the change, drawn from the approved share.")]
    more = len(outcome["shifts"]) - len(shown)
    if more:
        said.append(
            ngettext("%d more input is in the table only.", "%d more inputs are in the table only.", more) % more
        )
    return titled(panel, _("What drives the model, approved and now"), said)


def input_row(one: dict[str, Any]) -> dict[str, Any]:
    """An input's shares, and where the change may have led from the approved share on."""
    way = 1 if one["share_now"] >= one["share_before"] else -1
    ends = sorted(one["share_before"] + way * one["change"][end] for end in ("low", "high"))
    return {
        "label": one["name"], "before": one["share_before"], "now": one["share_now"],
        "low": min(max(ends[0], 0.0), 1.0), "high": min(max(ends[1], 0.0), 1.0),
    }  # fmt: skip
