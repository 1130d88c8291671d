"""Draws one part of a document in a process of its own: lays it out, says how long it is, is told its numbers, hands it over."""

import json
import os
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Final

from reports.pdf import cutting, engine, joining

STANDARD_OUTPUT: Final = 1


def say(line: Connection, **told: Any) -> None:
    """A message to the other end."""
    line.send_bytes(json.dumps(told).encode())


def heard(line: Connection) -> dict[str, Any]:
    """The next message of the other end. Raises EOFError when there is nobody any more."""
    found: dict[str, Any] = json.loads(line.recv_bytes())
    return found


def draw_alone(
    not_its_own: list[Connection], number: int, page: Any, press: engine.Press, cut: cutting.Cut, line: Connection
) -> None:
    """Draw a part without holding open what others read to its end: whoever waits for a process that died is to hear of it."""
    for other in not_its_own:
        other.close()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STANDARD_OUTPUT)
    with suppress(EOFError, ConnectionError):  # nobody waits for this part any more
        draw(number, page, press, cut, line)


def draw(number: int, page: Any, press: engine.Press, cut: cutting.Cut, line: Connection) -> None:
    """Draw a part of a page."""

    def place_of(pages: int) -> engine.PageNumbers:
        say(line, pages=pages)
        return engine.PageNumbers(**heard(line))

    def hand_over(document: Any, pdf: Any) -> None:
        excerpt = joining.Excerpt(pdf, part=number)
        told, content = excerpt.numbered(**heard(line))  # once the parts before it are in the file
        say(line, **told, bookmarks=engine.bookmarks(document), warned=warned)
        line.send_bytes(content)
        del pdf.objects[joining.FIRST :]  # nothing is left to be written here

    with engine.warnings_collected() as warned, engine.collector_at_rest():
        cutting.keep_only(page.etree_element.find("body"), cut)
        with engine.pages_told(lambda laid: say(line, page=laid)):
            document = engine.laid_out(page, press, counters=engine.page_counters(place_of))
        say(line, chapters=engine.anchors(document))
        engine.finished(document, hand_over)
