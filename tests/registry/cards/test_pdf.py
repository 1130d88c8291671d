"""The model card as a report: built by the same machinery as every other, in both languages, from any text."""

import pytest
from django.utils import timezone

from config import sysroot
from registry.actions import cards
from reports import building
from reports.catalogue import REPORTS
from tests import factories
from tests.registry.cards.test_writing import OUTCOME

# Of a check that has no sentences of its own.
RUN = OUTCOME | {"check": "elsewhere"}
ODD = "<b>bold</b> 作者:李雷 Łukasz\nsecond line"


@pytest.fixture
def version(cast):
    """A version with a card, a run and odd texts."""
    version = factories.make_submittable(cast)
    factories.make_evidence(cast, version, check_slug="performance", shows=["performance.holdout"], outcome=RUN)
    texts = {"card_authors": ODD, "caveats": "x" * 3_000 + " " + "many words " * 700, "purpose.note": "Also in spring."}
    cards.save_card(version, fields=texts, actor=cast.owner)
    return version


@pytest.fixture
def renderer(lacking):
    """The libraries of the renderer; `manage.py test` brings them."""
    if not sysroot.loads(*sysroot.PANGO_LIBRARIES):
        lacking("Pango", "the libraries of the PDF renderer are not on this machine")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pdf_of_a_card_is_built_in_both_languages(renderer, version, language):
    """S-056: text of any kind and length is printed, with the sources; the renderer leaves nothing out."""
    data, document = building.built(REPORTS["model_card"], version, as_of=timezone.now(), language=language)
    assert document.startswith(b"%PDF")
    printed = {field["id"]: field for section in data["card"]["sections"] for field in section["fields"]}
    assert printed["card_authors"]["text"] == ODD
    assert printed["results"]["digest"].startswith("sha256:")
    assert printed["purpose"]["note"].startswith("Also in spring.")
    assert (data["card"]["filled"], data["card"]["required"]) == (data["card"]["required"], data["card"]["required"])


def test_a_report_on_the_card_can_be_asked_for(client, cast, version):
    from django.urls import reverse

    client.force_login(cast.risk_officer)
    answer = client.post(reverse("version-reports", args=[version.pk]), {"kind": "model_card", "language": "en"})
    assert answer.status_code == 302
