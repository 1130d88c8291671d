"""Reads the page of a document back as plain blocks, for formats that have no HTML in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import html

from reports.printing import Printed

HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4}
TEXTS: Final = frozenset({"p", "li", "figcaption", "caption"})
AROUND: Final = frozenset({"section", "div", "header", "main", "nav", "ul", "ol", "figure", "body"})


@dataclass(frozen=True)
class Block:
    """A heading, a text, a picture, or rows of cells; `level` is that of a heading, `head` how many rows are heads."""

    kind: str
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    head: int = 0
    source: str = field(default="", repr=False)


def blocks(document: Printed) -> Iterator[Block]:
    """The blocks of a document in reading order."""
    return inside(html.fromstring(document.html).find("body"))


def inside(element: Any) -> Iterator[Block]:
    """The blocks within an element."""
    for child in element:
        if child.tag in HEADINGS:
            yield Block("heading", said(child), HEADINGS[child.tag])
        elif child.tag == "table":
            yield from table(child)
        elif child.tag == "dl":
            yield Block("facts", rows=tuple(pairs(child)))
        elif child.tag == "img":
            yield Block("picture", child.get("alt", ""), source=child.get("src", ""))
        elif child.tag in AROUND and child.get("class") != "contents":
            yield from inside(child)
        elif child.tag in TEXTS and said(child):
            yield Block("item" if child.tag == "li" else "text", said(child))


def table(element: Any) -> Iterator[Block]:
    """A table with its caption as its name."""
    rows = tuple(tuple(said(cell) for cell in row.iter("td", "th")) for row in element.iter("tr"))
    heads = len(element.findall("thead/tr"))
    caption = element.find("caption")
    yield Block("table", said(caption) if caption is not None else "", rows=rows, head=heads)


def pairs(element: Any) -> Iterator[tuple[str, str]]:
    """The names and values of a list of facts."""
    name = ""
    for child in element.iter("dt", "dd"):
        if child.tag == "dt":
            name = said(child)
        else:
            yield name, said(child)


def said(element: Any) -> str:
    """The words of an element: one space where the source has any, a line where it has a break."""
    parts = [element.text or ""]
    for child in element:
        parts += ["\n" if child.tag == "br" else said(child), child.tail or ""]
    lines = "".join(parts) if "text" in (element.get("class") or "") else spaced(parts)
    return "\n".join(" ".join(line.split()) for line in lines.split("\n")).strip()


def spaced(parts: list[str]) -> str:
    """The parts with line ends of the source as spaces; a part that is a break stays one."""
    return "".join(part if part == "\n" else part.replace("\n", " ") for part in parts)
