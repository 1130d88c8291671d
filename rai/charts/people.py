"""Representation as a picture: every judged share against its limit, then shares and label rates of every group."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from rai.charts.drawing import THEMES, Panel, Theme, room, svg
from rai.charts.groups import Sheet, drawn_groupings, group_label, groups_panel
from rai.charts.limits import Limit, limits_panel
from rai.charts.words import by_name, confidence_of, name_of, rounded

SHOWN = ["share", "label_rate"]


def representation(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each judged share against its limit, then every group's share and rate of positive labels with intervals."""
    with translation.override(language or translation.get_language()):
        return svg(representation_panels(outcome, THEMES[theme]), THEMES[theme])


def representation_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of limits, if there are any, and panels of groups as far as a page holds them."""
    limits = [limit_of(entry) for entry in outcome["thresholds"] if entry.get("value") is not None]
    groupings = drawn_groupings(outcome)
    labels = [one.label for one in limits] + [group_label(group, None) for _by, groups in groupings for group in groups]
    sheet = Sheet(outcome, theme, room(labels or [""]))
    panels = []
    if limits:
        panels.append(
            limits_panel(
                limits, theme, room=sheet.room, title=_("Are groups and labels within the limits?"),
                axis=_("Percent, or percentage points between groups"),
                subtitle=[_("Dot: seen. Line: what the rows are compatible with (%s). Mark: the limit.") % confidence_of(outcome)],
            )
        )  # fmt: skip
    return panels + [groups_panel(sheet, list(by), groups, SHOWN) for by, groups in groupings]


def limit_of(entry: dict[str, Any]) -> Limit:
    """A rule in percent."""
    name, _sign, limit = entry["rule"].replace(">=", "<=").partition("<=")
    number = 100 * float(limit)
    seen = 100 * entry["value"]
    low, high = (seen if entry[end] is None else 100 * entry[end] for end in ("low", "high"))
    named = rounded(number, 0 if round(number) == round(number, 6) else 1)
    return Limit(label_of(entry, name), seen, low, high, number, named, entry["verdict"])


def label_of(entry: dict[str, Any], name: str) -> str:
    """What a rule is about."""
    by = by_name(entry["by"])
    labels = {
        "share_group_min": _("Smallest share by %s"), "share_group_max": _("Largest share by %s"),
        "share_difference_to_reference": _("Share against reference by %s"), "label_rate_difference": _("Label rates by %s"),
    }  # fmt: skip
    if name in labels:
        return labels[name] % by
    who = name_of((entry.get("worst") or {}).get("group") or {})
    return f"{name.replace('_', ' ')}, {by or who}"
