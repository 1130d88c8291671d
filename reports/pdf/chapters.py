"""The program that draws a long document: parts in processes of their own, the first pages here, one file of them all.

    python -m reports.pdf.chapters

Standard input: a line of JSON (`fixed_id`, and the sizes of `html` and `data`), then both. Standard output: a line of JSON
for each page that is laid out; the last says what the renderer warned of and how long the file is that follows it.
"""

import json
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final, cast
from xml.etree.ElementTree import Element

from reports.pdf import cutting, engine, joining, part

RULES: Final = Path(__file__).with_name("joined.css").read_text(encoding="utf-8")
# Numbers in the contents take up as much room before they are known as after: digits and this blank are equally wide.
BLANK: Final = "\u2007"
WIDTH: Final = 3


class PartLost(RuntimeError):
    """A process that drew a part ended before it handed it over."""


@dataclass
class Part:
    """A part that is being drawn: the process, the line to it, and where its pages lie in the whole."""

    process: Any
    line: Connection
    pages: int = 0
    before: int = 0
    laid: int = 0

    def heard(self) -> dict[str, Any]:
        """The next message. Raises PartLost."""
        try:
            return part.heard(self.line)
        except (EOFError, ConnectionError) as error:
            self.process.join()
            raise PartLost(
                f"A process that drew a part of the document ended early ({self.process.exitcode})."
            ) from error


def drawn(html: str, *, fixed_id: str, data: bytes, at_page: engine.AtPage) -> tuple[bytes, list[str]]:
    """The bytes, and what the renderer warned of in the first pages and in each part, in their order."""
    page, press = engine.parsed(html), engine.made_press(RULES)
    with engine.collector_at_rest(), parts_of(page, press) as parts:
        front = Front(page, press)
        front.measure()
        listen(parts, at_page)
        total = place(parts, after=front.pages)
        firsts = {name: one.before + at + 1 for one in parts for name, at in one.heard()["chapters"].items()}
        with engine.warnings_collected() as warned:
            document = front.laid_out(firsts, total=total)
            content = engine.written(document, fixed_id=fixed_id, data=data, finish=joiner(parts, warned))
    return content, warned


@contextmanager
def parts_of(page: Any, press: engine.Press) -> Iterator[list[Part]]:
    """A process for each part, which takes page and fonts over as they were read; none outlives the body."""
    fork = multiprocessing.get_context("fork")
    parts: list[Part] = []
    try:
        for number, cut in enumerate(cutting.cuts(page.etree_element.find("body")), 1):
            ours, theirs = fork.Pipe()
            not_its_own = [ours, *(one.line for one in parts)]
            process = fork.Process(
                target=part.draw_alone, args=(not_its_own, number, page, press, cut, theirs), daemon=True
            )
            process.start()
            theirs.close()
            parts.append(Part(process, ours))
        yield parts
    finally:
        for one in parts:
            one.process.kill()
            one.process.join()


def listen(parts: list[Part], at_page: engine.AtPage) -> None:
    """Hear of every page until each part knows how many it has."""
    awaited = {one.line: one for one in parts}
    while awaited:
        for line in wait(list(awaited)):
            one = awaited[cast(Connection, line)]
            told = one.heard()
            if "page" in told:
                one.laid = max(one.laid, told["page"])
                at_page(sum(each.laid for each in parts))
            else:
                one.pages = told["pages"]
                del awaited[one.line]


def place(parts: list[Part], *, after: int) -> int:
    """Tell each part how many pages come before it; how many there are in all."""
    total = after + sum(one.pages for one in parts)
    for one in parts:
        one.before = after
        part.say(one.line, before=after, total=total)
        after += one.pages
    return total


def joiner(parts: list[Part], warned: list[str]) -> engine.Finisher:
    """What takes all parts into the file of the first pages, with what was warned of in each."""

    def join(document: Any, pdf: Any) -> None:
        whole = joining.Whole(pdf)
        marks = engine.bookmarks(document)
        for one in parts:
            part.say(one.line, **whole.room)
            told = one.heard()
            whole.add(told, one.line.recv_bytes())
            marks += [shifted(mark, by=one.before) for mark in told["bookmarks"]]
            warned.extend(told["warned"])
        whole.close()
        engine.add_bookmarks(pdf, marks)

    return join


def shifted(mark: list[Any], *, by: int) -> list[Any]:
    """A bookmark and those below it, as many pages later."""
    label, (page, across, up), below, state = mark
    return [label, (page + by, across, up), [shifted(one, by=by) for one in below], state]


class Front:
    """What comes before the first chapter: the cover, and the contents of the whole."""

    def __init__(self, page: Any, press: engine.Press) -> None:
        self.page, self.press, self.pages = page, press, 0
        body = page.etree_element.find("body")
        chapters = [child for child in body if cutting.is_chapter(child)]
        numbers = {
            element.get("id"): number
            for number, one in enumerate(chapters, 1)
            for element in one.iter()
            if "id" in element.attrib
        }
        del body[list(body).index(chapters[0]) :]
        self.links = {link: link.get("href", "")[1:] for link in links_in(body) if link.get("href", "")[1:] in numbers}
        for link, name in self.links.items():
            link.set("data-chapter", str(numbers[name]))
            link.set("href", joining.ELSEWHERE + name)

    def measure(self) -> None:
        """Find out how many pages they fill, while nobody knows yet where the chapters begin."""
        with engine.warnings_collected():
            self.pages = len(self.laid_out(dict.fromkeys(self.links.values(), 0), total=0).pages)

    def laid_out(self, firsts: dict[str, int], *, total: int) -> Any:
        """The pages, with the number of the page on which each chapter begins."""
        for link, name in self.links.items():
            link.set("data-page", str(firsts[name]).rjust(WIDTH, BLANK))
        counters = engine.page_counters(lambda _pages: engine.PageNumbers(before=0, total=total))
        document = engine.laid_out(self.page, self.press, counters=counters)
        if self.pages and len(document.pages) != self.pages:
            raise RuntimeError("The contents fill another number of pages than they were measured to fill.")
        return document


def links_in(body: Element) -> list[Element]:
    """The lines of the table of contents."""
    return [link for nav in body.iter("nav") for link in nav.iter("a")]


def main(read: Callable[[int], bytes], write: Callable[[bytes], Any]) -> None:
    """Draw what standard input asks for."""
    line = b""
    while not line.endswith(b"\n"):
        line += read(1)
    asked = json.loads(line)
    html, data = read(asked["html"]).decode(), read(asked["data"])
    content, warned = drawn(
        html,
        fixed_id=asked["fixed_id"],
        data=data,
        at_page=lambda page: write(json.dumps({"page": page}).encode() + b"\n"),
    )
    write(json.dumps({"warned": warned, "size": len(content)}).encode() + b"\n")
    write(content)


if __name__ == "__main__":
    try:
        main(sys.stdin.buffer.read, lambda content: (sys.stdout.buffer.write(content), sys.stdout.buffer.flush()))
    except PartLost as lost:
        sys.exit(str(lost))
