"""The page behind a code of a document and those of a brought framework, as a stranger's and a member's browser draw them."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from registry import blobs
from reports import printing
from reports.imported import actions
from reports.models import Report
from tests import factories
from tests.factories import PASSWORD
from tests.policies import writing
from tests.reports import catalogues

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
CORNERS = (("light", 1280, "en"), ("dark", 400, "zh-hans"))
PDF = b"%PDF-1.7 a report for tests"


def report(cast) -> Report:
    """A report with its file, ended as a worker ends it but without rendering."""
    row = Report(version=factories.make_version(cast), kind="compliance", language="en", requested_by=cast.risk_officer)
    row.system = row.version.home_system
    row.blob, row.as_of, row.code = blobs.store(PDF, "application/pdf"), timezone.now(), printing.verification_code(PDF)
    with transaction.atomic():
        row.save()
    return row


def looked(page, name) -> list:
    """What is wrong with the page as it stands; its picture where pictures are wanted."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"codes-{name}.png", full_page=True)
    faults = Axe().run(page, options=RULES).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [(name, fault["id"], fault["nodes"][0]["html"]) for fault in faults] + ([(name, wide)] if wide > 0 else [])


@pytest.mark.long
def test_a_stranger_compares_a_file_where_it_is_and_a_member_reads_a_brought_framework(
    cast, browser_context, live_server, tmp_path
):
    """P4: the code leads a stranger to an answer; the file is hashed in the browser and sent nowhere."""
    row, people, wrong = report(cast), writing.governors(cast), []
    (tmp_path / "same.pdf").write_bytes(PDF)
    (tmp_path / "other.pdf").write_bytes(PDF + b"!")
    given = {"reason": "Our own controls.", "actor": people["author"]}
    actions.bring(content=catalogues.text(catalogues.OSCAL), file="house.json", slug="house_controls", **given)
    people["first"].set_password(PASSWORD)
    people["first"].save()
    edition = actions.bring(content=catalogues.RULES.encode(), file="rules.yaml", **given)
    for theme, width, language in CORNERS:
        context = browser_context(color_scheme=theme, viewport={"width": width, "height": 900}, locale=language)
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page, sent = context.pages[0], []
        page.on("request", lambda request, sent=sent: sent.append(request.method))
        page.goto(live_server.url + reverse("verify", args=[row.code]))
        for name, word in (("same", ".note-success"), ("other", ".note-warning")):
            page.set_input_files("#id_file", tmp_path / f"{name}.pdf")
            page.wait_for_url("**sha256=**")
            page.wait_for_selector(word)
            wrong += looked(page, f"{name}-{theme}-{width}")
            page.goto(live_server.url + reverse("verify", args=[row.code]))
        assert set(sent) == {"GET"}
        page.goto(live_server.url + reverse("login"))
        page.fill("[name=username]", people["first"].email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/login/" not in url)
        for name, url in {
            "editions": reverse("framework-editions"), "edition": edition.get_absolute_url(),
            "grid": reverse("framework", args=["house_controls"]), "control": reverse("requirement", args=["house_controls", "in-1"]),
            "item": reverse("requirement", args=["nist_ai_rmf", "MEASURE-2.11"]), "board": reverse("board-risk"),
        }.items():  # fmt: skip
            page.goto(live_server.url + url)
            wrong += looked(page, f"{name}-{theme}-{width}")
            assert page.url.endswith(url)
    assert wrong == []
