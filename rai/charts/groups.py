"""Group fairness as a picture: every judged spread against its limit, then every group with its interval."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import ROW, WIDTH, Panel, Theme, beside, layered, room, titled
from rai.charts.words import (
    MARKS,
    by_name,
    confidence_of,
    metric_label,
    name_of,
    percent,
    rounded,
    verdict_label,
    whole,
)

MOST_GROUPS = 24
MOST_ROWS = 36
MOST_LIMITS = 8
SEVERITY = ("fail", "insufficient", "pass", "recorded")
MOST_METRICS = 2
OF_ALL_CLASSES = ("accuracy", "macro_f1")
USUAL_METRICS = ("selection_rate", "true_positive_rate", "false_positive_rate", "accuracy")


@dataclass(frozen=True)
class Sheet:
    """What all panels of one drawing share; `room` are the pixels left of every plot, so that plots stand in line."""

    outcome: dict[str, Any]
    theme: Theme
    room: int


def fairness_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of limits, if there are any, and panels of groups as far as a page holds them."""
    differences = [
        entry for entry in outcome["thresholds"] if entry.get("value") is not None and limit_of(entry) is not None
    ]
    metrics = shown_metrics(outcome, differences)
    judged = sorted(differences, key=lambda entry: SEVERITY.index(entry["verdict"]))[:MOST_LIMITS]
    groupings = drawn_groupings(outcome)
    labels = [limit_label(entry) for entry in judged]
    labels += [group_label(group, reference_of(outcome, list(by))) for by, groups in groupings for group in groups]
    sheet = Sheet(outcome, theme, room(labels or [""]))
    panels = [limits_panel(sheet, judged)] if judged else []
    return panels + [groups_panel(sheet, list(by), groups, metrics) for by, groups in groupings]


