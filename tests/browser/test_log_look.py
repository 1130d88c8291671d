"""The pages of the log as a browser draws them, in every state that they have: protected or not, every answer, erased."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.urls import reverse

from registry.actions import erasure, inventory
from registry.audit import checkpoints, notes, proofs
from registry.audit.keys import log_key
from registry.models import AuditEntry, BodyErasure
from tests import append_only, factories
from tests.browser.test_look import CORNERS, RULES, THEMES, WIDTHS, enter  # noqa: F401
from tests.conftest import is_full
from tests.registry.test_log_pages import WHY

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(transactional_db, settings, tmp_path):
    """A cast with a version, a checkpoint in a folder, and one entry whose erasure waits, one erased."""
    settings.CHECKPOINT_DIR = str(tmp_path)
    cast = factories.make_cast()
    version = factories.make_submittable(cast)
    entries = list(AuditEntry.objects.filter(object_id=version.pk).order_by("seq"))
    inventory.edit_version(version, change_note="Second word.", actor=cast.owner)
    done = erasure.request_erasure(entries[0], reason=WHY, actor=cast.privacy_officer)
    erasure.confirm_erasure(done, actor=cast.risk_officer)
    last = AuditEntry.objects.filter(object_id=version.pk).order_by("-seq").first()
    erasure.request_erasure(last, reason=WHY, actor=cast.privacy_officer)
    checkpoints.tick()
    return cast, version


def faults(page, what: str) -> list[str]:
    """What axe says of the page, and whether it fits."""
    found = [
        f"{what}: {fault['id']} {fault['nodes'][0]['html'][:160]}"
        for fault in Axe().run(page, options=RULES).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*found, f"{what}: too wide"] if wide else found


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("theme", "width"), [(t, w) for t in THEMES for w in WIDTHS] if is_full() else CORNERS)
def test_every_state_of_the_logs_pages_meets_wcag_and_fits(theme, width, told, enter, live_server):  # noqa: F811
    cast, version = told
    page, said = enter(cast.privacy_officer, color_scheme=theme, viewport={"width": width, "height": 900})
    erased = BodyErasure.objects.get(confirmed_at__isnull=False)
    waiting = BodyErasure.objects.get(confirmed_at=None)
    addresses = {
        "log": reverse("audit"), "checkpoints": reverse("checkpoints"), "erasures": reverse("erasures"),
        "erased": reverse("audit-entry", args=[erased.entry_id]), "erasure": reverse("erasure", args=[erased.pk]),
        "asked": reverse("audit-entry", args=[waiting.entry_id]), "waiting": reverse("erasure", args=[waiting.pk]),
        "ask": reverse("audit-entry-erase", args=[AuditEntry.objects.about(version).first().pk]),
        "history": reverse("version-history", args=[version.pk]),
        "as of": reverse("version-as-of", args=[version.pk]),
        "too early": reverse("version-as-of", args=[version.pk]) + "?day=2001-01-01",
        "a day to come": reverse("version-as-of", args=[version.pk]) + "?day=2999-01-01",
    }  # fmt: skip
    found = []
    for what, address in addresses.items():
        page.goto(live_server.url + address)
        found += faults(page, what)
    assert not found, "\n".join(found)
    assert said == []


@pytest.mark.timeout(200)
def test_an_auditor_drops_a_note_and_sees_each_answer_without_javascript(told, enter, live_server):  # noqa: F811
    """B.2: by file and by text; consistent, forged, another log's, newer than the log, rewritten, no note at all."""
    cast, _version = told
    page, _said = enter(cast.auditor, java_script_enabled=False, viewport={"width": 400, "height": 900})
    row, size = checkpoints.newest(), proofs.size_now()
    brought = {
        "The log agrees with this note": row.note,
        "forged or damaged": row.note.replace(f"\n{row.size}\n", f"\n{row.size - 1}\n"),
        "a note of another log": row.note.replace(log_key().origin, "elsewhere.example/log"),
        "newer than the log": notes.signed(size + 5, bytes(32), log_key()),
        "This is no checkpoint note": "hello",
    }
    for says, text in brought.items():
        page.goto(live_server.url + reverse("note-check"))
        page.fill("#id_text", text)
        page.click("main button[type=submit].btn-primary")
        assert says in page.inner_text("main"), says
    page.goto(live_server.url + reverse("note-check"))
    page.set_input_files("#id_file", {"name": "checkpoint.note", "mimeType": "text/plain", "buffer": row.note.encode()})
    page.click("main button[type=submit].btn-primary")
    assert "The log agrees with this note" in page.inner_text("main")
    append_only.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_auditentry SET header = leaf_hash WHERE seq = 3")
    page.fill("#id_text", row.note)
    page.click("main button[type=submit].btn-primary")
    assert "The log was rewritten after entry 0" in page.inner_text("main")


@pytest.mark.timeout(200)
@pytest.mark.parametrize(("theme", "width"), CORNERS)
def test_each_answer_to_a_note_meets_wcag(theme, width, told, enter, live_server):  # noqa: F811
    cast, _version = told
    page, _said = enter(cast.auditor, color_scheme=theme, viewport={"width": width, "height": 900})
    row, found = checkpoints.newest(), []
    forged = row.note.replace(f"\n{row.size}\n", f"\n{row.size - 1}\n")
    for text in (row.note, forged, row.note.replace(log_key().origin, "elsewhere"), "hello"):
        page.goto(live_server.url + reverse("note-check"))
        page.fill("#id_text", text)
        page.click("main button[type=submit].btn-primary")
        page.wait_for_selector("main .note")
        found += faults(page, text[:20])
    assert not found, "\n".join(found)
