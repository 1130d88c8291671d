"""Drift as a picture: every judged rule against its limit, then each column's shift, the largest first."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import THEMES, WIDTH, Panel, Theme, layered, room, svg, titled
from rai.charts.limits import Limit, limits_panel
from rai.charts.words import confidence_of, rounded

MOST_COLUMNS = 20
COLUMN_ROW = 25


def drift(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each rule against its limit, then the stability index of every column with its interval."""
    with translation.override(language or translation.get_language()):
        return svg(drift_panels(outcome, THEMES[theme]), THEMES[theme])


def drift_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of limits, if there are any, and the columns."""
    limits = [limit_of(entry) for entry in outcome["thresholds"] if entry.get("value") is not None]
    columns = columns_shown(outcome)
    left = room([one.label for one in limits] + [label_of(column) for column in columns] + [""])
    panels = []
    if limits:
        said = [_("Dot: seen. Line: what the rows are compatible with. Mark: the limit. Each in its own unit.")]
        title, axis = _("Has it moved too far?"), _("Stability index, distance or share")
        panels.append(limits_panel(limits, theme, room=left, title=title, axis=axis, subtitle=said))
    return panels + ([columns_panel(outcome, columns, theme, left)] if columns else [])


def limit_of(entry: dict[str, Any]) -> Limit:
    """A rule with its numbers."""
    name, _sign, limit = entry["rule"].partition("<=")
    low, high = (entry["value"] if entry[end] is None else entry[end] for end in ("low", "high"))
    who = next(iter((entry.get("worst") or {}).get("group", {}).values()), "")
    label = _("%(rule)s: %(column)s") % {"rule": rule_label(name), "column": who.replace("_", " ")}
    named = rounded(float(limit), 2 if round(float(limit), 2) == float(limit) else 3)
    word = {"pass": _("Within"), "fail": _("Alarm"), "insufficient": _("Watch")}.get(entry["verdict"], "")
    return Limit(
        label, max(entry["value"], 0.0), max(low, 0.0), max(high, 0.0), float(limit), named, entry["verdict"], word
    )


def rule_label(name: str) -> str:
    """What a rule is about, shortly."""
    labels = {
        "data_psi": _("Inputs, index"), "data_ks": _("Inputs, KS"), "data_unseen_share": _("New categories"),
        "data_missing_difference": _("Missing cells"), "prediction_psi": _("Outputs, index"), "prediction_ks": _("Outputs, KS"),
        "prediction_unseen_share": _("New outputs"), "prediction_missing_difference": _("Missing outputs"),
    }  # fmt: skip
    return labels.get(name, _("Fall") if name.endswith("_drop") else name)


def columns_shown(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """Columns that have an index: outputs first, then inputs, each by how far they moved."""
    known = [column for column in outcome["columns"] if (column["metrics"].get("psi") or {}).get("value") is not None]
    return sorted(known, key=lambda one: (one["role"] != "prediction", -one["metrics"]["psi"]["value"]))[:MOST_COLUMNS]


def label_of(column: dict[str, Any]) -> str:
    """A column's name, and whether the model wrote it."""
    return _("%s (output)") % column["name"] if column["role"] == "prediction" else str(column["name"])


def columns_panel(outcome: dict[str, Any], columns: list[dict[str, Any]], theme: Theme, left: int) -> Panel:
    """The index of every column as dot and whisker; the usual marks 0.1 and 0.25 as dotted lines."""
    import altair

    rows = [column_row(column, theme) for column in columns]
    top = 1.25 * max([row["high"] for row in rows] + [0.12])
    order = [row["label"] for row in rows]
    side = altair.Axis(grid=True, labelPadding=8, minExtent=left, maxExtent=left)
    y = altair.Y("label:N", sort=order, title=None, scale=altair.Scale(domain=order), axis=side)
    title = _("Population stability index, less what chance alone shows")
    scale = altair.Scale(domain=[0, top], nice=False)
    x = altair.X("value:Q", scale=scale, title=title, axis=altair.Axis(tickCount=5, grid=False))
    base = altair.Chart().encode(y=y)
    color, dash = altair.Color("color:N", scale=None), altair.Scale(domain=["full", "broken"], range=[[1, 0], [3, 3]])
    whisker = base.mark_rule(strokeWidth=2.5).encode(
        x=altair.X("low:Q", title=title), x2="high:Q", color=color, strokeDash=altair.StrokeDash("dash:N", scale=dash, legend=None),
    )  # fmt: skip
    dots = base.mark_point(size=55, strokeWidth=2, opacity=1, filled=True).encode(
        x=x, fill=altair.Fill("fill:N", scale=None), stroke=altair.Stroke("color:N", scale=None)
    )
    figure = base.encode(x="high:Q", text="figure:N")
    halo = figure.mark_text(align="left", dx=7, fontSize=11, stroke=theme.ground, strokeWidth=4)
    figures = figure.mark_text(align="left", dx=7, fontSize=11, color=theme.ink)
    marks = [{"value": mark} for mark in (0.1, 0.25) if mark < top]
    usual = altair.Chart(altair.Data(values=marks)).mark_rule(strokeDash=[1, 3], color=theme.quiet)
    panel = layered(rows, [usual.encode(x="value:Q"), halo, whisker, dots, figures], width=WIDTH - 190, height=COLUMN_ROW * len(rows))  # fmt: skip
    return titled(panel, _("How far each column moved"), notes(outcome, columns, rows))


def notes(outcome: dict[str, Any], columns: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[str]:
    """The lines under the title."""
    said = [_("Dot: seen. Line: %s interval. Dotted: 0.1 and 0.25, the usual marks.") % confidence_of(outcome)]
    if any(row["dash"] == "broken" for row in rows):
        said.append(_("Hollow and dashed: many rows hold categories that the reference does not know; not judged."))
    left = len(outcome["columns"]) - len(columns)
    if left:
        said.append(
            ngettext("%d more column is in the table only.", "%d more columns are in the table only.", left) % left
        )
    return said


def column_row(column: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """A column's numbers and how they are drawn."""
    psi = column["metrics"]["psi"]
    judged = psi.get("evaluable", True)
    return {
        "label": label_of(column), "value": psi["value"], "low": psi["low"], "high": psi["high"],
        "figure": rounded(psi["value"], 3), "color": theme.accent if judged else theme.quiet,
        "fill": theme.accent if judged else theme.ground, "dash": "full" if judged else "broken",
    }  # fmt: skip
