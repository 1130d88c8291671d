"""Every kind of PDF in both languages: PDF/A-3a and PDF/UA-1, with its data inside and nothing else, digest on each page."""

import io
import json
import os
import random
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext
from pypdf import PdfReader

from config import sysroot
from tests.reports.every_kind import KINDS, LANGUAGES, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
# Characters of a page below which a reader takes it for an accident; the foot alone has some 120.
SPARSE = 300
EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]


@pytest.fixture
def renderer(lacking):
    """The libraries of the renderer; `manage.py test` brings them."""
    if not sysroot.loads(*sysroot.PANGO_LIBRARIES):
        lacking("Pango", "the libraries of the PDF renderer are not on this machine")


@pytest.fixture
def chosen(amount):
    """Kinds and languages: all with --full, else a tenth and one of the other language."""
    return random.Random(17).sample(EVERY, min(len(EVERY), amount(len(EVERY)) + 1))


def false_alarm(failure, content: bytes) -> bool:
    """The validator's one known error: a stream whose last byte is 0x0D, which it takes for a line end before `endstream`.

    The length is right as the file says it (ISO 32000-1, 7.3.8.1: the end-of-line marker before `endstream` is not
    part of the stream, the byte before it is); pypdf reads the stream by its length without complaint.
    """
    if "STREAM-LENGTH" not in failure.rule_id or failure.object_id is None:
        return False
    number = failure.object_id.object_number
    begin = content.index(f"\n{number} 0 obj".encode())
    return content[begin : content.index(b"endstream", begin)].endswith(b"\r\n")


def test_every_kind_is_an_archive_file_and_accessible_in_both_languages(renderer, cast, chosen, capsys):
    """S-185, S-189: the validator finds nothing wrong against PDF/UA-1 and PDF/A-3a."""
    page = pytest.importorskip("page", reason="page-validation is not installed")
    world, alarms = make_world(cast), 0
    for kind, language in chosen:
        content = world.printed(kind, language).pdf
        if PICTURES:
            (Path(PICTURES) / f"{kind}-{language}.pdf").write_bytes(content)
        for profile in ("ua1", "3a"):
            found = page.validate_pdf_bytes(content, profile=profile)
            wrong = [(one.rule_id, one.message) for one in found.failures if not false_alarm(one, content)]
            assert wrong == [], (kind, language, profile)
            alarms += len(found.failures)
    with capsys.disabled():
        print(f"\n{len(chosen)} of {len(EVERY)} PDFs x 2 profiles: 0 faults, {alarms} false alarms")


def test_what_the_standards_ask_for_stands_in_every_file(renderer, cast, chosen):
    """S-185: tags, language, title, embedded fonts, its data and nothing else; code and digest at the foot of each page."""
    world = make_world(cast)
    for kind, language in chosen:
        document = world.printed(kind, language)
        file = PdfReader(io.BytesIO(document.pdf))
        root = file.trailer["/Root"]
        said = root["/Metadata"].get_object().get_data()
        assert b"<pdfaid:part>3</pdfaid:part>" in said and b"<pdfuaid:part>1</pdfuaid:part>" in said
        assert (
            root["/MarkInfo"]["/Marked"] and root["/StructTreeRoot"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
        )
        assert root["/Lang"] == language and file.metadata.title
        assert {name: json.loads(held[0]) for name, held in file.attachments.items()} == {
            "data.json": json.loads(json.dumps(document.data, default=str))
        }
        assert fonts_of(file) and all(fonts_of(file))
        for number, sheet in enumerate(file.pages):
            text = sheet.extract_text()
            assert document.code in text and document.foot[-64:] in text, (kind, language, number)


def test_the_first_page_is_read_in_two_minutes_and_the_last_says_what_was_not_checked(renderer, cast, chosen, amount):
    """S-188: every kind sums itself up on its first page, explains its words, and says what it does not cover."""
    world = make_world(cast)
    for kind, language in chosen[-amount(len(EVERY)) :]:
        document = world.printed(kind, language)
        pages = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(document.pdf)).pages]
        whole = "".join("".join(pages).split())
        with translation.override(language):
            summed, words, limits = (
                "".join(str(gettext(text)).split())
                for text in ("In two minutes", "Glossary and method", "What was not checked and why")
            )
        assert summed in "".join(pages[0].split()), (kind, language)
        assert words in whole and limits in whole, (kind, language)
        assert all(len(text) > SPARSE for text in pages[:-1]), (kind, language, "a page is nearly empty")


def fonts_of(file: PdfReader) -> list[bool]:
    """For each font of the file whether its program lies in it."""
    found = []
    for sheet in file.pages:
        for font in sheet["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            found.append(any(name.startswith("/FontFile") for name in descendant["/FontDescriptor"].get_object()))
    return found
