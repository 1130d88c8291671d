"""A light drawing for a page that may be dark: the kept bytes, with rules that exchange the colours of the themes."""

from dataclasses import asdict
from typing import Any, Final

from rai.charts.drawing import THEMES, Theme

# What Vega draws without a colour of ours.
UNNAMED: Final = {"black": THEMES["dark"].ink}


def colours(theme: Theme) -> list[str]:
    """Every colour of a theme, in the order of its fields."""
    named: dict[str, Any] = asdict(theme)
    return [*named.pop("verdicts").values(), *named.values()]


def exchanged() -> dict[str, str]:
    """The dark colour for each light one."""
    return dict(zip(colours(THEMES["light"]), colours(THEMES["dark"]), strict=True)) | UNNAMED


def at_night(svg: bytes) -> bytes:
    """The drawing as a page shows it: dark where the page around it is. Files and reports keep the light one.

    Rules of a style win over the attributes in which the colours stand, so nothing else of the drawing is touched.
    """
    rules = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in exchanged().items()
    )
    head = svg.index(b">") + 1
    return (
        svg[:head] + f"<style>@media screen and (prefers-color-scheme: dark){{{rules}}}</style>".encode() + svg[head:]
    )
