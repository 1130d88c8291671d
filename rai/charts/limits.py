"""Rules on figures, each as dot and whisker against its limit, with the verdict in words: a panel that several checks share."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import ROW, WIDTH, Panel, Theme, layered, titled
from rai.charts.words import MARKS, verdict_label

MOST_LIMITS = 8
SEVERITY = ("fail", "insufficient", "pass", "recorded")


@dataclass(frozen=True)
class Limit:
    """One judged rule: what it is about, the seen value with its interval, the limit as number and as text."""

    label: str
    value: float
    low: float
    high: float
    limit: float
    named: str
    verdict: str
    word: str = ""


def limits_panel(
    limits: Sequence[Limit], theme: Theme, *, room: int, title: str, axis: str, subtitle: Sequence[str]
) -> Panel:
    """The most severe rules; the others stand in the table beside."""
    import altair

    shown = sorted(limits, key=lambda one: SEVERITY.index(one.verdict))[:MOST_LIMITS]
    rows = [row(one, theme) for one in shown]
    top = 1.12 * max([max(one.high, one.limit, one.value) for one in shown] + [1e-9])
    side = altair.Axis(grid=False, labelPadding=8, minExtent=room, maxExtent=room)
    y = altair.Y("label:N", sort=[one.label for one in shown], title=None, axis=side)
    scale = altair.Scale(domain=[0, top], nice=False)
    x = altair.X("value:Q", scale=scale, title=axis, axis=altair.Axis(tickCount=5))
    base = altair.Chart().encode(y=y)
    color = altair.Color("color:N", scale=None)
    whisker = base.mark_rule(strokeWidth=3).encode(x=altair.X("low:Q", title=axis), x2="high:Q", color=color)
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(x=x, color=color)
    mark = base.mark_tick(thickness=3, size=24, color=theme.limit, opacity=1).encode(x=altair.X("limit:Q", title=axis))
    named = base.mark_text(dy=-18, fontSize=11, color=theme.limit).encode(x="limit:Q", text="named:N")
    width = WIDTH - 290
    sign = base.mark_text(fontSize=14, fontWeight="bold").encode(x=altair.value(width + 22), text="sign:N", color=color)
    word = base.mark_text(align="left", fontSize=13, fontWeight="bold").encode(
        x=altair.value(width + 36), text="word:N", color=color
    )
    left = len(limits) - len(shown)
    more = [ngettext("%d more rule is in the table.", "%d more rules are in the table.", left) % left] if left else []
    panel = layered(rows, [mark, named, whisker, dots, sign, word], width=width, height=(ROW + 8) * len(rows))
    return titled(panel, title, [*subtitle, *more])


def row(one: Limit, theme: Theme) -> dict[str, object]:
    """A rule as the panel draws it."""
    return {
        "label": one.label, "value": one.value, "low": one.low, "high": one.high, "limit": one.limit,
        "named": _("limit %s") % one.named, "sign": MARKS[one.verdict], "word": one.word or verdict_label(one.verdict),
        "color": theme.verdicts[one.verdict],
    }  # fmt: skip
