"""Personal data and the size of groups as pictures: what rows show, column by column, and how many hide in which crowd."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import ROW, THEMES, WIDTH, Panel, Theme, layered, room, svg, titled
from rai.charts.words import confidence_of, percent, whole
from rai.wording.privacy import band_label

MOST_COLUMNS = 16
Bar = dict[str, Any]


def personal_data(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Rows by what they show, then every column that holds personal data with its share."""
    with translation.override(language or translation.get_language()):
        rows, columns = row_bars(outcome, THEMES[theme]), column_bars(outcome, THEMES[theme])
        left = room([bar["label"] for bar in (*rows, *columns)])
        panels = [bars_panel(rows, THEMES[theme], left, _("What the rows show"), _("Percent of rows"))]
        if columns:
            title = _("Columns that hold personal data")
            panels.append(bars_panel(columns, THEMES[theme], left, title, _("Percent of rows"), notes(outcome)))
        return svg(panels, THEMES[theme])


def reidentification(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Rows by the size of the group in which they hide."""
    with translation.override(language or translation.get_language()):
        bars = band_bars(outcome, THEMES[theme]) or [bar(_("not known"), 0.0, "–", THEMES[theme].bar)]
        left = room([one["label"] for one in bars])
        said = [", ".join(outcome["quasi"]["columns"]) or _("No column is named that tells people apart.")]
        title, axis = _("Rows by the size of their group"), _("Percent of rows")
        return svg([bars_panel(bars, THEMES[theme], left, title, axis, said)], THEMES[theme])


def bar(label: str, value: float, figure: str, color: str, low: float | None = None, high: float | None = None) -> Bar:
    """One bar with what is written behind it, and an interval where there is one."""
    return {"label": label, "value": value, "figure": figure, "color": color, "low": value if low is None else low, "high": value if high is None else high}  # fmt: skip


def row_bars(outcome: dict[str, Any], theme: Theme) -> list[Bar]:
    """Rows without personal data, with some that may stand there, and with some that may not."""
    figures, rows = outcome["overall"]["metrics"], outcome["rows"]
    exposed = round(figures["exposed_rows"]["value"])
    found = round(figures["personal_share"]["value"] * rows)
    parts = (
        (_("nothing found"), rows - found, theme.bar),
        (_("found, and let through or held back"), found - exposed, theme.accent),
        (_("found, and shown"), exposed, theme.verdicts["fail"]),
    )
    return [bar(label, 100 * n / rows, f"{whole(n)} ({percent(n / rows)})", color) for label, n, color in parts]


def column_bars(outcome: dict[str, Any], theme: Theme) -> list[Bar]:
    """Columns with personal data, those that show it first."""
    found = []
    for one in outcome["found"][:MOST_COLUMNS]:
        sign, color = ("✕", theme.verdicts["fail"]) if one["is_exposed"] else ("✓", theme.accent)
        share = one["share"]
        figure = f"{sign} {percent(share['value'])}"
        found.append(
            bar(str(one["name"]), 100 * share["value"], figure, color, 100 * share["low"], 100 * share["high"])
        )
    return found


def notes(outcome: dict[str, Any]) -> list[str]:
    """The lines under the title of the columns."""
    said = [_("✕ shows personal data, ✓ may hold it or is held back. Line: %s interval.") % confidence_of(outcome)]
    left = len(outcome["found"]) - MOST_COLUMNS
    if left > 0:
        said.append(
            ngettext("%d more column is in the table only.", "%d more columns are in the table only.", left) % left
        )
    return said


def band_bars(outcome: dict[str, Any], theme: Theme) -> list[Bar]:
    """Rows by bands of group sizes; those below five in the colour of a fail."""
    rows = outcome["rows"]
    return [
        bar(
            band_label(one), 100 * one["rows"] / rows, f"{whole(one['rows'])} ({percent(one['rows'] / rows)})",
            theme.verdicts["fail"] if one["least"] < 5 else theme.bar,
        )
        for one in outcome["bands"]
    ]  # fmt: skip


def bars_panel(bars: list[Bar], theme: Theme, left: int, title: str, axis: str, said: list[str] | None = None) -> Panel:
    """Bars with figures behind them; an interval is a line over the bar."""
    import altair

    top = 1.05 * max([one["high"] for one in bars] + [1.0])
    order = [one["label"] for one in bars]
    side = altair.Axis(grid=False, labelPadding=8, minExtent=left, maxExtent=left)
    y = altair.Y("label:N", sort=order, title=None, scale=altair.Scale(domain=order), axis=side)
    x = altair.X("value:Q", scale=altair.Scale(domain=[0, top], nice=False), title=axis, axis=altair.Axis(tickCount=5))
    base = altair.Chart().encode(y=y)
    drawn = base.mark_bar(size=16).encode(x=x, color=altair.Color("color:N", scale=None))
    whisker = base.transform_filter("datum.low < datum.high").mark_rule(strokeWidth=2, color=theme.ink)
    figures = base.mark_text(align="left", dx=7, fontSize=12, color=theme.ink).encode(x="high:Q", text="figure:N")
    layers = [drawn, whisker.encode(x=altair.X("low:Q", title=axis), x2="high:Q"), figures]
    return titled(layered(bars, layers, width=WIDTH - 300, height=ROW * len(bars)), title, said or [])
