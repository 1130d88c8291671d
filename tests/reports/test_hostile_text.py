"""Markup in every text: no document fetches, embeds or drops anything; names in any script are printed."""

import io
import random

import pytest
from pypdf import PdfReader

from config import sysroot
from reports import formats
from tests.reports.every_kind import KINDS, LANGUAGES, make_world
from tests.reports.hostile import Canary, payloads
from tests.reports.test_pdf_standards import false_alarm

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.timeout(1800)]
BATCH = 10  # texts in each field of one world


@pytest.fixture
def renderer(lacking):
    """The libraries of the renderer; `manage.py test` brings them."""
    if not sysroot.loads(*sysroot.PANGO_LIBRARIES):
        lacking("Pango", "the libraries of the PDF renderer are not on this machine")


@pytest.fixture
def canary():
    """A server that remembers whoever came."""
    server = Canary()
    yield server
    server.close()


def test_sixty_hostile_texts_in_every_field_fetch_and_embed_nothing(renderer, cast, canary, amount, capsys):
    """S-185: threat 10; every kind of document with --full, else some kinds with a tenth of the texts."""
    built = 0
    found = payloads(canary.url)
    assert len(found) >= 60
    draw = random.Random(11)
    drawn = draw.sample(found, max(6, amount(len(found))))
    for start in range(0, len(drawn), BATCH):
        world = make_world(cast, "\n".join(drawn[start : start + BATCH]))
        for kind in draw.sample(KINDS, max(3, amount(len(KINDS)))):
            document = world.printed(kind, draw.choice(LANGUAGES))
            built += 1
            assert set(PdfReader(io.BytesIO(document.pdf)).attachments) == {"data.json"}
            page = formats.written(document)["html"].decode()
            for text in drawn[start : start + BATCH]:
                assert text not in page or "<" not in text
    assert canary.heard == []
    with capsys.disabled():
        print(f"\n{len(drawn)} texts, {built} documents: 0 connections, 0 files but their data")


def test_names_in_any_script_are_printed_and_the_file_keeps_to_the_standards(renderer, cast):
    """S-189: Arabic, Chinese, Thai and pictures among letters."""
    page = pytest.importorskip("page", reason="page-validation is not installed")
    world = make_world(cast, "محمد · 李雷 · Łukasz · 😀 · Ω · ไ")
    document = world.printed("transparency", "en")
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(document.pdf)).pages)
    assert "李雷" in text and "Łukasz" in text
    assert "ไ" in text or "[U+0E44]" in text  # by a font of this machine, or by its code
    for profile in ("ua1", "3a"):
        found = page.validate_pdf_bytes(document.pdf, profile=profile)
        wrong = [one for one in found.failures if not false_alarm(one, document.pdf)]
        assert [(one.rule_id, one.message) for one in wrong] == []
