"""Renders documents to PDF: the one place that knows WeasyPrint, behind a fetcher that fetches nothing."""

import base64
import gc
import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from django.template.loader import render_to_string
from django.utils import translation

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
# Family, weight, file, code points: Latin letters from Noto Sans, whose quotation marks are not as wide as a Chinese
# character; everything else from the subset of Noto Sans SC.
FACES = (
    ("Noto Sans", 400, "NotoSans-Latin-400", "U+0000-00FF, U+2000-206F, U+20AC, U+2122, U+2212"),
    ("Noto Sans", 700, "NotoSans-Latin-700", "U+0000-00FF, U+2000-206F, U+20AC, U+2122, U+2212"),
    # A name of its own: of two files under one name the renderer embeds one and draws the other's letters with it.
    ("Noto Sans Ext", 400, "NotoSans-LatinExt-400", "U+0100-024F, U+1E00-1EFF"),
    ("Noto Sans Ext", 700, "NotoSans-LatinExt-700", "U+0100-024F, U+1E00-1EFF"),
    ("Noto Sans SC", 400, "NotoSansSC-Regular", ""),
    ("Noto Sans SC", 700, "NotoSansSC-Bold", ""),
)
# Names of our own, which are no place anywhere: the fetcher answers to these and to data: alone.
SHIPPED_FONTS = {f"shipped-font:{file}": FONTS / f"{file}.woff2" for _family, _weight, file, _points in FACES}


AtPage = Callable[[int], None]


class DocumentIncomplete(ValueError):
    """The renderer left something out (an image, a font, a URL that was refused): the document is not issued."""


VARIANT: Final = "pdf/a-3a"
NO_GLYPH: Final = re.compile(r"\.notdef glyph rendered .*\(U\+([0-9A-F]+)\)")
# The document says that it is both PDF/A-3a and PDF/UA-1; an archive accepts the second name only with its schema beside it.
XMP: Final = (HERE / "documents.xmp").read_text(encoding="utf-8")
# A fixed day: a file inside a document is as old as the document's data, and those say themselves when they were read.
FIXED: Final = datetime(2000, 1, 1, tzinfo=UTC)


def html_of(template: str, context: dict[str, Any], *, language: str) -> str:
    """A template in a language: what every format is written from."""
    with translation.override(language):
        return render_to_string(template, context)


def render(html: str, *, fixed_id: str, data: bytes, at_page: AtPage | None = None) -> bytes:
    """The PDF of a page: PDF/A-3a and PDF/UA-1, fonts and `data` (JSON) embedded, equal bytes for equal input.

    `fixed_id` is what the document identifier is derived from. A letter that no font of this machine has is printed as
    its code point. `at_page` hears the number of each page as it is laid out. Raises DocumentIncomplete when the renderer warns: a missing picture in an audit document is an
    error, not a blemish.
    """
    with pages_told(at_page or (lambda _page: None)):
        pdf, warned = drawn(html, fixed_id=fixed_id, data=data)
    if warned and all(map(NO_GLYPH.search, warned)):
        pdf, warned = drawn(with_codes(html, warned), fixed_id=fixed_id, data=data)
    if warned:
        raise DocumentIncomplete("The document was not issued, because the renderer left something out: " + warned[0])
    return pdf


def with_codes(html: str, warned: list[str]) -> str:
    """The page with the letters that the renderer could not draw as their code points, so that nothing is left out."""
    codes = {int(code, 16) for sentence in warned for code in NO_GLYPH.findall(sentence)}
    return html.translate({code: f"[U+{code:04X}]" for code in codes})


def drawn(html: str, *, fixed_id: str, data: bytes) -> tuple[bytes, list[str]]:
    """The bytes, and what the renderer warned of."""
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    fetcher = closed_fetcher()
    held = Attachment(string=data, name="data.json", relationship="Data", created=FIXED, modified=FIXED)
    with warnings_collected() as warned, collector_at_rest():
        sheet = CSS(string=style_sheet(), url_fetcher=fetcher, font_config=fonts)
        document = HTML(string=html, url_fetcher=fetcher, base_url=None).render(
            stylesheets=[sheet], font_config=fonts, pdf_variant=VARIANT
        )
        document.metadata.attachments = [held]  # a link in a text could have named others
        pdf = document.write_pdf(
            finisher=name_both_standards,
            pdf_variant=VARIANT,  # not taken over from the laid-out pages: without it here nothing is tagged
            pdf_identifier=hashlib.sha256(fixed_id.encode()).digest()[:16],
        )
    return pdf, warned


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


def picture(content: bytes, media_type: str = "image/svg+xml") -> str:
    """A picture as a data: URL."""
    return f"data:{media_type};base64," + base64.b64encode(content).decode()
