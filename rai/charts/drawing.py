"""The ground of every drawing: themes, sizes, titles, and Vega-Lite turned into bytes that are always the same."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 640
ROW = 34
FULL, BROAD = 12.5, 7.5
MOST_ROOM = 260
VEGA_LITE = "6.1"
# The reader's machine or the PDF's own fonts serve these names; the file itself carries and fetches none.
FONT = "Noto Sans, Noto Sans SC, Segoe UI, Helvetica, Arial, sans-serif"

Panel = dict[str, Any]


@dataclass(frozen=True)
class Theme:
    """Colours of a drawing; `verdicts` by verdict. Every colour differs from its ground in grey, too."""

    ink: str
    quiet: str
    line: str
    ground: str
    accent: str
    bar: str
    limit: str
    verdicts: dict[str, str]


THEMES = {
    "light": Theme("#1d2930", "#55636c", "#d8dfe3", "#ffffff", "#11596a", "#93b9c1", "#9c1c1c",
                   {"pass": "#12613a", "fail": "#9c1c1c", "insufficient": "#6a4700", "recorded": "#3c4a54"}),
    "dark": Theme("#e4e9ec", "#a5b1b9", "#35414a", "#1b2328", "#6ec6d8", "#2c6472", "#ffb0a8",
                  {"pass": "#8be0ab", "fail": "#ffb0a8", "insufficient": "#f5cf7e", "recorded": "#c3ced6"}),
}  # fmt: skip


def svg(panels: Sequence[Panel], theme: Theme) -> bytes:
    """The panels under each other as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(specification(panels, theme), vl_version=VEGA_LITE)).encode()


def png(panels: Sequence[Panel], theme: Theme, *, scale: float = 2.0) -> bytes:
    """The panels as a picture, for looking at."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(specification(panels, theme), vl_version=VEGA_LITE, scale=scale))


def layered(rows: list[dict[str, Any]], layers: Sequence[Any], *, width: int, height: int) -> Panel:
    """Altair charts over each other on the same rows.

    Put together here and not by altair, which copies all rows at every step and names views by a running number.
    """
    drawn = [layer.to_dict(validate=False, context={"top_level": False}) for layer in layers]
    for layer in drawn:
        # What altair writes for a chart without data of its own would hide the rows.
        if layer.get("data") == {"name": "empty"}:
            del layer["data"]
    return {"data": {"values": rows}, "layer": drawn, "width": width, "height": height}


def room(texts: Sequence[str]) -> int:
    """Pixels to keep free for the longest of these labels, whatever font will draw them.

    Reader, PDF and this machine have different fonts; a drawing laid out by one of them would be cut off in another.
    """
    return min(MOST_ROOM, max(round(width_of(text)) for text in texts) + 8)


def width_of(text: str) -> float:
    """A generous width of a text in the size of labels: a full square for Chinese, a wide sans-serif for the rest."""
    return sum(FULL if unicodedata.east_asian_width(char) in "WF" else BROAD for char in text)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most this width: broken at blanks, and between any two full-width signs."""
    lines = [""]
    for piece in re.findall(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+", text):
        if lines[-1] and width_of(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def beside(panels: Sequence[Panel]) -> Panel:
    """Panels in a row."""
    return {"hconcat": list(panels), "spacing": 26}


def titled(panel: Panel, title: str, subtitle: Sequence[str]) -> Panel:
    """A panel with a title and lines under it."""
    lines = [line for text in subtitle for line in wrapped(text, WIDTH)]
    return {**panel, "title": {"text": title, "subtitle": lines}}


def specification(panels: Sequence[Panel], theme: Theme) -> Panel:
    """The Vega-Lite specification of panels under each other."""
    labels = {"labelColor": theme.ink, "titleColor": theme.quiet, "labelFontSize": 12, "titleFontSize": 12}
    axis = {"domain": False, "ticks": False, "gridColor": theme.line, "titleFontWeight": "normal", "titleAngle": 0,
            "labelLimit": MOST_ROOM, **labels}  # fmt: skip
    title = {"anchor": "start", "frame": "bounds", "color": theme.ink, "subtitleColor": theme.quiet, "fontSize": 14,
             "subtitleFontSize": 12, "subtitlePadding": 4, "offset": 10, "fontWeight": "bold"}  # fmt: skip
    legend = {"orient": "bottom", "title": None, "symbolSize": 90, "columnPadding": 34, **labels}
    config = {"font": FONT, "view": {"stroke": None}, "axis": axis, "title": title, "legend": legend}
    resolve = {"scale": {"color": "independent", "shape": "independent", "strokeDash": "independent"}}
    return {
        "vconcat": list(panels), "spacing": 22, "background": theme.ground, "padding": {"left": 14, "right": 30, "top": 14, "bottom": 14}, "resolve": resolve, "config": config
    }  # fmt: skip
