"""Sample adequacy as a picture: every declared need with what is reached, then the half-width of every group against it."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import ROW, THEMES, WIDTH, Panel, Theme, beside, layered, room, svg, titled
from rai.charts.groups import Sheet, drawn_as_judged, drawn_groupings, group_label
from rai.charts.limits import Limit, limits_panel
from rai.charts.words import by_name, confidence_of, metric_label, rounded, whole
from rai.wording.rules import about

MOST_METRICS = 2
USUAL = ("selection_rate", "true_positive_rate")


def sample_adequacy(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each declared need with what is reached, then half-widths by group."""
    with translation.override(language or translation.get_language()):
        return svg(adequacy_panels(outcome, THEMES[theme]), THEMES[theme])


def adequacy_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of needs, if there are any, and panels of groups as far as a page holds them."""
    limits = [limit_of(entry) for entry in outcome["thresholds"] if entry.get("value") is not None]
    groupings = drawn_groupings(outcome)
    labels = [one.label for one in limits] + [group_label(group, None) for _by, groups in groupings for group in groups]
    sheet = Sheet(outcome, theme, room(labels or [""]))
    said = [_("Dot: what these rows reach. Mark: the declared need. Differences: those that would show with a chance of 80 %.")]  # fmt: skip
    panels = (
        [limits_panel(limits, theme, room=sheet.room, title=_("Do the rows suffice?"), axis=_("Percentage points"), subtitle=said)]
        if limits
        else []
    )  # fmt: skip
    return panels + [groups_panel(sheet, by, groups) for by, groups in groupings]


def limit_of(entry: dict[str, Any]) -> Limit:
    """A need in percentage points."""
    name, _sign, limit = entry["rule"].partition("<=")
    number, seen = 100 * float(limit), 100 * entry["value"]
    named = rounded(number, 0 if round(number) == round(number, 6) else 1)
    return Limit(need_label(entry, name), seen, seen, seen, number, named, entry["verdict"])


def need_label(entry: dict[str, Any], name: str) -> str:
    """What a need is about, so that no two are called the same."""
    words = {
        "_group_half_width": _("%(metric)s by %(by)s, ±"), "_half_width": _("%(metric)s, all rows, ±"),
        "_detectable_difference": _("%(metric)s by %(by)s, differences"),
    }  # fmt: skip
    ending = next(ending for ending in words if name.endswith(ending))
    return words[ending] % {"metric": metric_label(name.removesuffix(ending)), "by": by_name(entry["by"])}


def needs_of(outcome: dict[str, Any], by: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The declared need of each metric in a grouping."""
    return {need["metric"]: need for need in outcome["needs"] if tuple(need["by"]) == by}


def groups_panel(sheet: Sheet, by: tuple[str, ...], groups: list[dict[str, Any]]) -> Panel:
    """Every group of one grouping, a column for each metric."""
    needs = needs_of(sheet.outcome, by)
    metrics = list(dict.fromkeys([*needs, *USUAL]))[:MOST_METRICS]
    columns = [
        column(sheet, groups, metric, needs.get(metric), is_first=not place) for place, metric in enumerate(metrics)
    ]
    said = [_("Half of the width of the %s interval.") % confidence_of(sheet.outcome)]
    if needs:
        said.append(_("Mark: the declared need. Behind the figure: about how many more rows would reach it."))
    if any(not drawn_as_judged(group, metric) for group in groups for metric in metrics):
        said.append(_("Hollow: too few rows to decide by; shown, never judged."))
    left = sum(tuple(group["by"]) == by for group in sheet.outcome["groups"]) - len(groups)
    if left:
        words = ngettext("%d smaller group is in the table only.", "%d smaller groups are in the table only.", left)
        said.append(words % left)
    return titled(beside(columns), _("Groups by %s") % by_name(by), said)


def column(
    sheet: Sheet, groups: list[dict[str, Any]], metric: str, need: dict[str, Any] | None, *, is_first: bool
) -> Panel:
    """One metric: a line from 0 to the half-width of each group, and the need."""
    import altair

    theme = sheet.theme
    rows = [row(group, metric, need, theme) for group in groups]
    order = [each["label"] for each in rows]
    space = sheet.room if is_first else 0
    side = altair.Axis(grid=True, labels=is_first, labelPadding=8, minExtent=space, maxExtent=space)
    y = altair.Y("label:N", sort=order, title=None, scale=altair.Scale(domain=order), axis=side)
    limit = 100 * need["limit"] if need else 0.0
    top = 1.75 * max([each["value"] or 0.0 for each in rows] + [limit, 0.1])
    title = _("%s, points") % metric_label(metric)
    scale = altair.Scale(domain=[0, top], nice=False)
    x = altair.X("value:Q", title=title, scale=scale, axis=altair.Axis(tickCount=4, grid=False))
    base = altair.Chart().encode(y=y)
    given = base.transform_filter("datum.value !== null")
    color = altair.Color("color:N", scale=None)
    stem = given.transform_calculate(zero="0").mark_rule(strokeWidth=2.5)
    dots = given.mark_point(size=55, strokeWidth=2, opacity=1, filled=True).encode(
        x=x, fill=altair.Fill("fill:N", scale=None), stroke=altair.Stroke("color:N", scale=None)
    )
    text = given.mark_text(align="left", dx=8, fontSize=11, color=theme.ink).encode(x="far:Q", text="figure:N")
    none = base.transform_filter("datum.value === null").mark_text(align="left", dx=4, fontSize=11, color=theme.quiet)
    layers = [stem.encode(x=altair.X("zero:Q", title=title), x2="value:Q", color=color), dots, text]
    layers.append(none.encode(x=altair.value(0), text="figure:N"))
    if need:
        mark = base.mark_tick(thickness=3, size=18, color=theme.limit, opacity=1)
        layers.insert(0, mark.encode(x=altair.X("limit:Q", title=title)))
    return layered(rows, layers, width=(WIDTH - 180) // MOST_METRICS, height=(ROW - 8) * len(rows))


def row(group: dict[str, Any], metric: str, need: dict[str, Any] | None, theme: Theme) -> dict[str, Any]:
    """One group's half-width and what stands beside it."""
    half = group["half_widths"][metric]["value"]
    judged = drawn_as_judged(group, metric)
    limit = 100 * need["limit"] if need else None
    shown = None if half is None else 100 * half
    return {
        "label": group_label(group, None), "value": shown, "limit": limit, "far": max(shown or 0.0, limit or 0.0),
        "figure": _("not defined") if shown is None else figure(shown, group, need),
        "color": theme.accent if judged else theme.quiet, "fill": theme.accent if judged else theme.ground,
    }  # fmt: skip


def figure(shown: float, group: dict[str, Any], need: dict[str, Any] | None) -> str:
    """The half-width, and the rows that are lacking."""
    text = f"±{rounded(shown, 1)}"
    rows = next((one["rows"] for one in need["groups"] if one["group"] == group["group"]), None) if need else None
    return f"{text}, +{whole(about(rows))}" if rows else text
