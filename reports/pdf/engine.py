"""The one place that knows WeasyPrint: pages laid out and written, behind a fetcher that fetches nothing."""

import gc
import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

HERE: Final = Path(__file__).parent.parent
FONTS: Final = HERE / "fonts"
# Family, weight, file, code points: Latin letters from Noto Sans, whose quotation marks are not as wide as a Chinese
# character; everything else from the subset of Noto Sans SC.
FACES: Final = (
    ("Noto Sans", 400, "NotoSans-Latin-400", "U+0000-00FF, U+2000-206F, U+20AC, U+2122, U+2212"),
    ("Noto Sans", 700, "NotoSans-Latin-700", "U+0000-00FF, U+2000-206F, U+20AC, U+2122, U+2212"),
    # A name of its own: of two files under one name the renderer embeds one and draws the other's letters with it.
    ("Noto Sans Ext", 400, "NotoSans-LatinExt-400", "U+0100-024F, U+1E00-1EFF"),
    ("Noto Sans Ext", 700, "NotoSans-LatinExt-700", "U+0100-024F, U+1E00-1EFF"),
    ("Noto Sans SC", 400, "NotoSansSC-Regular", ""),
    ("Noto Sans SC", 700, "NotoSansSC-Bold", ""),
)
# Names of our own, which are no place anywhere: the fetcher answers to these and to data: alone.
SHIPPED_FONTS: Final = {f"shipped-font:{file}": FONTS / f"{file}.woff2" for _family, _weight, file, _points in FACES}

AtPage = Callable[[int], None]
Finisher = Callable[[Any, Any], None]

VARIANT: Final = "pdf/a-3a"
# The document says that it is both PDF/A-3a and PDF/UA-1; an archive accepts the second name only with its schema beside it.
XMP: Final = (HERE / "documents.xmp").read_text(encoding="utf-8")
# A fixed day: a file inside a document is as old as the document's data, and those say themselves when they were read.
FIXED: Final = datetime(2000, 1, 1, tzinfo=UTC)


class DocumentIncomplete(ValueError):
    """The renderer left something out (an image, a font, a URL that was refused): the document is not issued."""


@dataclass(frozen=True)
class Press:
    """The style sheet as it was read, and the fonts that it brought."""

    sheet: Any
    fonts: Any


@dataclass(frozen=True)
class PageNumbers:
    """Where pages lie in a document of which they are a part: how many come before them, and how many there are in all."""

    before: int
    total: int


def drawn(html: str, *, fixed_id: str, data: bytes, at_page: AtPage) -> tuple[bytes, list[str]]:
    """The bytes, and what the renderer warned of."""
    with warnings_collected() as warned, collector_at_rest():
        with pages_told(at_page):
            document = laid_out(parsed(html), made_press())
        return written(document, fixed_id=fixed_id, data=data), warned


def parsed(html: str) -> Any:
    """The page as a tree of elements."""
    from weasyprint import HTML

    return HTML(string=html, url_fetcher=closed_fetcher(), base_url=None)


