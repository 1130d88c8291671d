"""Prints gathered data as a document: one page of HTML, the PDF of it, and the code at the foot of each page."""

import hashlib
import itertools
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from registry.canonical import canonical
from reports import pdf
from reports.catalogue import ReportType
from reports.letterhead import letterhead_of
from reports.models import SigningKey

PLACE: Final = '<nav class="contents"></nav>'
CHAPTER: Final = re.compile("<h2>(.*?)</h2>", re.DOTALL)
TAG: Final = re.compile("<[^>]*>")
FEWEST: Final = 8  # chapters of a document that is worth a table of contents


@dataclass(frozen=True)
class Printed:
    """A document as it was built: its data, the page that every format is written from, its PDF and its code."""

    data: dict[str, Any]
    html: str
    pdf: bytes
    code: str
    foot: str


def printed(
    kind: ReportType,
    data: dict[str, Any],
    *,
    language: str,
    serial: str = "",
    at_page: pdf.AtPage | None = None,
    **pictures: Any,
) -> Printed:
    """The document of a kind; `serial` is the id of the job, so that two documents of equal data have two codes.

    A document without a serial is a part of something else, and carries the digest of its data alone. `at_page` hears
    the number of each page as it is laid out.
    """
    digest = hashlib.sha256(canonical(data)).hexdigest()
    code = verification_code(f"{digest} {serial}".encode()) if serial else ""
    context = {
        "data": data,
        "digest": digest,
        "code": code,
        "language": language,
        "letterhead": letterhead_of(),
        "signing_key": newest_key(),
        **pictures,
    }
    html = with_contents(pdf.html_of(kind.template, context, language=language), language)
    foot = " · ".join(part for part in (str(data["title"]), code, f"sha256:{digest}") if part)
    content = pdf.render(html, fixed_id=digest + code, data=as_json(data), at_page=at_page)
    return Printed(data, html, content, code, foot)


def with_contents(page: str, language: str) -> str:
    """The page with its table of contents, made from its own chapters; a short document has none."""
    titles = CHAPTER.findall(page)
    if PLACE not in page or len(titles) < FEWEST:
        return page.replace(PLACE, "")
    numbers = itertools.count(1)
    page = re.sub("<h2>", lambda _found: f'<h2 id="chapter-{next(numbers)}">', page)
    lines = "".join(
        f'<li><a href="#chapter-{number}">{" ".join(TAG.sub("", title).split())}</a></li>'
        for number, title in enumerate(titles, 1)
    )
    with translation.override(language):
        heading = _("Contents")
    return page.replace(PLACE, f'<nav class="contents"><h2>{heading}</h2><ol>{lines}</ol></nav>')


def newest_key() -> str:
    """The fingerprint of the key that signs packs now; empty before the first pack."""
    return str(
        SigningKey.objects.filter(valid_to=None).order_by("-valid_from").values_list("fingerprint", flat=True).first()
        or ""
    )


def as_json(data: Any) -> bytes:
    """Readable JSON with a fixed order."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()


def verification_code(content: bytes) -> str:
    """Sixteen hexadecimal digits of the digest in groups of four: what a reader types at /verify/."""
    digits = hashlib.sha256(content).hexdigest()[:16].upper()
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))
