"""The ground of every drawing: themes, sizes, titles, and Vega-Lite turned into bytes that are always the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 640
ROW = 34
# The reader's machine or the PDF's own fonts serve these names; the file itself carries and fetches none.
FONT = "Noto Sans, Noto Sans SC, Segoe UI, Helvetica, Arial, sans-serif"


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


def svg(panels: Sequence[Any], theme: Theme) -> bytes:
    """The panels under each other as SVG."""
    import vl_convert

    text = vl_convert.vegalite_to_svg(specification(panels, theme), vl_version="6.1")
    return str(text).encode()


def png(panels: Sequence[Any], theme: Theme, *, scale: float = 2.0) -> bytes:
    """The panels as a picture, for looking at."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(specification(panels, theme), vl_version="6.1", scale=scale))


def specification(panels: Sequence[Any], theme: Theme) -> dict[str, Any]:
    """The Vega-Lite specification, without the names that altair counts up from call to call."""
    import altair

    labels = {"labelColor": theme.ink, "titleColor": theme.quiet, "labelFontSize": 12, "titleFontSize": 12}
    chart = (
        altair.vconcat(*panels, spacing=22)
        .properties(background=theme.ground, padding=14)
        .resolve_scale(color="independent", shape="independent")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            domain=False, ticks=False, gridColor=theme.line, titleFontWeight="normal", titleAngle=0, labelLimit=260, **labels
        )
        .configure_title(
            anchor="start", frame="group", color=theme.ink, subtitleColor=theme.quiet, fontSize=14, subtitleFontSize=12,
            subtitlePadding=4, offset=10, fontWeight="bold",
        )
        .configure_legend(orient="bottom", title=None, symbolSize=90, **labels)
    )  # fmt: skip
    # Checking the result against the whole schema takes longer than drawing it, and finds nothing that a test would not.
    return without_names(chart.to_dict(validate=False))


def without_names(value: Any) -> Any:
    """The specification without view names, and with its data in place."""
    if isinstance(value, dict):
        return {key: without_names(inner) for key, inner in value.items() if key != "name" or not is_counted(inner)}
    if isinstance(value, list):
        return [without_names(inner) for inner in value]
    return value


def is_counted(name: Any) -> bool:
    """A name that altair gives views by counting."""
    return isinstance(name, str) and name.startswith("view_")


def headed(title: str, subtitle: list[str]) -> Any:
    """A title with lines under it."""
    import altair

    return altair.TitleParams(text=title, subtitle=subtitle)
