"""Documents as PDF: a short one is drawn here, a long one in several processes; either way nothing is fetched."""

import base64
import re
from functools import partial
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation

from reports.pdf import apart, engine
from reports.pdf.engine import AtPage, DocumentIncomplete

__all__ = ["AtPage", "DocumentIncomplete", "html_of", "picture", "render"]

NO_GLYPH: Final = re.compile(r"\.notdef glyph rendered .*\(U\+([0-9A-F]+)\)")


def html_of(template: str, context: dict[str, Any], *, language: str) -> str:
    """A template in a language: what every format is written from."""
    with translation.override(language):
        return render_to_string(template, context)


def render(html: str, *, fixed_id: str, data: bytes, at_page: AtPage | None = None) -> bytes:
    """The PDF of a page: PDF/A-3a and PDF/UA-1, fonts and `data` (JSON) embedded, equal bytes for equal input.

    `fixed_id` is what the document identifier is derived from. A letter that no font of this machine has is printed as
    its code point. `at_page` hears how many pages are laid out. A document of more than some sixty pages is drawn in
    parts by several processes, whatever machine it is drawn on. Raises DocumentIncomplete when the renderer warns: a
    missing picture in an audit document is an error, not a blemish.
    """
    draw = apart.drawn if apart.is_long(html) else engine.drawn
    drawn = partial(draw, fixed_id=fixed_id, data=data, at_page=at_page or (lambda _page: None))
    pdf, warned = drawn(html)
    if warned and all(map(NO_GLYPH.search, warned)):
        pdf, warned = drawn(with_codes(html, warned))
    if warned:
        raise DocumentIncomplete("The document was not issued, because the renderer left something out: " + warned[0])
    return pdf


def with_codes(html: str, warned: list[str]) -> str:
    """The page with the letters that the renderer could not draw as their code points, so that nothing is left out."""
    codes = {int(code, 16) for sentence in warned for code in NO_GLYPH.findall(sentence)}
    return html.translate({code: f"[U+{code:04X}]" for code in codes})


def picture(content: bytes, media_type: str = "image/svg+xml") -> str:
    """A picture as a data: URL."""
    return f"data:{media_type};base64," + base64.b64encode(content).decode()
