"""The picture of a graph as SVG: boxes as wide as their words, colours for light and dark, drawn by a process apart."""

import json
import logging
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Final

from django.core.cache import cache
from django.utils.html import escape
from django.utils.translation import gettext as _, ngettext

from registry.canonical import digest
from registry.errors import DomainError
from registry.lineage_graph.joined import ARTIFACT, DATA, VERSION, Graph, Node

SECONDS: Final = 6
KEPT: Final = 600
LINE: Final = 26  # columns of a box's text; a Chinese character takes two
LINES: Final = 3
COLUMN, ROW = 0.092, 0.21  # inches
CLASSES: Final = {
    VERSION: "version",
    DATA: "data",
    ARTIFACT: "data",
    "base": "base",
    "system": "system",
    "deployment": "deployment",
}
# Presentation attributes hold where a style is not read (in documents); the style adds the dark colours of the page.
INK: Final = {"version": "#11596a", "data": "#12613a", "base": "#6a4700", "system": "#393f9c", "deployment": "#7c1b6c"}
DARK: Final = {"version": "#6ec6d8", "data": "#8be0ab", "base": "#f5cf7e", "system": "#bcc3ff", "deployment": "#f3b1e6"}
DRAWING: Final = Path(__file__).with_name("drawing.py")
logger = logging.getLogger(__name__)


class NotDrawn(DomainError):
    """The picture could not be drawn; the list beside it holds the same."""


def svg(graph: Graph) -> bytes:
    """The picture of a graph; the same graph gives the same bytes. Raises NotDrawn."""
    asked = asked_of(graph)
    key = f"lineage-picture-{digest(asked)}"
    found = cache.get(key)
    if found is None:
        found = coloured(drawn(asked), graph)
        cache.set(key, found, KEPT)
    return bytes(found)


def asked_of(graph: Graph) -> dict[str, object]:
    """The graph as the drawing process takes it: numbers for ids, so that names are labels and nothing else."""
    numbers = {node.key: str(number) for number, node in enumerate(graph.nodes)}
    boxes = [box_of(node) | {"id": numbers[node.key]} for node in graph.nodes]
    arrows = [{"from": numbers[edge.giver], "to": numbers[edge.taker], "label": edge.label} for edge in graph.edges]
    return {"nodes": boxes, "edges": arrows}


def box_of(node: Node) -> dict[str, str]:
    """A box with its words in lines and its size, so that no font of the machine decides about the layout."""
    lines = [node.kind_label, *wrapped(node.label)]
    wide = max(map(columns, lines))
    kind = CLASSES.get(node.kind, "other") + (" start" if node.is_start else "")
    size = {"width": f"{max(1.1, wide * COLUMN + 0.3):.2f}", "height": f"{len(lines) * ROW + 0.16:.2f}"}
    return {"label": "\n".join(lines), "kind": kind, **size}


def columns(text: str) -> int:
    """How wide a text is: two columns for wide characters, none for marks that stand on others."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def wrapped(text: str) -> list[str]:
    """A name in at most three lines, broken at blanks where there are some; what does not fit ends with an ellipsis.

    Control characters are left out.
    """
    lines = [""]
    for char in "".join(char for char in text if char.isprintable()):
        if columns(lines[-1] + char) > LINE:
            head, blank, tail = lines[-1].rpartition(" ")
            lines[-1:] = [head, tail] if blank else [lines[-1], ""]
        lines[-1] += char
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], lines[LINES - 1][:-1] + "…"]


def drawn(asked: dict[str, object]) -> str:
    """What Graphviz makes of it, in a process of its own with limits of time and memory."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(DRAWING)], input=json.dumps(asked).encode(), capture_output=True,
            timeout=SECONDS, check=True, env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        logger.warning("A picture of the lineage was not drawn: %s %s", error, getattr(error, "stderr", b"") or b"")
        raise NotDrawn(_("The picture could not be drawn in time. The list beside it says the same.")) from error
    return done.stdout.decode()


def coloured(plain: str, graph: Graph) -> bytes:
    """The drawing with a name for those who do not see it, and colours by class instead of black."""
    head, _sep, rest = plain[plain.index("<svg") :].partition(">")
    rest = rest.replace(' stroke="black"', "").replace(' fill="black"', "").replace(' fill="none"', "")
    rest = rest.replace("<title>", "<desc>").replace("</title>", "</desc>")
    title = f"<title>{escape(said(graph))}</title>"
    return f'{head} role="img">{title}<style>{STYLE}</style>{rest}'.encode()


def said(graph: Graph) -> str:
    """The picture in one sentence, for those who do not see it; the list beside it holds every link."""
    start = next((node.label for node in graph.nodes if node.is_start), "")
    return ngettext(
        "%(what)s and %(n)d thing that it came from or that came from it.",
        "%(what)s and %(n)d things that it came from or that came from it.", len(graph.nodes) - 1,
    ) % {"what": start, "n": len(graph.nodes) - 1}  # fmt: skip


def style() -> str:
    """The colours of boxes and arrows, for light and for dark."""
    light = "".join(f".{name} path{{stroke:{ink}}}" for name, ink in INK.items())
    dark = "".join(f".{name} path{{stroke:{ink}}}" for name, ink in DARK.items())
    return (
        "text{fill:#1d2930}.edge text{fill:#55636c}.node path{fill:#ffffff;stroke:#55636c;stroke-width:1.3}"
        f".edge path{{fill:none;stroke:#7b8a94}}.edge polygon{{fill:#7b8a94}}{light}"
        ".start path{stroke-width:3.2}"
        "@media (prefers-color-scheme:dark){text{fill:#e4e9ec}.edge text{fill:#a5b1b9}"
        f".node path{{fill:#1b2328}}{dark}}}"
    )


STYLE: Final = style()
