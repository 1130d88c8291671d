"""Where a long document is cut: before a chapter, else between two rows of a long table; a tree of elements, no renderer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

# What an element weighs beside the bytes of its text; with both, a page of each kind of report weighs much the same.
EACH: Final = 12
PAGE: Final = 2400
# A cut between two rows must lie so much nearer to the ideal place, as a share of a part, to be taken before a chapter's.
DEARER: Final = 0.15
# Rows that stay together at both ends of a table that is cut.
FEWEST: Final = 20
PAGES_A_PART: Final = 60
MOST_PARTS: Final = 4


@dataclass(frozen=True, order=True)
class Place:
    """Before a child of the body; with a table, before one of its rows, the table being a child of that child."""

    chapter: int
    table: int = 0
    row: int = 0


@dataclass(frozen=True)
class Cut:
    """A part: from a place up to another, or to the end; and which chapter and figure come last before it."""

    begin: Place
    end: Place | None


def weight(element: Element) -> int:
    """How much an element fills, in bytes of text."""
    return len("".join(element.itertext()).encode()) + EACH * sum(1 for _one in element.iter())


def is_chapter(element: Element) -> bool:
    """A chapter of the document, which is numbered and listed in its contents."""
    return element.tag == "section" and "chapter" in element.get("class", "").split()


def cuts(body: Element) -> list[Cut]:
    """The parts of a document, about equally heavy; the same for the same document on every machine."""
    places = list(possible(body))
    first = places[0][0].chapter
    total = sum(weight(child) for child in body[first:])
    count = min(MOST_PARTS, max(2, round(total / PAGE / PAGES_A_PART)))
    share = total / count
    chosen = {places[0][0], *(nearest(places, number * share, dearer=DEARER * share) for number in range(1, count))}
    begins = sorted(chosen)
    return [Cut(begin, end) for begin, end in zip(begins, [*begins[1:], None], strict=True)]


def nearest(places: list[tuple[Place, int]], wanted: float, *, dearer: float) -> Place:
    """The place that lies nearest to a wanted weight."""
    return min(places, key=lambda one: abs(one[1] - wanted) + (dearer if one[0].row else 0))[0]


def possible(body: Element) -> Iterator[tuple[Place, int]]:
    """Every place where the body could be cut, with what lies between it and the first chapter."""
    before = 0
    has_begun = False
    for number, child in enumerate(body):
        if is_chapter(child):
            has_begun = True
            yield Place(number), before
            yield from ((Place(number, table, row), before + inside) for table, row, inside in rows_of(child))
        before += weight(child) if has_begun else 0


def rows_of(chapter: Element) -> Iterator[tuple[int, int, int]]:
    """Rows before which a chapter could be cut: table, row, and what comes before it in the chapter."""
    before = 0
    for number, block in enumerate(chapter):
        inside = before
        for place, row in enumerate(rows_in(block) if can_be_cut(chapter, number) else ()):
            if FEWEST <= place <= len(rows_in(block)) - FEWEST:
                yield number, place, inside
            inside += weight(row)
        before += weight(block)


def can_be_cut(chapter: Element, number: int) -> bool:
    """A table whose rows stand alone, and after which the chapter has no heading that would lose the one above it."""
    block = chapter[number]
    if block.tag != "table" or any("rowspan" in cell.attrib for cell in block.iter()):
        return False
    return not any(one.tag == "h3" for later in chapter[number + 1 :] for one in later.iter())


def rows_in(table: Element) -> list[Element]:
    """The rows of a table's body."""
    return table.findall("tbody/tr")


def keep_only(body: Element, cut: Cut) -> None:
    """Leave of the body what belongs to one part, numbered as it is in the whole."""
    begin, end = cut.begin, cut.end
    chapters, figures = numbers_before(body, begin)
    if end is not None:
        if end.row:
            cut_off(body[end.chapter], end)
        del body[end.chapter + bool(end.row) :]
    if begin.row:
        continue_from(body[begin.chapter], begin)
    del body[: begin.chapter]
    body.set("style", f"{body.get('style', '')}; counter-reset: chapter {chapters} figure {figures}")


def numbers_before(body: Element, place: Place) -> tuple[int, int]:
    """How many chapters begin and how many figures stand before a place."""
    earlier = [*body[: place.chapter], *(body[place.chapter][: place.table] if place.row else ())]
    chapters = sum(map(is_chapter, body[: place.chapter])) + bool(place.row)
    return chapters, sum(1 for element in earlier for _one in element.iter("figcaption"))


def cut_off(chapter: Element, place: Place) -> None:
    """Leave of a chapter what comes before a row."""
    del chapter[place.table + 1 :]
    drop(chapter[place.table], rows_in(chapter[place.table])[place.row :])


def continue_from(chapter: Element, place: Place) -> None:
    """Leave of a chapter what comes from a row on, under a caption that says that the table began before."""
    table = chapter[place.table]
    drop(table, rows_in(table)[: place.row])
    del chapter[: place.table]
    chapter.set("class", f"{chapter.get('class')} continued")
    caption = table.find("caption")
    if caption is not None:
        caption.text = f"… {caption.text or ''}"


def drop(table: Element, rows: list[Element]) -> None:
    """Take these rows out of a table's body."""
    gone = set(map(id, rows))
    for body in table.findall("tbody"):
        body[:] = [row for row in body if id(row) not in gone]
