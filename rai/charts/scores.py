"""Performance and calibration as pictures: rules, groups by metric, the weakest slices, and how scores keep their word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import ROW, THEMES, WIDTH, Panel, Theme, beside, layered, room, svg, titled
from rai.charts.groups import drawn_groupings, group_label
from rai.charts.limits import Limit, limits_panel
from rai.charts.words import by_name, confidence_of, metric_label, percent, rounded, whole

SHARES = ("accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "brier_score",
          "mean_residual", "calibration_error")  # fmt: skip
DECISIONS, SCORED, NUMBERS = (
    ("accuracy", "balanced_accuracy"),
    ("accuracy", "roc_auc"),
    ("mean_absolute_error", "mean_residual"),
)
COMPARED = ("mean_prediction", "mean_absolute_error")
CALIBRATED = ("mean_residual", "calibration_error")
MOST_SPOTS = 6
MOST_CURVES = 4
SQUARE, SMALL_SQUARE = 250, 128

Write = Callable[[float], str]


def performance(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each judged value against its limit, every group's metrics with intervals, and the slices that are weakest."""
    with translation.override(language or translation.get_language()):
        return svg(performance_panels(outcome, THEMES[theme]), THEMES[theme])


def calibration(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each judged value against its limit, the reliability curve of all rows and of groups, every group's error."""
    with translation.override(language or translation.get_language()):
        return svg(calibration_panels(outcome, THEMES[theme]), THEMES[theme])


def performance_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panels as far as a page holds them."""
    known = outcome["overall"]["metrics"]
    metrics = NUMBERS if outcome.get("kind") == "regression" else SCORED if "roc_auc" in known else DECISIONS
    groupings = drawn_groupings(outcome)
    spots = outcome["weak_spots"]["slices"][:MOST_SPOTS]
    labels = [spot_label(spot) for spot in spots] + [rule_label(entry) for entry in drawn_rules(outcome)]
    sheet = Sheet(outcome, theme, left_of(labels, groupings))
    panels = rules_panels(sheet) + [groups_panel(sheet, by, groups, metrics) for by, groups in groupings]
    return panels + ([spots_panel(sheet, spots)] if spots else [])


def compared_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """Groups of predicted numbers: limits that fit on one scale, then what is predicted and how wrong it is."""
    groupings = drawn_groupings(outcome)
    sheet = Sheet(outcome, theme, left_of([rule_label(entry) for entry in drawn_rules(outcome)], groupings))
    return rules_panels(sheet) + [groups_panel(sheet, by, groups, COMPARED) for by, groups in groupings]


def calibration_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panels as far as a page holds them."""
    groupings = drawn_groupings(outcome)
    sheet = Sheet(outcome, theme, left_of([rule_label(entry) for entry in drawn_rules(outcome)], groupings))
    panels = rules_panels(sheet)
    if outcome["overall"].get("more"):
        panels.append(curves_panel(sheet, groupings))
    return panels + [groups_panel(sheet, by, groups, CALIBRATED) for by, groups in groupings]


@dataclass(frozen=True)
class Sheet:
    """What all panels of one drawing share; `room` are the pixels left of every plot, so that plots stand in line."""

    outcome: dict[str, Any]
    theme: Theme
    room: int


def left_of(labels: list[str], groupings: Sequence[tuple[tuple[str, ...], list[dict[str, Any]]]]) -> int:
    """Pixels left of the plots."""
    return room(
        [
            *labels,
            *(group_label(group, None) for _by, groups in groupings for group in groups),
            "",
        ]
    )


# ---- rules


def drawn_rules(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules whose values lie between 0 and 1 and so fit on one scale; the others stand in the table."""
    names = tuple(outcome["overall"]["metrics"])
    shares = tuple(name for name in names if name in SHARES)
    return [
        entry
        for entry in outcome["thresholds"]
        if entry.get("value") is not None and entry["value"] >= 0 and entry["rule"].startswith(shares)
    ]


def rules_panels(sheet: Sheet) -> list[Panel]:
    """The panel of rules, if there are any."""
    entries = drawn_rules(sheet.outcome)
    if not entries:
        return []
    subtitle = [
        _("Dot: seen. Line: what the rows are compatible with (%s). Mark: the limit.") % confidence_of(sheet.outcome)
    ]
    left = len(sheet.outcome["thresholds"]) - len(entries)
    if left:
        subtitle.append(ngettext("%d rule on another scale is in the table.", "%d rules on another scale are in the table.", left) % left)  # fmt: skip
    return [
        limits_panel(
            [limit_of(entry) for entry in entries], sheet.theme, room=sheet.room, title=_("Are the limits met?"),
            axis=_("Value, or difference between groups"), subtitle=subtitle,
        )
    ]  # fmt: skip


def limit_of(entry: dict[str, Any]) -> Limit:
    """A rule in its own units."""
    limit = float(entry["rule"].replace(">=", "<=").partition("<=")[2])
    low, high = (entry["value"] if entry[end] is None else entry[end] for end in ("low", "high"))
    return Limit(rule_label(entry), entry["value"], max(low, 0.0), high, limit, f"{limit:g}", entry["verdict"])


def rule_label(entry: dict[str, Any]) -> str:
    """What a rule is about, so that no two rows are called the same."""
    name, by = entry["rule"].replace(">=", "<=").partition("<=")[0], by_name(entry["by"])
    endings = {
        "_difference_to_reference": _("%(metric)s by %(by)s, to the reference"),
        "_difference_to_rest": _("%(metric)s by %(by)s, to all others"),
        "_difference": _("%(metric)s by %(by)s, difference"), "_ratio": _("%(metric)s by %(by)s, ratio"),
        "_group_min": _("%(metric)s, lowest by %(by)s"), "_group_max": _("%(metric)s, highest by %(by)s"),
    }  # fmt: skip
    for ending, words in endings.items():
        if name.endswith(ending):
            return words % {"metric": metric_label(name.removesuffix(ending)), "by": by}
    return metric_label(name)


# ---- groups


def groups_panel(sheet: Sheet, by: tuple[str, ...], groups: list[dict[str, Any]], metrics: Sequence[str]) -> Panel:
    """Every group of one grouping, a column for each metric."""
    columns = [column(sheet, groups, metric, is_first=place == 0) for place, metric in enumerate(metrics)]
    subtitle = [_("Dot: seen. Line: %s interval. Dotted: all rows together.") % confidence_of(sheet.outcome)]
    if any(not is_judged(group, metric) for group in groups for metric in metrics):
        subtitle.append(_("Hollow and dashed: too few rows to decide by; shown, never judged."))
    left = sum(tuple(group["by"]) == by for group in sheet.outcome["groups"]) - len(groups)
    if left:
        said = ngettext("%d smaller group is in the table only.", "%d smaller groups are in the table only.", left)
        subtitle.append(said % left)
    return titled(beside(columns), _("Groups by %s") % by_name(by), subtitle)


def is_judged(group: dict[str, Any], metric: str) -> bool:
    """The group has enough rows of the metric's own denominator."""
    value = group["metrics"].get(metric) or {}
    return group.get("evaluable", True) and value.get("evaluable", True) and value.get("value") is not None


def written(metric: str) -> Write:
    """How a metric is written: accuracies as percentages, everything else as numbers."""
    if metric in {"accuracy", "balanced_accuracy"}:
        return percent
    return (lambda value: rounded(value, 3)) if metric in SHARES else (lambda value: f"{value:.4g}")


def column(sheet: Sheet, groups: list[dict[str, Any]], metric: str, *, is_first: bool) -> Panel:
    """One metric of the groups; the first column carries the groups' names."""
    rows = [group_row(group, metric, sheet.theme) for group in groups]
    overall = (sheet.outcome["overall"]["metrics"].get(metric) or {}).get("value")
    return whiskers(rows, sheet.theme, title=metric_label(metric), left=sheet.room if is_first else 0, line=overall,
                    is_percent=written(metric) is percent)  # fmt: skip


def group_row(group: dict[str, Any], metric: str, theme: Theme) -> dict[str, Any]:
    """A group's numbers of one metric and how they are drawn."""
    value, judged = group["metrics"].get(metric) or {}, is_judged(group, metric)
    seen = value.get("value")
    text = _("not defined") if seen is None else written(metric)(seen)
    return drawn_row(group_label(group, None), value, text if judged or seen is None else _("%s (few)") % text, theme,
                     is_full=judged)  # fmt: skip


def drawn_row(label: str, value: dict[str, Any], text: str, theme: Theme, *, is_full: bool) -> dict[str, Any]:
    """A value object as dot and whisker, hollow and dashed where nothing is decided by it."""
    seen = value.get("value")
    low, high = (seen if value.get(end) is None else value[end] for end in ("low", "high"))
    return {
        "label": label, "value": seen, "low": low, "high": high, "figure": text,
        "color": theme.accent if is_full else theme.quiet, "fill": theme.accent if is_full else theme.ground,
        "dash": "full" if is_full else "broken",
    }  # fmt: skip


def whiskers(
    rows: list[dict[str, Any]], theme: Theme, *, title: str, left: int, line: float | None, is_percent: bool,
    width: int = (WIDTH - 180) // 2,
) -> Panel:  # fmt: skip
    """Dots with whiskers, a row each, and one upright line."""
    import altair

    order = [row["label"] for row in rows]
    side = altair.Axis(grid=True, labels=left > 0, labelPadding=8, minExtent=left, maxExtent=left)
    y = altair.Y("label:N", sort=order, title=None, scale=altair.Scale(domain=order), axis=side)
    of_share = "datum.value > 1 ? '' : format(100 * datum.value, '~g') + ' %'"
    shown = of_share if is_percent else "format(datum.value, '~g')"
    scale = altair.Scale(domain=domain_of(rows, line), nice=False, zero=False)
    x = altair.X("value:Q", title=title, scale=scale, axis=altair.Axis(labelExpr=shown, tickCount=4, grid=False))
    base = altair.Chart().encode(y=y)
    given = base.transform_filter("datum.value !== null")
    dashes = altair.Scale(domain=["full", "broken"], range=[[1, 0], [3, 3]])
    color = altair.Color("color:N", scale=None)
    dash = altair.StrokeDash("dash:N", scale=dashes, legend=None)
    low = altair.X("low:Q", title=title)
    whisker = given.mark_rule(strokeWidth=2.5).encode(x=low, x2="high:Q", color=color, strokeDash=dash)
    dots = given.mark_point(size=55, strokeWidth=2, opacity=1, filled=True).encode(
        x=x, fill=altair.Fill("fill:N", scale=None), stroke=altair.Stroke("color:N", scale=None)
    )
    figure = given.encode(x="high:Q", text="figure:N")
    halo = figure.mark_text(align="left", dx=7, fontSize=11, stroke=theme.ground, strokeWidth=4)
    figures = figure.mark_text(align="left", dx=7, fontSize=11, color=theme.ink)
    none = base.transform_filter("datum.value === null").mark_text(align="left", dx=4, fontSize=11, color=theme.quiet)
    layers = [halo, whisker, dots, figures, none.encode(x=altair.value(0), text="figure:N")]
    if line is not None:
        rule = altair.Chart(altair.Data(values=[{"value": line}])).mark_rule(strokeDash=[1, 3], color=theme.quiet)
        layers.insert(0, rule.encode(x="value:Q"))
    return layered(rows, layers, width=width, height=(ROW - 8) * len(rows))


def domain_of(rows: list[dict[str, Any]], line: float | None) -> list[float]:
    """All intervals and the line, and a third more on the right for the figures."""
    ends = [row[end] for row in rows if row["value"] is not None for end in ("low", "high")]
    ends += [] if line is None else [line]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    wide = max(high - low, 0.02 * max(abs(low), abs(high)), 1e-6)
    return [low - 0.05 * wide, high + 0.4 * wide]


# ---- weak spots


def spots_panel(sheet: Sheet, spots: list[dict[str, Any]]) -> Panel:
    """How much worse each slice is than all other rows."""
    found = sheet.outcome["weak_spots"]
    is_error = found["is_error"]
    rows = [
        drawn_row(
            spot_label(spot), spot["gap"], spot_text(spot, is_error), sheet.theme, is_full=spot["is_surely_worse"]
        )
        for spot in spots
    ]
    title = _("Larger than on all other rows by") if is_error else _("Less than on all other rows by")
    panel = whiskers(rows, sheet.theme, title=f"{metric_label(found['metric'])}: {title}", left=sheet.room, line=0.0,
                     is_percent=not is_error, width=WIDTH - 250)  # fmt: skip
    subtitle = [
        ngettext(
            "%(n)d slice by one or two columns was compared.",
            "%(n)d slices by one or two columns were compared; the lines hold for all of them together.",
            found["comparisons"],
        )
        % {"n": found["comparisons"]},
        _("Filled: surely worse. Hollow and dashed: chance alone may explain it. Dotted: no difference."),
    ]
    return titled(panel, _("Where it is weakest"), subtitle)


def spot_label(spot: dict[str, Any]) -> str:
    """A slice's name and its rows."""
    return _("%(group)s (n = %(n)s)") % {"group": group_words(spot), "n": whole(spot["n"])}


def group_words(group: dict[str, Any]) -> str:
    """A group by its columns and values."""
    return ", ".join(f"{column}: {value}" for column, value in group["group"].items())


def spot_text(spot: dict[str, Any], is_error: bool) -> str:
    """The gap as a figure."""
    return f"{spot['gap']['value']:.3g}" if is_error else rounded(100 * spot["gap"]["value"], 1)


# ---- reliability


def curves_panel(sheet: Sheet, groupings: Sequence[tuple[tuple[str, ...], list[dict[str, Any]]]]) -> Panel:
    """The reliability curve of all rows, and small ones of the largest groups of the first grouping."""
    squares = [square(sheet, sheet.outcome["overall"], size=SQUARE, name="")]
    groups = [group for _by, found in groupings[:1] for group in found if group.get("more")]
    small = [square(sheet, group, size=SMALL_SQUARE, name=group_words(group)) for group in groups[:MOST_CURVES]]
    if small:
        squares.append({"vconcat": [beside(small[:2]), beside(small[2:])] if len(small) > 2 else [beside(small)]})
    subtitle = [
        _("A dot: rows of like score. Across: their mean score. Up: the share of positives, with its 95 % interval."),
        _("Scores that keep their word lie on the dotted line; above it more happens than they say, below it less."),
    ]
    return titled({"hconcat": squares, "spacing": 40}, _("Do the scores keep their word?"), subtitle)


def square(sheet: Sheet, group: dict[str, Any], *, size: int, name: str) -> Panel:
    """One reliability curve."""
    import altair

    theme = sheet.theme
    rows = [
        {"score": each["score"], "value": each["observed"]["value"], "low": each["observed"]["low"], "high": each["observed"]["high"]}
        for each in group["more"]["bins"]
    ]  # fmt: skip
    ticks, left = (5, sheet.room) if size == SQUARE else (2, 0)
    shown = "format(100 * datum.value, '~g') + ' %'"
    # The corner's 0 stands once, on the upright axis.
    across = altair.Axis(grid=False, tickCount=ticks, labelFlush=False, labelExpr=f"datum.value > 0 ? {shown} : ''")
    upright = altair.Axis(grid=False, tickCount=ticks, labelExpr=shown, minExtent=left)
    unit = altair.Scale(domain=[0, 1], nice=False)
    x = altair.X("score:Q", scale=unit, title=_("Mean score") if size == SQUARE else None, axis=across)
    y = altair.Y("value:Q", scale=unit, title=None, axis=upright)
    base = altair.Chart()
    ideal = altair.Chart(altair.Data(values=[{"score": 0, "value": 0}, {"score": 1, "value": 1}]))
    layers = [
        ideal.mark_line(strokeDash=[1, 3], color=theme.quiet, strokeWidth=1.5).encode(x=x, y=y),
        base.mark_line(color=theme.accent, strokeWidth=1.5).encode(x=x, y=y),
        base.mark_rule(color=theme.accent, strokeWidth=2).encode(
            x=x, y=altair.Y("low:Q", title=None, axis=upright), y2="high:Q"
        ),
        base.mark_point(filled=True, color=theme.accent, size=50 if size == SQUARE else 22, opacity=1).encode(x=x, y=y),
    ]
    panel = layered(rows, layers, width=size, height=size)
    title = {"text": name, "fontSize": 12, "fontWeight": "normal", "anchor": "middle", "offset": 4}
    return {**panel, "title": title} if name else panel
