"""Trials of a model as a picture: each figure with its interval, against its limit where it has one."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from rai.charts.drawing import ROW, THEMES, WIDTH, Panel, Theme, layered, room, svg, titled
from rai.charts.limits import Limit, limits_panel
from rai.wording.trials import figure_words, in_order, label_of


def trials(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Figures with a limit, or all of them where none has one."""
    with translation.override(language or translation.get_language()):
        return svg([panel_of(outcome, THEMES[theme])], THEMES[theme])


def panel_of(outcome: dict[str, Any], theme: Theme) -> Panel:
    """The panel of a trial: limits where there are any, else what was seen."""
    limits = [judged(entry) for entry in outcome["thresholds"] if entry["value"] is not None]
    title, axis = _("What the trial showed"), _("Share, or size of the change")
    if not limits:
        return titled(
            seen_panel(outcome, theme, axis), title, [_("Dot: seen. Line: what the rows are compatible with.")]
        )
    said = [_("Dot: seen. Line: what the rows are compatible with. Mark: the limit. Each in its own unit.")]
    return limits_panel(limits, theme, room=room([one.label for one in limits]), title=title, axis=axis, subtitle=said)


def seen_panel(outcome: dict[str, Any], theme: Theme, axis: str) -> Panel:
    """Every figure with its interval, for a run without limits."""
    import altair

    rows: list[dict[str, Any]] = [
        {"label": label_of(name), "figure": figure_words(name, one["value"]), **{end: one[end] or 0.0 for end in ("value", "low", "high")}}
        for name, one in in_order(outcome)
    ]  # fmt: skip
    labels = [str(row["label"]) for row in rows]
    y = altair.Y(
        "label:N", sort=labels, title=None, axis=altair.Axis(grid=False, minExtent=room(labels), maxExtent=room(labels))
    )
    scale = altair.Scale(domain=[0, 1.15 * max([row["high"] for row in rows] + [1e-9])], nice=False)
    base = altair.Chart().encode(y=y)
    dots = base.mark_point(filled=True, size=90, color=theme.accent, opacity=1).encode(
        x=altair.X("value:Q", scale=scale, title=axis)
    )
    whisker = base.mark_rule(strokeWidth=3, color=theme.ink).encode(x=altair.X("low:Q", title=axis), x2="high:Q")
    figures = base.mark_text(align="left", dx=8, fontSize=12, color=theme.ink).encode(x="high:Q", text="figure:N")
    return layered(rows, [whisker, dots, figures], width=WIDTH - 290, height=ROW * len(rows))


def judged(entry: dict[str, Any]) -> Limit:
    """A rule with its numbers."""
    name, _sign, limit = entry["rule"].partition("<=")
    low, high = (entry["value"] if entry[end] is None else entry[end] for end in ("low", "high"))
    return Limit(
        label_of(name), entry["value"], low, high, float(limit), figure_words(name, float(limit)), entry["verdict"]
    )