def drawn_groupings(outcome: dict[str, Any]) -> list[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    """The groupings that one page holds, each cut to its largest groups; the rest stands in the table beside."""
    found: dict[tuple[tuple[str, ...], str], list[dict[str, Any]]] = {}
    for group in outcome["groups"]:
        found.setdefault((tuple(group["by"]), stratum_of(group)), []).append(group)
    kept: list[tuple[tuple[str, ...], list[dict[str, Any]]]] = []
    for (by, _stratum), groups in found.items():
        if kept and sum(len(each) + 3 for _by, each in kept) + len(groups) > MOST_ROWS:
            continue
        largest = sorted(groups, key=lambda group: -group["n"])[:MOST_GROUPS]
        kept.append((by, [group for group in groups if group in largest] if len(groups) > MOST_GROUPS else groups))
    return kept


def stratum_of(group: dict[str, Any]) -> str:
    """The class or stratum that figures speak of; empty where they speak of all."""
    return name_of(group.get("control") or {})


def limit_of(entry: dict[str, Any]) -> float | None:
    """The limit of a rule about a difference of rates; other rules have another scale and are left to the table."""
    name, sign, limit = entry["rule"].partition("<=")
    return float(limit) if sign and "_difference" in name else None


def shown_metrics(outcome: dict[str, Any], entries: list[dict[str, Any]]) -> list[str]:
    """The metrics that were judged, else the usual first ones."""
    known = {name for group in outcome["groups"] for name in group["metrics"]}
    judged = [entry["rule"].partition("_difference")[0] for entry in entries]
    return [name for name in dict.fromkeys([*judged, *USUAL_METRICS]) if name in known][:MOST_METRICS]


def limits_panel(sheet: Sheet, entries: list[dict[str, Any]]) -> Panel:
    """Each judged spread as dot and whisker against its limit, with the verdict in words."""
    import altair

    theme = sheet.theme
    rows = [limit_row(entry, theme) for entry in entries]
    top = 1.12 * max(max(row["high"], row["limit"]) for row in rows)
    axis = altair.Axis(grid=False, labelPadding=8, minExtent=sheet.room, maxExtent=sheet.room)
    y = altair.Y("label:N", sort=[row["label"] for row in rows], title=None, axis=axis)
    title = _("Percentage points between the two groups that differ most")
    x = altair.X("value:Q", scale=altair.Scale(domain=[0, top], nice=False), title=title)
    base = altair.Chart().encode(y=y)
    color = altair.Color("color:N", scale=None)
    whisker = base.mark_rule(strokeWidth=3).encode(x=altair.X("low:Q", title=title), x2="high:Q", color=color)
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(x=x, color=color)
    limit = base.mark_tick(thickness=3, size=24, color=theme.limit, opacity=1).encode(
        x=altair.X("limit:Q", title=title)
    )
    named = base.mark_text(dy=-18, fontSize=11, color=theme.limit).encode(x="limit:Q", text="named:N")
    width = WIDTH - 290
    # Sign and word apart: a font without the sign would otherwise lend its substitute to the whole line.
    sign = base.mark_text(fontSize=14, fontWeight="bold").encode(x=altair.value(width + 22), text="sign:N", color=color)
    word = base.mark_text(align="left", fontSize=13, fontWeight="bold").encode(
        x=altair.value(width + 36), text="word:N", color=color
    )
    subtitle = [
        _("Dot: seen. Line: what the rows are compatible with (%s). Mark: the limit.") % confidence_of(sheet.outcome)
    ]
    left = len(sheet.outcome["thresholds"]) - len(entries)
    if left:
        subtitle.append(ngettext("%d more rule is in the table.", "%d more rules are in the table.", left) % left)
    panel = layered(rows, [limit, named, whisker, dots, sign, word], width=width, height=(ROW + 8) * len(rows))
    return titled(panel, _("Do the groups differ too much?"), subtitle)


def limit_row(entry: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """A rule's numbers in percentage points, and what stands beside them."""
    limit = float(limit_of(entry) or 0)
    low, high = (entry[end] if entry[end] is not None else entry["value"] for end in ("low", "high"))
    return {
        "label": limit_label(entry),
        "value": 100 * entry["value"], "low": 100 * low, "high": 100 * high, "limit": 100 * limit,
        "named": _("limit %s") % rounded(100 * limit, 0 if round(100 * limit) == round(100 * limit, 6) else 1),
        "sign": MARKS[entry["verdict"]], "word": verdict_label(entry["verdict"]), "color": theme.verdicts[entry["verdict"]],
    }  # fmt: skip


def limit_label(entry: dict[str, Any]) -> str:
    """What a rule is about, so that no two rows are called the same."""
    metric, _difference, versus = entry["rule"].partition("<=")[0].partition("_difference")
    against = {"_to_reference": _("%s, to the reference"), "_to_rest": _("%s, to all others")}.get(versus, "%s")
    label = _("%(metric)s by %(by)s") % {"metric": metric_label(metric), "by": by_name(entry["by"])}
    if entry.get("control"):
        label = f"{label}, {name_of(entry['control'])}"
    return against % label


def groups_panel(sheet: Sheet, by: list[str], groups: list[dict[str, Any]], metrics: list[str]) -> Panel:
    """Every group of one grouping, a column for each metric."""
    reference = reference_of(sheet.outcome, by)
    stratum, metrics = stratum_of(groups[0]), metrics_in(groups, metrics)
    columns = [
        metric_column(sheet, groups, metric, reference, is_first=place == 0) for place, metric in enumerate(metrics)
    ]
    subtitle = [_("Dot: seen. Line: %s interval. Dotted: all rows together.") % confidence_of(sheet.outcome)]
    if any(not drawn_as_judged(group, metric) for group in groups for metric in metrics):
        subtitle.append(_("Hollow and dashed: too few rows to decide by; shown, never judged."))
    left = sum(list(group["by"]) == by and stratum_of(group) == stratum for group in sheet.outcome["groups"]) - len(
        groups
    )
    if left:
        said = ngettext("%d smaller group is in the table only.", "%d smaller groups are in the table only.", left)
        subtitle.append(said % left)
    title = _("Groups by %s") % by_name(by)
    return titled(beside(columns), f"{title}: {stratum}" if stratum else title, subtitle)


def metrics_in(groups: list[dict[str, Any]], metrics: list[str]) -> list[str]:
    """Those of the metrics that these groups have; groups of all classes together have others than those of one class."""
    known = {name for group in groups for name in group["metrics"]}
    return [name for name in metrics if name in known] or [name for name in OF_ALL_CLASSES if name in known]


def drawn_as_judged(group: dict[str, Any], metric: str) -> bool:
    """The group has enough rows of the metric's own denominator."""
    value = group["metrics"].get(metric) or {}
    return group.get("evaluable", True) and value.get("evaluable", True) and value.get("value") is not None


def reference_of(outcome: dict[str, Any], by: list[str]) -> dict[str, str] | None:
    """The group that pairs are held against."""
    for disparity in outcome.get("disparities", []):
        if list(disparity["by"]) == by and disparity.get("reference"):
            return disparity["reference"]
    return None


def metric_column(
    sheet: Sheet, groups: list[dict[str, Any]], metric: str, reference: dict[str, str] | None, *, is_first: bool
) -> Panel:
    """One metric of the groups as dot and whisker; the first column carries the groups' names."""
    import altair

    theme = sheet.theme
    rows = [group_row(group, metric, reference, theme) for group in groups]
    order = [row["label"] for row in rows]
    y = altair.Y(
        "label:N", sort=order, title=None, scale=altair.Scale(domain=order),
        axis=altair.Axis(grid=True, labels=is_first, labelPadding=8, minExtent=sheet.room if is_first else 0, maxExtent=sheet.room if is_first else 0),
    )  # fmt: skip
    title = metric_label(metric)
    x = altair.X(
        "value:Q", title=title, scale=altair.Scale(domain=domain_of(rows), nice=False, zero=False),
        axis=altair.Axis(labelExpr="datum.value > 1 ? '' : format(100 * datum.value, '~g') + ' %'", tickCount=4, grid=False),
    )  # fmt: skip
    base = altair.Chart().encode(y=y)
    given = base.transform_filter("datum.value !== null")
    dashes = altair.Scale(domain=["full", "broken"], range=[[1, 0], [3, 3]])
    color = altair.Color("color:N", scale=None)
    whisker = given.mark_rule(strokeWidth=2.5).encode(
        x=altair.X("low:Q", title=title),
        x2="high:Q",
        color=color,
        strokeDash=altair.StrokeDash("dash:N", scale=dashes, legend=None),
    )
    dots = given.mark_point(size=55, strokeWidth=2, opacity=1, filled=True).encode(
        x=x, fill=altair.Fill("fill:N", scale=None), stroke=altair.Stroke("color:N", scale=None)
    )
    figure = given.encode(x="high:Q", text="figure:N")
    halo = figure.mark_text(align="left", dx=7, fontSize=11, stroke=theme.ground, strokeWidth=4)
    figures = figure.mark_text(align="left", dx=7, fontSize=11, color=theme.ink)
    none = base.transform_filter("datum.value === null").mark_text(align="left", dx=4, fontSize=11, color=theme.quiet)
    layers = [halo, whisker, dots, figures, none.encode(x=altair.value(0), text="figure:N")]
    overall = (overall_of(sheet.outcome, groups[0]).get(metric) or {}).get("value")
    if overall is not None:
        line = altair.Chart(altair.Data(values=[{"value": overall}])).mark_rule(strokeDash=[1, 3], color=theme.quiet)
        layers.insert(0, line.encode(x="value:Q"))
    return layered(rows, layers, width=(WIDTH - 180) // MOST_METRICS, height=(ROW - 8) * len(rows))


def overall_of(outcome: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    """The metrics over all rows, or over all rows as the class or stratum of the group sees them."""
    strata = {stratum_of(each): each for each in outcome.get("strata", [])}
    found = strata.get(stratum_of(group), {}) if stratum_of(group) else outcome.get("overall", {})
    return dict(found.get("metrics", {}))


def domain_of(rows: list[dict[str, Any]]) -> list[float]:
    """The scale of a metric: all intervals, at least 15 points wide so that a trifle looks like one, and room for text."""
    ends = [row[end] for row in rows if row["value"] is not None for end in ("low", "high")] or [0.0, 1.0]
    low, high = min(ends), max(ends)
    spare = max(0.0, 0.15 - (high - low)) / 2
    low, high = max(0.0, low - spare - 0.01), high + spare
    return [low, high + 0.32 * (high - low)]


def group_row(group: dict[str, Any], metric: str, reference: dict[str, str] | None, theme: Theme) -> dict[str, Any]:
    """A group's numbers of one metric and how they are drawn."""
    value = group["metrics"].get(metric) or {}
    judged = drawn_as_judged(group, metric)
    seen = value.get("value")
    return {
        "label": group_label(group, reference), "value": seen, "low": value.get("low", seen), "high": value.get("high", seen),
        "figure": _("not defined") if seen is None else percent(seen) if judged else _("%s (few)") % percent(seen),
        "color": theme.accent if judged else theme.quiet, "fill": theme.accent if judged else theme.ground,
        "dash": "full" if judged else "broken",
    }  # fmt: skip


def group_label(group: dict[str, Any], reference: dict[str, str] | None) -> str:
    """A group's name, its rows, and whether pairs are held against it."""
    label = _("%(group)s (n = %(n)s)") % {"group": name_of(group["group"]), "n": whole(group["n"])}
    return _("%s, reference") % label if group["group"] == reference else label
