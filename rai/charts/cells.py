"""Data quality as a picture: every judged rule against its limit, then what the cells of each column hold."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import THEMES, WIDTH, Panel, Theme, layered, room, svg, titled
from rai.charts.limits import Limit, limits_panel
from rai.charts.words import confidence_of, percent, rounded

MOST_COLUMNS = 24
COLUMN_ROW = 23


def data_quality(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each rule against its limit, then missing and invalid cells of every column with intervals."""
    with translation.override(language or translation.get_language()):
        return svg(quality_panels(outcome, THEMES[theme]), THEMES[theme])


def quality_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of limits, if there are any, and the columns."""
    limits = [limit_of(entry) for entry in outcome["thresholds"] if entry.get("value") is not None]
    columns = worst_columns(outcome)
    left = room([one.label for one in limits] + [str(column["name"]) for column in columns] + [""])
    panels = []
    if limits:
        said = [_("Dot: seen. Line: what the rows are compatible with (%s). Mark: the limit.") % confidence_of(outcome)]
        title, axis = _("Is the table good enough?"), _("Percent")
        panels.append(limits_panel(limits, theme, room=left, title=title, axis=axis, subtitle=said))
    return panels + ([columns_panel(outcome, columns, theme, left)] if columns else [])


def limit_of(entry: dict[str, Any]) -> Limit:
    """A rule in percent."""
    name, _sign, limit = entry["rule"].partition("<=")
    number, seen = 100 * float(limit), 100 * entry["value"]
    low, high = (seen if entry[end] is None else 100 * entry[end] for end in ("low", "high"))
    named = rounded(number, 0 if round(number) == round(number, 6) else 1)
    return Limit(rule_label(name), seen, low, high, number, named, entry["verdict"])


def rule_label(name: str) -> str:
    """What a rule is about, shortly."""
    labels = {
        "missing_share": _("Missing cells"), "invalid_share": _("Invalid values"), "duplicate_share": _("Doubled rows"),
        "key_duplicate_share": _("Doubled keys"), "key_missing_share": _("Missing keys"), "conflict_share": _("Contradictions"),
        "overlap_share": _("Rows in both tables"), "key_overlap_share": _("Keys in both tables"), "target_leakage": _("One column alone"),
    }  # fmt: skip
    return labels.get(name, name)


def worst_columns(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """Columns by what is wrong with them, as many as a page holds."""
    return sorted(outcome["columns"], key=lambda one: -(share(one, "missing_share") + share(one, "invalid_share")))[:MOST_COLUMNS]  # fmt: skip


def share(column: dict[str, Any], name: str) -> float:
    """A share of a column, 0 where it has none."""
    return float((column["metrics"].get(name) or {}).get("value") or 0.0)


def columns_panel(outcome: dict[str, Any], columns: list[dict[str, Any]], theme: Theme, left: int) -> Panel:
    """Missing cells as a full dot, invalid ones as a hollow square: form tells them apart, not colour alone."""
    import altair

    rows = [row for column in columns for row in column_rows(column)]
    top = 1.2 * max([row["high"] for row in rows] + [1.0])
    order = [str(column["name"]) for column in columns]
    side = altair.Axis(grid=True, labelPadding=8, minExtent=left, maxExtent=left)
    y = altair.Y("label:N", sort=order, title=None, scale=altair.Scale(domain=order), axis=side)
    title = _("Percent of cells")
    x = altair.X("value:Q", scale=altair.Scale(domain=[0, top], nice=False), title=title, axis=altair.Axis(tickCount=5))
    names = [_("missing"), _("invalid")]
    offset = altair.YOffset("what:N", scale=altair.Scale(domain=names, paddingOuter=0.35))
    base = altair.Chart().encode(y=y, yOffset=offset)
    shape = altair.Shape("what:N", scale=altair.Scale(domain=names, range=["circle", "square"]), sort=names)
    whisker = base.mark_rule(strokeWidth=2, color=theme.quiet).encode(x=altair.X("low:Q", title=title), x2="high:Q")
    marks = base.mark_point(filled=True, size=55, color=theme.accent, opacity=1).encode(x=x, shape=shape)
    figures = base.transform_filter("datum.value > 0").mark_text(align="left", dx=7, fontSize=11, color=theme.ink)
    panel = layered(rows, [whisker, marks, figures.encode(x="high:Q", text="figure:N")], width=WIDTH - 190, height=COLUMN_ROW * len(columns))  # fmt: skip
    return titled(panel, _("What is wrong with the cells of each column"), notes(outcome, columns))


def notes(outcome: dict[str, Any], columns: list[dict[str, Any]]) -> list[str]:
    """The lines under the title."""
    said = [_("Mark: seen. Line: %s interval. The worst columns stand first.") % confidence_of(outcome)]
    left = len(outcome["columns"]) - len(columns)
    if left:
        said.append(
            ngettext("%d more column is in the table only.", "%d more columns are in the table only.", left) % left
        )
    return said


def column_rows(column: dict[str, Any]) -> list[dict[str, Any]]:
    """A column's two shares."""
    found = []
    for name, what in (("missing_share", _("missing")), ("invalid_share", _("invalid"))):
        value = column["metrics"].get(name) or {}
        if value.get("value") is not None:
            ends = {end: 100 * value[end] for end in ("value", "low", "high")}
            found.append({"label": str(column["name"]), "what": what, **ends, "figure": percent(value["value"])})
    return found
