"""Trials of a model as a picture: each figure with its interval, against its limit where it has one."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from rai.charts.drawing import THEMES, Panel, Theme, room, svg
from rai.charts.limits import Limit, limits_panel
from rai.wording.trials import figure_words, label_of


def trials(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Figures with a limit, or all of them where none has one."""
    with translation.override(language or translation.get_language()):
        return svg([panel_of(outcome, THEMES[theme])], THEMES[theme])


def panel_of(outcome: dict[str, Any], theme: Theme) -> Panel:
    """The panel of a trial."""
    limits = [judged(entry) for entry in outcome["thresholds"] if entry["value"] is not None] or recorded(outcome)
    said = [_("Dot: seen. Line: what the rows are compatible with. Mark: the limit. Each in its own unit.")]
    left = room([one.label for one in limits] + [""])
    return limits_panel(
        limits,
        theme,
        room=left,
        title=_("What the trial showed"),
        axis=_("Share, or size of the change"),
        subtitle=said,
    )


def judged(entry: dict[str, Any]) -> Limit:
    """A rule with its numbers."""
    name, _sign, limit = entry["rule"].partition("<=")
    low, high = (entry["value"] if entry[end] is None else entry[end] for end in ("low", "high"))
    return Limit(
        label_of(name), entry["value"], low, high, float(limit), figure_words(name, float(limit)), entry["verdict"]
    )


def recorded(outcome: dict[str, Any]) -> list[Limit]:
    """The figures of a run without limits: the mark stands at what was seen."""
    return [
        Limit(label_of(name), one["value"], one["low"], one["high"], one["value"], "–", "recorded")
        for name, one in outcome["figures"].items()
        if one["value"] is not None
    ]
