"""What stands below the importances: how values of inputs go with the score, as density and as curve, and chosen rows step by step."""

from typing import Any

from django.utils.translation import gettext as _

from rai.charts.drawing import Panel, Theme, beside, layered, wrapped
from rai.charts.words import whole

HALF, ROW, LEVEL_ROW = 310, 20, 28
MOST_ROWS, MOST_STEPS, DRAWN_CURVES = 3, 6, 2
# Pixels left of a plot in the second column.
SECOND = 50


def below(outcome: dict[str, Any], theme: Theme, left: int) -> list[Panel]:
    """Two panels in a row, so that a printed page still holds the whole drawing."""
    shapes = [*spread_panel(outcome, theme, left), *dependence_panel(outcome, theme)]
    drawn = [each for each in outcome.get("curves", []) if each["places"]][:DRAWN_CURVES]
    curves = [curve_panel(each, theme, room) for each, room in zip(drawn, (left, SECOND), strict=False)]
    rows = [row_panel(row, theme, left) for row in outcome.get("local", [])[:MOST_ROWS]]
    return [*in_pairs(shapes), *in_pairs(curves), *in_pairs(rows)]


def in_pairs(panels: list[Panel]) -> list[Panel]:
    """Two in a row."""
    return [beside(panels[place : place + 2]) for place in range(0, len(panels), 2)]


def labels_below(outcome: dict[str, Any]) -> list[str]:
    """The labels left of the plots in the first column."""
    rows = [step["label"] for row in outcome.get("local", [])[:MOST_ROWS] for step in steps(row)]
    return [*rows, *(each["name"] for each in outcome.get("shapes", []))]


def spread_panel(outcome: dict[str, Any], theme: Theme, left: int) -> list[Panel]:
    """For the inputs that move the score most: where the rows' values lie, dark where the input is high."""
    import altair

    shapes = outcome.get("shapes", [])
    rows = [
        {"name": each["name"], "middle": level["middle"], "n": level["n"], "height": level["height"]}
        for each in shapes
        for level in each["levels"]
    ]
    if not rows:
        return []
    names = [each["name"] for each in shapes]
    title = _("Adds to the score")
    y = altair.Y("name:N", sort=names, title=None, axis=altair.Axis(minExtent=left, maxExtent=left, grid=False))
    colour = altair.Color("height:Q", scale=altair.Scale(domain=[0, 1], range=[theme.bar, theme.limit]), legend=None)
    size = altair.Size("n:Q", scale=altair.Scale(range=[6, 340]), legend=None)
    base = altair.Chart().encode(y=y, x=altair.X("middle:Q", title=title, axis=altair.Axis(tickCount=4)))
    marks = base.mark_circle(opacity=0.9).encode(size=size, color=colour)
    panel = layered(rows, [marks], width=HALF - left + 40, height=LEVEL_ROW * len(names))
    said = [
        _(
            "Each mark: rows whose input adds about this much; the larger, the more of the %s rows. Red: the input is high; blue: low."
        )
        % whole(outcome["sample"]["rows_used"])
    ]
    return [half_titled(panel, _("How the inputs add to single scores"), said)]


