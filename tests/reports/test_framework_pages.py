"""The pages of frameworks: themes of a system, overrides, what is lacking and where it is mended, and the rule's digest."""

import pytest
from django.test import Client

from registry.models import Duty
from registry.registers import subjects
from reports.framework_files import file_digest
from reports.themes import THEMES
from tests import factories
from tests.registry.registers import samples
from tests.reports.test_statements import overridden


@pytest.fixture
def pages(cast):
    found = Client()
    found.force_login(samples.writer(cast))
    return found


def test_each_theme_of_responsible_ai_has_a_status_for_a_system(cast, pages):
    """S-123: fairness, explanation, governance, privacy, security, robustness and transparency, one status each."""
    system = factories.make_system(cast)
    answer = pages.get(f"/frameworks/nist_ai_rmf/?system={system.pk}")
    assert len(answer.context["themes"]) == len(THEMES) == 8
    assert all(theme.result == "not_met" or theme.result == "partly" for theme in answer.context["themes"])
    assert "Themes of responsible AI" in answer.content.decode()


def test_a_requirement_says_what_would_make_it_met_and_where(cast, pages):
    """P6: each open item with the place to mend it, and the digest of the file that holds the rule."""
    page = pages.get("/frameworks/nist_ai_rmf/GOVERN-1.1/").content.decode()
    assert "What would make it met" in page and "/registers/signed_statement/" in page
    assert file_digest("nist_ai_rmf") in page


def test_an_override_is_marked_on_both_pages(cast, pages):
    chief = factories.invite("chief", "Cora Chief", Duty.EXECUTIVE, subjects.root(), cast.administrator)
    overridden(cast, chief)
    assert "Override" in pages.get("/frameworks/nist_ai_rmf/").content.decode()
    page = pages.get("/frameworks/nist_ai_rmf/GOVERN-1.1/").content.decode()
    assert "set by people until" in page and "By the evidence:" in page
