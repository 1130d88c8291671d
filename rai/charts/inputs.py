"""Feature attribution as a picture: the inputs with intervals and rank intervals, then the groups side by side."""

import json
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import THEMES, WIDTH, Panel, Theme, layered, room, svg, titled
from rai.charts.explanations import below, labels_below
from rai.charts.words import by_name, confidence_of, name_of, percent, whole

MOST_FEATURES = 12
COMPARED_FEATURES = 6
FEATURE_ROW, GROUP_ROW = 25, 11
COMPARED_GROUPS = 5
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


def attribution(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """The importance of each input with its interval, its share and its rank interval, then the groups side by side."""
    with translation.override(language or translation.get_language()):
        return svg(attribution_panels(outcome, THEMES[theme]), THEMES[theme])


def attribution_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of importances, and one for each grouping that is not too wide to draw."""
    panels = [importances_panel(outcome, theme)]
    groupings: dict[str, list[dict[str, Any]]] = {}
    for group in outcome.get("groups", []):
        if group.get("evaluable"):
            groupings.setdefault(by_name(group["by"]), []).append(group)
    kept = {by: groups for by, groups in groupings.items() if 2 <= len(groups) <= COMPARED_GROUPS}
    # A page holds one; the others stand in the table.
    panels += [compared_panel(outcome, by, groups, theme) for by, groups in list(kept.items())[:1]]
    return [*panels, *below(outcome, theme, left_of(outcome))]


def importances_panel(outcome: dict[str, Any], theme: Theme) -> Panel:
    """Bars with intervals, shares and rank intervals, the most important input first."""
    import altair

    rows = [feature_row(feature) for feature in outcome["features"][:MOST_FEATURES]]
    order = [row["label"] for row in rows]
    top = 1.3 * max([row["high"] for row in rows] + [1e-9])
    y = altair.Y(
        "label:N",
        sort=order,
        title=None,
        axis=altair.Axis(grid=False, labelPadding=8, minExtent=left_of(outcome), maxExtent=left_of(outcome)),
    )
    title = _("Mean absolute SHAP value, in units of the raw score")
    scale = altair.Scale(domain=[0, top], nice=False)
    x = altair.X("value:Q", scale=scale, title=title, axis=altair.Axis(tickCount=5))
    base = altair.Chart().encode(y=y)
    bars = base.mark_bar(color=theme.bar, height=15).encode(x=x)
    whisker = base.mark_rule(strokeWidth=2.5, color=theme.ink).encode(x=altair.X("low:Q", title=title), x2="high:Q")
    figures = base.mark_text(align="left", dx=8, fontSize=12, color=theme.ink).encode(x="high:Q", text="figure:N")
    panel = layered(rows, [bars, whisker, figures], width=WIDTH - 200, height=FEATURE_ROW * len(rows))
    return titled(panel, _("Which inputs move the score"), notes(outcome))


def left_of(outcome: dict[str, Any]) -> int:
    """Pixels left of every plot in the first column, so that they stand in line."""
    return room(
        [*(feature_row(feature)["label"] for feature in outcome["features"][:MOST_FEATURES]), *labels_below(outcome)]
    )


def feature_row(feature: dict[str, Any]) -> dict[str, Any]:
    """An input's numbers, with its rank interval before its name and its share behind the bar."""
    value, share = feature["importance"], feature["share"]
    low, high = feature["rank_low"], feature["rank_high"]
    rank = f"{low}" if low == high else f"{low}–{high}"
    seen = value["value"] or 0.0
    return {
        "label": _("%(rank)s.  %(feature)s") % {"rank": rank, "feature": feature["name"]}, "value": seen,
        "low": seen if value["low"] is None else value["low"], "high": seen if value["high"] is None else value["high"],
        "figure": "" if share["value"] is None else percent(share["value"]),
    }  # fmt: skip


def notes(outcome: dict[str, Any]) -> list[str]:
    """The lines under the title: rows, what bar, line and rank mean, and what was left out."""
    sample, features = outcome["sample"], outcome["features"]
    used, available = whole(sample["rows_used"]), whole(sample["rows_available"])
    said = [
        _("%(used)s of %(available)s rows. Line: %(confidence)s interval. Percentage: share of all attribution.")
        % {"used": used, "available": available, "confidence": confidence_of(outcome)}
    ]
    if any(feature["rank_low"] != feature["rank_high"] for feature in features):
        said.append(_("A range before a name: these rows cannot tell the ranks within it apart."))
    if len(features) > MOST_FEATURES:
        left = len(features) - MOST_FEATURES
        said.append(
            ngettext("%d smaller input is in the table only.", "%d smaller inputs are in the table only.", left) % left
        )
    if not outcome.get("explainer", {}).get("additive", True):
        said.append(_("These values do not add up to the score: do not rely on them."))
    return said


def compared_panel(outcome: dict[str, Any], by: str, groups: list[dict[str, Any]], theme: Theme) -> Panel:
    """The most important inputs, with one mark for each group: form and place tell them apart, not colour alone."""
    import altair

    labels = [
        _("%(group)s (n = %(n)s)") % {"group": name_of(group["group"]), "n": whole(group["n"])} for group in groups
    ]
    rows = compared_rows(outcome, groups, labels)
    places = [row["place"] for row in rows]
    named = {row["place"]: row["feature"] for row in rows if row["is_middle"]}
    title = _("Mean absolute SHAP value, in units of the raw score")
    y = altair.Y(
        "place:O", title=None, scale=altair.Scale(domain=list(range(max(places) + 1))),
        axis=altair.Axis(labelExpr=f"{json.dumps({str(key): name for key, name in named.items()})}[datum.label] || ''",
                         labelOverlap=False, minExtent=left_of(outcome), maxExtent=left_of(outcome), grid=False, labelPadding=8),
    )  # fmt: skip
    top = 1.05 * max([row["high"] for row in rows] + [1e-9])
    x = altair.X("value:Q", title=title, scale=altair.Scale(domain=[0, top]), axis=altair.Axis(tickCount=5))
    shape = altair.Shape("group:N", scale=altair.Scale(domain=labels, range=list(SHAPES[: len(labels)])), sort=labels)
    base = altair.Chart().encode(y=y)
    whisker = base.mark_rule(strokeWidth=2, color=theme.quiet).encode(x=altair.X("low:Q", title=title), x2="high:Q")
    marks = base.mark_point(filled=True, size=70, color=theme.accent, opacity=1).encode(x=x, shape=shape)
    subtitle = [_("Line: %s interval. Marks far apart: the input weighs more for one group.") % confidence_of(outcome)]
    panel = layered(rows, [whisker, marks], width=WIDTH - 200, height=GROUP_ROW * (max(places) + 1))
    return titled(panel, _("The same inputs by %s") % by, subtitle)


def compared_rows(outcome: dict[str, Any], groups: list[dict[str, Any]], labels: list[str]) -> list[dict[str, Any]]:
    """A row for each input and group. `place` counts downwards and leaves one free after each input."""
    names = [feature["name"] for feature in outcome["features"][:COMPARED_FEATURES]]
    rows = []
    for first, name in enumerate(names):
        for second, (group, label) in enumerate(zip(groups, labels, strict=True)):
            value = group["metrics"][name]
            rows.append(
                {
                    "feature": name, "group": label, "place": first * (len(groups) + 1) + second,
                    "is_middle": second == (len(groups) - 1) // 2,
                    **{end: value[end] for end in ("value", "low", "high")},
                }
            )  # fmt: skip
    return rows