def dependence_panel(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """What the first input adds to the score, by its value, with intervals."""
    import altair

    shapes = outcome.get("shapes", [])
    bins = [one for one in shapes[0]["bins"] if one["low"] is not None and one["error"] is not None] if shapes else []
    if len(bins) < 2:
        return []
    rows = [
        {"at": (one["low"] + one["high"]) / 2, "mean": one["mean"], "low": one["mean"] - 2 * one["error"], "high": one["mean"] + 2 * one["error"]}
        for one in bins
    ]  # fmt: skip
    base = altair.Chart().encode(
        x=altair.X("at:Q", title=shapes[0]["name"], scale=altair.Scale(zero=False), axis=altair.Axis(tickCount=4))
    )
    line = base.mark_line(color=theme.accent).encode(y=altair.Y("mean:Q", title=None))
    whisker = base.mark_rule(strokeWidth=2, color=theme.ink).encode(y=altair.Y("low:Q", title=None), y2="high:Q")
    points = base.mark_point(filled=True, size=46, color=theme.accent, opacity=1).encode(
        y=altair.Y("mean:Q", title=None)
    )
    panel = layered(rows, [line, whisker, points], width=HALF - 40, height=LEVEL_ROW * 4)
    said = [_("Upwards: mean of what it adds to the score, in bins with equally many rows. Line: two standard errors.")]
    return [half_titled(panel, _("What %s adds, by its value") % shapes[0]["name"], said)]


def curve_panel(each: dict[str, Any], theme: Theme, room: int) -> Panel:
    """One input's curves, both less their mean over the places: the one to read with two standard errors, the other dashed."""
    import altair

    shown = each["preferred"]
    other = "pdp" if shown == "ale" else "ale"
    middle = {kind: sum(one[kind] for one in each["places"]) / len(each["places"]) for kind in (shown, other)}
    rows = [
        {
            "at": one["at"], "shown": one[shown] - middle[shown], "other": one[other] - middle[other],
            "low": one[shown] - middle[shown] - 2 * (one[f"{shown}_error"] or 0), "high": one[shown] - middle[shown] + 2 * (one[f"{shown}_error"] or 0),
        }
        for one in each["places"]
    ]  # fmt: skip
    base = altair.Chart().encode(
        x=altair.X("at:Q", title=each["name"], scale=altair.Scale(zero=False), axis=altair.Axis(tickCount=4))
    )
    whisker = base.mark_rule(strokeWidth=2, color=theme.ink).encode(
        y=altair.Y("low:Q", title=None, axis=altair.Axis(minExtent=room, maxExtent=room, tickCount=4)), y2="high:Q"
    )
    line = base.mark_line(color=theme.accent, strokeWidth=2).encode(y=altair.Y("shown:Q", title=None))
    dashed = base.mark_line(color=theme.limit, strokeDash=[4, 3]).encode(y=altair.Y("other:Q", title=None))
    panel = layered(rows, [whisker, dashed, line], width=HALF + 20 - room, height=LEVEL_ROW * 4)
    names = {"ale": _("accumulated local effects"), "pdp": _("partial dependence")}
    said = [
        _("Upwards: the score less its mean. Line with two standard errors: %(shown)s. Dashed: %(other)s.")
        % {"shown": names[shown], "other": names[other]}
    ]
    return half_titled(panel, _("How the score goes with %s") % each["name"], said)


def row_panel(row: dict[str, Any], theme: Theme, left: int) -> Panel:
    """One row: bars that begin where the last one ended; sign and place tell up from down, not colour alone."""
    import altair

    rows = steps(row)
    order = [step["label"] for step in rows]
    title = _("Score, in units of the raw score")
    y = altair.Y("label:N", sort=order, title=None, axis=altair.Axis(minExtent=left, maxExtent=left, grid=False))
    ends = [step[side] for step in rows for side in ("start", "end")]
    margin = 0.15 * (max(ends) - min(ends) or 1.0)
    scale = altair.Scale(domain=[min(ends) - margin, max(ends) + margin], nice=False)
    base = altair.Chart().encode(y=y)
    bars = base.mark_bar(height=13).encode(
        x=altair.X("start:Q", title=title, scale=scale, axis=altair.Axis(tickCount=4)), x2="end:Q",
        color=altair.Color("way:N", legend=None, scale=altair.Scale(domain=["up", "down"], range=[theme.accent, theme.bar])),
    )  # fmt: skip
    figures = base.mark_text(align="left", dx=6, fontSize=12, color=theme.ink).encode(x="right:Q", text="figure:N")
    panel = layered(rows, [bars, figures], width=HALF - left - 10, height=ROW * len(rows))
    said = [_("From %(base)s, the mean, to %(raw)s.") % {"base": f"{row['base']:.2f}", "raw": f"{row['raw']:.2f}"}]
    return half_titled(panel, _("Row %s step by step") % row["row"], said)


def steps(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The bars of one row: its largest inputs, then all the others together."""
    shown = row["inputs"][:MOST_STEPS]
    rest = row["rest"] + sum(one["contribution"] for one in row["inputs"][MOST_STEPS:])
    told = [(label_of(one), one["contribution"]) for one in shown]
    if len(row["inputs"]) + row["rest_inputs"] > len(shown):
        told.append((_("all others"), rest))
    at, drawn = row["base"], []
    for label, added in told:
        drawn.append(
            {
                "label": label,
                "start": at,
                "end": at + added,
                "right": max(at, at + added),
                "way": "up" if added >= 0 else "down",
                "figure": f"{added:+.2f}",
            }
        )
        at += added
    return drawn


def label_of(one: dict[str, Any]) -> str:
    """An input with its value in this row."""
    value = _("(missing)") if one["value"] is None else f"{one['value']:g}"
    return f"{one['name']} = {value}"


def half_titled(panel: Panel, title: str, subtitle: list[str]) -> Panel:
    """A title and lines that are no wider than half a drawing."""
    lines = [line for text in subtitle for line in wrapped(text, HALF)]
    return {**panel, "title": {"text": wrapped(title, HALF), "subtitle": lines}}
