"""Erasure: two people take the text out of an entry; the log still verifies, and the text is nowhere in the database."""

import time
from pathlib import Path

import pytest
from django.db import connection

from registry.actions import erasure, inventory
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import AuditBody, AuditEntry, BodyErasure
from tests import factories

WHY = "The person asked to be forgotten."
MARK = "Zachariah Quillfeather"


@pytest.fixture
def entry(cast):
    """An entry whose text names a person."""
    version = factories.make_version(cast)
    inventory.edit_version(version, change_note=f"Trained by {MARK}.", actor=cast.owner)
    inventory.edit_version(version, change_note="Trained by the team.", actor=cast.owner)
    return AuditEntry.objects.filter(action="version.edited").order_by("seq").first()


def found() -> str:
    """All findings in one text."""
    return "\n".join(verification.findings())


def test_one_asks_another_confirms_and_the_log_still_verifies(cast, entry):
    """P13: the text and its salt are gone, the rest of the entry stays, and both acts are in the log."""
    asked = erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer)
    assert AuditBody.objects.get(pk=entry.pk).body is not None
    erasure.confirm_erasure(asked, actor=cast.risk_officer)
    body = AuditBody.objects.get(pk=entry.pk)
    assert (body.body, body.salt, body.erased_reason) == (None, None, WHY)
    acts = list(AuditEntry.objects.filter(object_id=asked.pk).order_by("seq").values_list("action", "actor_id"))
    assert acts == [
        ("erasure.requested", cast.privacy_officer.pk), ("erasure.confirmed", cast.risk_officer.pk),
    ]  # fmt: skip
    walk = verification.Walk()
    assert list(verification.findings(walk)) == []
    assert f"entry {entry.pk}: erased ({WHY}; asked for by Priya Privacy, confirmed by Rita Risk" in "".join(
        verification.remarks(walk)
    )


def test_nobody_confirms_an_erasure_of_his_own(cast, entry):
    """Four eyes: a second privacy officer may, the first may not."""
    asked = erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer)
    with pytest.raises(NotAllowed, match="somebody else"):
        erasure.confirm_erasure(asked, actor=cast.privacy_officer)
    assert AuditBody.objects.get(pk=entry.pk).body is not None


@pytest.mark.parametrize("part", ["owner", "approver", "publisher", "auditor", "administrator", "outsider"])
def test_others_neither_ask_nor_confirm(cast, entry, part):
    person = getattr(cast, part)
    with pytest.raises(NotAllowed):
        erasure.request_erasure(entry, reason=WHY, actor=person)
    asked = erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer)
    with pytest.raises(NotAllowed):
        erasure.confirm_erasure(asked, actor=person)


def test_a_request_needs_a_reason_and_is_made_once(cast, entry):
    with pytest.raises(BadInput, match="ten characters"):
        erasure.request_erasure(entry, reason="gone", actor=cast.privacy_officer)
    asked = erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer)
    with pytest.raises(NotAllowed, match="asked for already"):
        erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer)
    erasure.confirm_erasure(asked, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="erased already"):
        erasure.confirm_erasure(asked, actor=cast.risk_officer)


def test_an_erasure_that_nobody_confirmed_in_the_log_is_found(cast, entry):
    """Taking a text away by SQL, with a row that says it was allowed, is found."""
    asked = erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_auditbody SET body = NULL, salt = NULL, erased_at = CURRENT_TIMESTAMP WHERE entry_id = %s",
            [entry.pk],
        )
        assert f"entry {entry.pk} (version.edited): its body is gone without a recorded erasure" in found()
        cursor.execute(
            "UPDATE registry_bodyerasure SET confirmed_at = CURRENT_TIMESTAMP, confirmed_by_id = requested_by_id"
        )
    assert f"registry.BodyErasure {asked.pk}: confirmed_at, confirmed_by changed outside the log" in found()


# ---- nowhere in the files


@pytest.mark.both
def test_a_hundred_erased_texts_are_nowhere_in_the_database(transactional_db, cast, amount):
    """P13: 100 with --full; after VACUUM the bytes are in no file of the tables, nor in SQLite's write-ahead log."""
    marks = [f"{MARK} the {number}th" for number in range(amount(100))]
    version = factories.make_version(cast)
    for mark in marks:
        inventory.edit_version(version, change_note=f"Trained by {mark}.", actor=cast.owner)
    inventory.edit_version(version, change_note="Trained by the team.", actor=cast.owner)
    rewrite_files()
    assert all(mark.encode() in database_bytes() for mark in marks[:3])  # the search does find what is there
    for entry in AuditEntry.objects.filter(action="version.edited").order_by("seq")[: len(marks)]:
        asked = erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer)
        erasure.confirm_erasure(asked, actor=cast.risk_officer)
    assert BodyErasure.objects.filter(confirmed_at__isnull=False).count() == len(marks)
    require_gone()
    assert found() == ""


def require_gone() -> None:
    """PostgreSQL keeps a dead row for as long as anybody reads who may still see it, its own upkeep included."""
    until = time.monotonic() + 60
    rewrite_files()
    while MARK.encode() in database_bytes() and connection.vendor == "postgresql" and time.monotonic() < until:
        time.sleep(1)
        rewrite_files()
    assert MARK.encode() not in database_bytes()


def rewrite_files() -> None:
    """What an administrator runs after an erasure, so that freed pages are gone too."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute("VACUUM FULL")
            cursor.execute("CHECKPOINT")


def database_bytes() -> bytes:
    """All bytes of the files that hold the tables; compressed values of PostgreSQL are too short here to be any."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        return b"".join(Path(name + end).read_bytes() for end in ("", "-wal") if Path(name + end).exists())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        )
        folder, oid = cursor.fetchone()
    base = Path(folder) / "base" / str(oid)
    if not base.is_dir():
        pytest.skip("the server's data folder is not on this machine")
    return b"".join(place.read_bytes() for place in base.iterdir() if place.is_file())
