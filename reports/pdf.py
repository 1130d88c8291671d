"""Renders documents to PDF: the one place that knows WeasyPrint, behind a fetcher that fetches nothing."""

import base64
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

HERE = Path(__file__).parent
FONTS = HERE / "fonts"


class DocumentIncomplete(ValueError):
    """The renderer left something out (an image, a font, a URL that was refused): the document is not issued."""


def render(template: str, context: dict[str, Any], *, language: str) -> bytes:
    """The PDF of a template in a language: tagged (PDF/UA-1), fonts embedded, equal bytes for equal input.

    `context["fixed_id"]` is what the document identifier is derived from. Raises DocumentIncomplete when the renderer
    warns: a missing picture in an audit document is an error, not a blemish.
    """
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    class ClosedFetcher(URLFetcher):
        """Allows data: only: no file, no network."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=("data",))

    with translation.override(language):
        html = render_to_string(template, context)
    fonts = FontConfiguration()
    fetcher = ClosedFetcher()
    with warnings_collected() as warned:
        sheet = CSS(string=style_sheet(), url_fetcher=fetcher, font_config=fonts)
        document = HTML(string=html, url_fetcher=fetcher, base_url=None).render(
            stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1"
        )
        pdf = document.write_pdf(pdf_identifier=hashlib.sha256(context["fixed_id"].encode()).digest()[:16])
    if warned:
        raise DocumentIncomplete("The document was not issued, because the renderer left something out: " + warned[0])
    return pdf


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


@cache
def style_sheet() -> str:
    """The print style sheet with the shipped fonts inlined, so that no document depends on the machine's."""
    faces = "".join(font_face(weight, file) for weight, file in ((400, "Regular"), (700, "Bold")))
    return faces + (HERE / "documents.css").read_text(encoding="utf-8")


def font_face(weight: int, file: str) -> str:
    """One weight of the shipped family as a data: URL."""
    data = base64.b64encode((FONTS / f"NotoSansSC-{file}.woff2").read_bytes()).decode()
    return (
        f'@font-face {{ font-family: "Noto Sans SC"; font-weight: {weight}; '
        f"src: url(data:font/woff2;base64,{data}) format('woff2'); }}\n"
    )


def picture(svg: bytes) -> str:
    """An SVG as a data: URL."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