def made_press(more: str = "") -> Press:
    """What every page of a document is laid out with; `more` are rules that come after the style sheet's own."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    return Press(CSS(string=style_sheet() + more, url_fetcher=closed_fetcher(), font_config=fonts), fonts)


def laid_out(page: Any, press: Press, *, counters: Any = None) -> Any:
    """The tree as pages, their lines and boxes at their places."""
    return page.render(stylesheets=[press.sheet], font_config=press.fonts, counter_style=counters, pdf_variant=VARIANT)


def page_counters(place_of: Callable[[int], PageNumbers]) -> Any:
    """Counters that know pages of a part as pages of the whole (joined.css names them).

    The feet of pages are the last that is laid out. The first of them to be written tells `place_of` how many pages the
    part has, and waits for the answer.
    """
    from weasyprint.css.counters import CounterStyle

    class Counters(CounterStyle):  # type: ignore[misc]
        @cached_property
        def place(self) -> PageNumbers:
            return place_of(self.pages)

        def render_value(self, counter_value: int, counter_name: Any = None, *others: Any, **named: Any) -> str:
            if counter_name == "pages-of-part":
                self.pages = counter_value
                return ""
            if counter_name == "page-of-whole":
                return str(self.place.before + counter_value)
            if counter_name == "pages-of-whole":
                return str(self.place.total)
            return str(super().render_value(counter_value, counter_name, *others, **named))

    return Counters()


def anchors(document: Any) -> dict[str, int]:
    """Each name in laid-out pages, and the page that it stands on, counted from 0."""
    return {name: number for number, page in reversed(list(enumerate(document.pages))) for name in page.anchors}


def bookmarks(document: Any) -> list[Any]:
    """The tree of bookmarks: words, page and place, those below, and whether it is open."""
    return [list(mark) for mark in document.make_bookmark_tree(scale=0.75, transform_pages=True)]


def add_bookmarks(pdf: Any, marks: list[Any]) -> None:
    """Write a tree of bookmarks into a file."""
    from weasyprint.pdf.anchors import add_outlines

    add_outlines(pdf, marks)


def finished(document: Any, finish: Finisher) -> None:
    """Draw laid-out pages and give the file to `finish` as it stands before it is written."""
    document.metadata.attachments = []
    document.write_pdf(finisher=finish, pdf_variant=VARIANT)


def written(document: Any, *, fixed_id: str, data: bytes, finish: Finisher | None = None) -> bytes:
    """The file of laid-out pages; `finish` may change it before it is written."""
    from weasyprint import Attachment

    # What is attached is ours alone: a link in a text could have named others.
    document.metadata.attachments = [
        Attachment(string=data, name="data.json", relationship="Data", created=FIXED, modified=FIXED)
    ]

    def finisher(document: Any, pdf: Any) -> None:
        name_both_standards(document, pdf)
        if finish:
            finish(document, pdf)

    content: bytes = document.write_pdf(
        finisher=finisher,
        pdf_variant=VARIANT,  # not taken over from the laid-out pages: without it here nothing is tagged
        pdf_identifier=hashlib.sha256(fixed_id.encode()).digest()[:16],
    )
    return content


def name_both_standards(document: Any, pdf: Any) -> None:
    """Write the metadata anew, uncompressed and with both standards, and show the title in the reader's window."""
    import pydyf

    meta = document.metadata
    text = XMP.format(
        title=escape(meta.title), author=escape(", ".join(meta.authors)), producer=pdf.info["Producer"].string
    )
    stream = pydyf.Stream([text.encode()], {"Type": "/Metadata", "Subtype": "/XML"}, compress=False)
    pdf.add_object(stream)
    pdf.catalog["Metadata"] = stream.reference
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})


@contextmanager
def pages_told(at_page: AtPage) -> Iterator[None]:
    """Tell the number of each page that is laid out while the body runs."""

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said, _space, number = record.getMessage().rpartition(" ")
            if said.endswith("Page"):
                at_page(int(number))

    logger, teller = logging.getLogger("weasyprint.progress"), Teller()
    before = logger.level, logger.propagate
    logger.addHandler(teller)
    logger.setLevel(logging.INFO)
    logger.propagate = False  # a line a page is for the job's row, not for the worker's log
    try:
        yield
    finally:
        logger.removeHandler(teller)
        logger.setLevel(before[0])
        logger.propagate = before[1]


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No search for garbage while the body runs: laid-out pages are all in use, and looking through them costs a fifth."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


@contextmanager
def warnings_collected() -> Iterator[list[str]]:
    """Everything that WeasyPrint warns of while the body runs."""
    found: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    logger, collector = logging.getLogger("weasyprint"), Collector(level=logging.WARNING)
    logger.addHandler(collector)
    try:
        yield found
    finally:
        logger.removeHandler(collector)


def closed_fetcher() -> Any:
    """A fetcher that opens pictures given as data: and the shipped fonts by their names; no file, no network."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url in SHIPPED_FONTS:
                return URLFetcherResponse(url, body=unpacked(url), headers={"Content-Type": "font/ttf"})
            return super().fetch(url, headers)

    return ClosedFetcher(allowed_protocols=("data",))


@cache
def unpacked(name: str) -> bytes:
    """A shipped font as the renderer wants it: unpacking takes a second, once a process instead of once a document."""
    from fontTools.ttLib import woff2

    whole = io.BytesIO()
    woff2.decompress(io.BytesIO(SHIPPED_FONTS[name].read_bytes()), whole)
    return whole.getvalue()


def style_sheet() -> str:
    """The print style sheet with the shipped fonts, so that no document depends on the machine's."""
    faces = "".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url(shipped-font:{file}) format("truetype");'
        + (f" unicode-range: {points};" if points else "")
        + " }\n"
        for family, weight, file, points in FACES
    )
    return faces + (HERE / "documents.css").read_text(encoding="utf-8")
