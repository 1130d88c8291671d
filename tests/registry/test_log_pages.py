"""The pages of the log: how far it is protected, what a note that was kept says of it, and how little each list asks."""

import base64
import random
import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from registry.actions import inventory
from registry.audit import checkpoints, keys, merkle, notes, proofs, publishing, verification
from registry.audit.keys import LogKey, log_key
from registry.models import AuditBody, AuditCheckpoint, AuditEntry, BodyErasure
from registry.note_answers import answer_to
from registry.views import paging
from tests import append_only, factories


@pytest.fixture
def folder(settings, tmp_path):
    """A place outside for notes."""
    settings.CHECKPOINT_DIR = str(tmp_path)
    return tmp_path


@pytest.fixture
def version(cast):
    """A version with all that belongs to it, so that the log has entries of many kinds."""
    return factories.make_submittable(cast)


@pytest.fixture
def auditor(cast, client):
    """The auditor's browser."""
    client.force_login(cast.auditor)
    return client


def grow(cast, version, times: int = 1) -> None:
    """A few more entries."""
    for number in range(times):
        inventory.edit_system(version.home_system, name=f"Name {number} {AuditEntry.objects.count()}", actor=cast.owner)


def sql(statement: str, *values) -> None:
    """A change beside the program, by somebody who owns the database and so takes its triggers away first."""
    append_only.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def text_of(answer) -> str:
    """What a reader reads, in one line."""
    return re.sub(r"\s+(?=[,.\s])", "", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\n", " ")


# ---- how far it is protected


def test_the_log_says_plainly_that_nothing_outside_is_set_up(version, auditor):
    page = text_of(auditor.get(reverse("audit")))
    assert "Nothing outside is set up" in page
    assert "could rewrite the log and nobody would find it" in page
    assert "ATTESTRY_CHECKPOINT_DIR" in page


def test_the_log_says_up_to_which_entry_a_note_lies_outside_and_where(version, auditor, folder):
    """P1: the window of exposure is told where the log is read."""
    row = checkpoints.tick()
    page = text_of(auditor.get(reverse("audit")))
    assert f"Protected up to entry {row.size}, " in page
    assert "a folder" in page
    assert str(folder / f"checkpoint-{row.size:012d}.note") in page
    assert "Nothing outside" not in page


def test_a_place_that_refused_the_newest_note_is_named_beside_the_older_protection(
    version, cast, auditor, folder, settings
):
    held = checkpoints.tick()
    settings.CHECKPOINT_DIR = str(folder / "gone")
    grow(cast, version)
    AuditCheckpoint.objects.update(made_at=held.made_at - checkpoints.EVERY)
    checkpoints.tick()
    page = text_of(auditor.get(reverse("audit")))
    assert f"Protected up to entry {held.size}, " in page
    assert "Not put into a folder: The folder" in page


def test_a_folder_on_the_disk_of_the_database_is_said_to_be_no_other_place(version, auditor, folder, monkeypatch):
    """Whoever owns the machine's one disk could rewrite both."""
    monkeypatch.setattr(publishing, "shares_the_disk", lambda place: True)
    checkpoints.tick()
    page = auditor.get(reverse("audit"))
    assert "lies on the same disk as the database" in text_of(page)
    assert not page.context["standing"].is_sound


def test_a_place_without_a_note_yet_is_no_protection(version, auditor, folder):
    assert "No note lies outside yet" in text_of(auditor.get(reverse("audit")))


def test_fifty_entries_are_shown_with_six_queries(version, cast, auditor, folder, django_assert_max_num_queries):
    """Speed: a page with 50 rows of history, banner and receipts included."""
    checkpoints.tick()
    grow(cast, version, 60)
    with django_assert_max_num_queries(6):
        page = auditor.get(reverse("audit"))
    assert len(page.context["page"].objects) == 50


def test_the_history_of_one_object_is_shown_with_six_queries(version, cast, auditor, django_assert_max_num_queries):
    grow(cast, version, 60)
    with django_assert_max_num_queries(6):
        page = auditor.get(reverse("audit"), {"about": str(version.home_system.pk)})
    assert len(page.context["page"].objects) == 50
    page = auditor.get(reverse("audit"), {"about": str(version.pk)})
    assert {row.object_id for row in page.context["page"].objects} == {version.pk}


@pytest.mark.parametrize("reader", ["owner", "auditor"])
def test_fifty_entries_of_a_version_are_shown_with_six_queries(
    reader, version, cast, client, django_assert_max_num_queries
):
    """Speed: the History tab asks no gate, since it draws no release path."""
    client.force_login(getattr(cast, reader))
    for number in range(60):
        version.refresh_from_db()
        inventory.edit_version(version, change_note=f"Note {number}", actor=cast.owner)
    with django_assert_max_num_queries(6):
        page = client.get(reverse("version-history", args=[version.pk]))
    assert len(page.context["page"].objects) == 50
    assert 'class="path"' not in page.content.decode()


def test_the_pages_of_the_log_show_every_entry_once(version, cast, auditor, monkeypatch):
    monkeypatch.setattr(paging.page_of, "__kwdefaults__", {"size": 7})
    seen, url = [], reverse("audit")
    while url:
        page = auditor.get(url).context["page"]
        seen += [row.seq for row in page.objects]
        url = page.next_url and reverse("audit") + page.next_url
    visible = AuditEntry.objects.visible_to(cast.auditor).order_by("-seq").values_list("seq", flat=True)
    assert seen == list(visible)
    assert len(seen) > 7


# ---- checkpoints to take away


def test_every_checkpoint_is_listed_with_what_each_place_answered(version, auditor, folder):
    row = checkpoints.tick()
    page = text_of(auditor.get(reverse("checkpoints")))
    assert str(folder / f"checkpoint-{row.size:012d}.note") in page
    assert str(log_key().verifier) in page


def test_the_newest_note_is_handed_out_as_it_was_signed(version, auditor):
    row = checkpoints.make()
    answer = auditor.get(reverse("checkpoint-note"))
    assert answer.content.decode() == row.note
    assert answer["Content-Disposition"] == 'attachment; filename="checkpoint.note"'
    assert notes.parse(answer.content.decode()).is_signed_by(log_key().verifier)


def test_before_the_first_checkpoint_there_is_no_note_to_take(version, auditor):
    assert auditor.get(reverse("checkpoint-note")).status_code == 404
    assert "No checkpoint yet" in text_of(auditor.get(reverse("checkpoints")))


def test_the_key_that_is_handed_out_checks_the_note(version, auditor):
    note = notes.parse(checkpoints.make().note)
    key = checkpoints.log_key().verifier.parse(auditor.get(reverse("checkpoint-key")).content.decode())
    assert note.is_signed_by(key)


def test_entries_that_wait_for_minutes_are_said_to_lack_a_worker(version, auditor, monkeypatch):
    later = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "Entries wait for a checkpoint since" in text_of(auditor.get(reverse("checkpoints")))


# ---- a signer holds the key apart


@pytest.fixture
def apart(settings, tmp_path, version):
    """The web process, which does not hold the key; a note that the signer made."""
    note = checkpoints.make().note
    settings.SIGN_BY_QUEUE, settings.DATA_DIR = True, tmp_path
    return note


def test_where_a_signer_holds_the_key_its_public_half_checks_notes(apart, auditor, tmp_path, settings):
    """P8: the signer hands it out at its start; the web process reads no private key, and makes none."""
    keys.signing_key()
    assert (tmp_path / "log-key.txt").read_text() == f"{log_key().verifier}\n"
    settings.KEY_DIR = tmp_path / "closed"
    assert "The log agrees with this note" in text_of(bring(auditor, apart))
    assert str(log_key().verifier) in text_of(auditor.get(reverse("checkpoints")))


def test_a_key_that_was_not_handed_out_is_said_to_be_missing(apart, auditor, tmp_path, settings):
    settings.KEY_DIR = tmp_path / "closed"
    assert "See that a worker of queue sign runs" in text_of(bring(auditor, apart))
    assert "has not handed out its public half" in text_of(auditor.get(reverse("checkpoints")))
    assert auditor.get(reverse("checkpoint-key")).status_code == 404
    assert list(tmp_path.rglob("*.pem")) == []


# ---- a note is brought


def bring(client, text: str):
    """Paste a note."""
    return client.post(reverse("note-check"), {"text": text})


def signed_note(size: int, root: bytes, key: LogKey | None = None) -> str:
    """A note by the log's own key, or another."""
    return notes.signed(size, root, key or log_key())


def test_a_kept_note_agrees_with_a_log_that_only_grew(version, cast, auditor):
    """P2."""
    row = checkpoints.make()
    grow(cast, version, 5)
    page = bring(auditor, row.note)
    assert page.status_code == 200
    assert f"The log agrees with this note: its first {row.size} entries" in text_of(page)


def test_a_note_may_be_brought_as_a_file(version, auditor):
    file = SimpleUploadedFile("checkpoint.note", checkpoints.make().note.encode())
    page = auditor.post(reverse("note-check"), {"file": file})
    assert "The log agrees with this note" in text_of(page)


def test_a_note_pasted_with_the_line_ends_of_windows_is_read(version, auditor):
    assert "The log agrees with this note" in text_of(bring(auditor, checkpoints.make().note.replace("\n", "\r\n")))


def test_a_rewritten_log_is_named_with_the_last_entry_that_still_agrees(version, cast, auditor):
    """P2: the database's owner changed an entry after the first checkpoint and before the second."""
    first = checkpoints.make()
    grow(cast, version, 5)
    second = checkpoints.make()
    sql("UPDATE registry_auditentry SET header = leaf_hash WHERE seq = %s", first.size + 2)
    page = text_of(bring(auditor, second.note))
    assert f"The log was rewritten after entry {first.size}" in page
    assert "agrees with this note" not in page
    assert "The log agrees with this note" in text_of(bring(auditor, first.note))


def test_a_checkpoint_made_after_the_rewriting_is_no_agreement(version, cast, auditor):
    """Three notes: the log was changed before the second, so the third is answered with the first."""
    first = checkpoints.make()
    grow(cast, version, 5)
    checkpoints.make()
    grow(cast, version, 5)
    third = checkpoints.make()
    sql("UPDATE registry_auditentry SET header = leaf_hash WHERE seq = %s", first.size + 1)
    assert f"The log was rewritten after entry {first.size}:" in text_of(bring(auditor, third.note))


def test_a_checkpoint_that_the_rewriter_put_in_place_is_not_believed(version, cast, auditor):
    """A row with the root of the rewritten log, but without the key's signature, does not count as agreement."""
    first = checkpoints.make()
    grow(cast, version, 5)
    second = checkpoints.make()
    sql("UPDATE registry_auditentry SET header = leaf_hash WHERE seq = %s", first.size + 1)
    size = first.size + 2
    fake = notes.body_of(log_key().origin, size, proofs.root_at(size)) + "\n" + first.note.splitlines()[-1] + "\n"
    AuditCheckpoint.objects.create(size=size, root=proofs.root_at(size), note=fake, key_fingerprint="x")
    assert f"The log was rewritten after entry {first.size}" in text_of(bring(auditor, second.note))


def test_a_note_that_is_newer_than_the_log_says_that_entries_were_removed(version, auditor):
    """P2: a backup was put back."""
    size = proofs.size_now()
    page = text_of(bring(auditor, signed_note(size + 3, bytes(32))))
    assert f"it was made of {size + 3} entries, the log holds {size}" in page


def test_a_changed_number_in_a_note_is_a_forged_signature(version, auditor):
    row = checkpoints.make()
    page = text_of(bring(auditor, row.note.replace(f"\n{row.size}\n", f"\n{row.size - 1}\n")))
    assert "The signature is forged or damaged" in page


def test_a_note_under_our_name_by_another_key_is_forged(version, auditor, settings):
    settings.LOG_ORIGIN = "bank.example/log"
    size = proofs.size_now()
    other = LogKey.of(Ed25519PrivateKey.generate())
    assert "forged or damaged" in text_of(bring(auditor, signed_note(size, proofs.root_at(size), other)))


def test_a_note_of_another_log_is_named_as_one(version, auditor, settings):
    size = proofs.size_now()
    settings.LOG_ORIGIN = "elsewhere.example/log"
    text = signed_note(size, proofs.root_at(size))
    settings.LOG_ORIGIN = "bank.example/log"
    page = text_of(bring(auditor, text))
    assert "a note of another log: it says “elsewhere.example/log”, this log is called “bank.example/log”" in page


GOOD = "bank\n5\n" + "A" * 43 + "=\n\n— bank " + "A" * 92 + "\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Give the note as a file or as text"),
        ("   \n", "Give the note as a file or as text"),
        ("hello", "an origin, a size, a root, an empty line and a signature"),
        ("bank\n5\n" + "A" * 43 + "=\n", "an origin, a size, a root, an empty line and a signature"),
        (GOOD.replace("\n5\n", "\nfive\n"), "Its second line is no size"),
        (GOOD.replace("\n5\n", "\n-5\n"), "Its second line is no size"),
        (GOOD.replace("\n5\n", "\n05\n"), "Its second line is no size"),
        (GOOD.replace("\n5\n", "\n" + "9" * 40 + "\n"), "Its second line is no size"),
        (GOOD.replace("A" * 43 + "=\n\n", "AAAA\n\n"), "Its third line is no root"),
        (GOOD.replace("— bank", "- bank"), "Below the empty line stand signatures only"),
        (GOOD.replace("A" * 92, "%%%"), "Below the empty line stand signatures only"),
        ("x" * 70_000, "longer than any checkpoint note"),
        ("bank\x00\n5\n", "Null characters are not allowed"),
    ],
)
def test_every_wrong_form_of_a_note_gets_a_sentence(text, says, version, auditor):
    page = bring(auditor, text)
    assert page.status_code == 422
    assert says in text_of(page)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00b", "no text in UTF-8"),
        (b"x" * 70_000, "larger than any checkpoint note"),
        (b"hello", "an origin, a size, a root"),
    ],
)
def test_every_wrong_file_gets_a_sentence(content, says, version, auditor):
    page = auditor.post(reverse("note-check"), {"file": SimpleUploadedFile("a.note", content)})
    assert page.status_code == 422
    assert says in text_of(page)


def test_a_file_and_a_text_at_once_are_refused(version, auditor):
    note = checkpoints.make().note
    data = {"file": SimpleUploadedFile("a.note", note.encode()), "text": note}
    assert "one of the two" in text_of(auditor.post(reverse("note-check"), data))


def test_what_a_refused_note_said_is_kept_in_the_form(version, auditor):
    assert ">half a note</textarea>" in bring(auditor, "half a note").content.decode().replace("\n", "")


def test_500_pairs_of_note_and_log_get_the_right_answer(version, cast, auditor, amount, seed):
    """P2: half of them forged histories of equal or greater length; no wrong answer through the page."""
    rng, wrong = random.Random(seed), []
    grow(cast, version, 20)
    size = proofs.size_now()
    for number in range(amount(500)):
        at = rng.randint(1, size)
        note, is_forged = signed_note(at, proofs.root_at(at)), number % 2 == 1
        point = transaction.savepoint()
        if is_forged:
            sql("UPDATE registry_auditentry SET header = leaf_hash WHERE seq = %s", rng.randint(1, at))
        else:
            sql("UPDATE registry_auditentry SET header = leaf_hash WHERE seq = %s", rng.randint(at + 1, size + 1))
        if answer_to(note).is_good == is_forged:
            wrong.append((number, at))
        transaction.savepoint_rollback(point)
    assert wrong == []


# ---- one entry


def entry_page(client, entry) -> str:
    """The page of an entry, as text."""
    return text_of(client.get(reverse("audit-entry", args=[entry.pk])))


def test_an_entry_tells_what_it_changed_before_and_after(version, cast, auditor):
    old = version.home_system.name
    grow(cast, version)
    page = entry_page(auditor, AuditEntry.objects.order_by("-seq").first())
    assert f"Name {old} Name 0" in page
    assert "system.edited" in page
    assert "Olga Owner" in page


def test_an_entry_hands_out_the_proof_that_the_log_holds_it(version, cast, auditor):
    """P1, in the C2SP form that a third-party tool reads."""
    entry = AuditEntry.objects.visible_to(cast.auditor).first()
    url = reverse("audit-entry-proof", args=[entry.pk])
    assert auditor.get(url).status_code == 404
    assert "No checkpoint holds it yet" in entry_page(auditor, entry)
    row = checkpoints.make()
    lines = auditor.get(url).content.decode().split("\n")
    note = notes.parse("\n".join(lines[lines.index("") + 1 :]))
    path = [base64.b64decode(line) for line in lines[2 : lines.index("")]]
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", f"index {entry.seq - 1}"]
    assert merkle.proves_inclusion(merkle.leaf(bytes(entry.header)), entry.seq - 1, row.size, path, note.root)


def test_an_owner_reads_every_entry_of_the_history_that_is_shown_to_him(version, cast, client):
    client.force_login(cast.owner)
    page = client.get(reverse("version-history", args=[version.pk])).context["page"]
    assert {row.actor_id for row in page.objects} > {cast.owner.pk}
    for row in page.objects:
        assert client.get(reverse("audit-entry", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("pk", ["999999", "0", "9" * 30])
def test_an_entry_that_is_not_there_is_not_found(pk, version, auditor):
    for ending in ("", "proof/", "erase/"):
        assert auditor.get(f"/audit/{pk}/{ending}").status_code == 404


# ---- erasure by two people

WHY = "The person asked to be forgotten."
NAME = "Zachariah Quillfeather"


@pytest.fixture
def personal(version, cast):
    """An entry whose text names a person who is named nowhere else."""
    inventory.edit_version(version, change_note=f"Trained by {NAME}.", actor=cast.owner)
    entry = AuditEntry.objects.order_by("-seq").first()
    inventory.edit_version(version, change_note="Trained by the team.", actor=cast.owner)
    return entry


def asked(client, cast, entry):
    """The privacy officer asks by the page."""
    client.force_login(cast.privacy_officer)
    return client.post(reverse("audit-entry-erase", args=[entry.pk]), {"reason": WHY}, follow=True)


def test_one_asks_and_another_confirms_and_the_text_is_gone(personal, cast, client):
    """P13: through the pages, with both acts in the log, which still verifies."""
    client.force_login(cast.privacy_officer)
    assert NAME in entry_page(client, personal)
    page = asked(client, cast, personal)
    assert "It waits for a second person" in text_of(page)
    erasure = BodyErasure.objects.get()
    client.force_login(cast.risk_officer)
    assert f"{WHY} waiting" in text_of(client.get(reverse("erasures"), {"show": "waiting"}))
    answer = client.post(reverse("erasure-confirm", args=[erasure.pk]), follow=True)
    assert "is erased. The log still verifies." in text_of(answer)
    assert "No request to show" in text_of(client.get(reverse("erasures"), {"show": "waiting"}))
    assert f"{WHY} erased Rita Risk" in text_of(client.get(reverse("erasures")))
    assert list(verification.findings()) == []
    page = entry_page(client, personal)
    assert NAME not in page
    assert "The text of this entry has been erased" in page
    assert "Asked for by Priya Privacy, confirmed by Rita Risk" in page
    assert WHY in page
    assert "text erased" in text_of(client.get(reverse("audit"), {"action": "version."}))
    entries = AuditEntry.objects.filter(object_id=erasure.pk).values_list("action", flat=True)
    assert list(entries) == ["erasure.requested", "erasure.confirmed"]


def test_the_entry_after_an_erased_one_says_that_the_state_before_is_erased(personal, cast, client):
    asked(client, cast, personal)
    client.force_login(cast.risk_officer)
    client.post(reverse("erasure-confirm", args=[BodyErasure.objects.get().pk]))
    following = AuditEntry.objects.get(object_id=personal.object_id, object_rev=personal.object_rev + 1)
    page = entry_page(client, following)
    assert "What is new in it erased Trained by the team." in page


def test_who_asked_is_offered_no_button_and_cannot_confirm(personal, cast, client):
    """Four eyes."""
    page = asked(client, cast, personal)
    assert "Confirm and erase" not in page.content.decode()
    refused = client.post(reverse("erasure-confirm", args=[BodyErasure.objects.get().pk]))
    assert refused.status_code == 422
    assert "somebody else must confirm it" in text_of(refused)
    assert AuditBody.objects.get(pk=personal.pk).body is not None


def test_a_short_reason_is_refused_at_its_field_and_an_entry_is_asked_for_once(personal, cast, client):
    client.force_login(cast.privacy_officer)
    url = reverse("audit-entry-erase", args=[personal.pk])
    page = client.post(url, {"reason": "no"})
    assert page.status_code == 422
    assert 'href="#id_reason"' in page.content.decode()
    asked(client, cast, personal)
    assert "asked for already" in text_of(client.post(url, {"reason": WHY}))
    assert "Erase its text" not in entry_page(client, personal)


def test_only_a_privacy_officer_is_offered_the_erasure(personal, cast, client):
    for person in (cast.owner, cast.risk_officer, cast.auditor, cast.approver):
        client.force_login(person)
        assert "Erase its text" not in entry_page(client, personal), person
        assert client.post(reverse("audit-entry-erase", args=[personal.pk]), {"reason": WHY}).status_code == 409, person
    client.force_login(cast.privacy_officer)
    assert "Erase its text" in entry_page(client, personal)
    assert not BodyErasure.objects.exists()


def test_a_waiting_erasure_stands_in_the_work_of_whoever_may_confirm_it_until_it_is_done(personal, cast, client):
    """B.1: nobody has to look for it on the page of erasures."""
    asked(client, cast, personal)
    request = BodyErasure.objects.get()

    def shown_to(person):
        client.force_login(person)
        return reverse("erasure", args=[request.pk]) in client.get(reverse("home")).content.decode()

    assert shown_to(cast.risk_officer)
    assert "Nothing waits for you" not in client.get(reverse("home")).content.decode()
    everybody = (cast.privacy_officer, cast.risk_officer, cast.owner, cast.auditor, cast.outsider)
    assert [person for person in everybody if shown_to(person)] == [cast.risk_officer]
    client.force_login(cast.risk_officer)
    client.post(reverse("erasure-confirm", args=[request.pk]))
    assert not shown_to(cast.risk_officer)


def test_a_request_is_shown_to_no_other_unit(personal, cast, client):
    asked(client, cast, personal)
    client.force_login(cast.outsider)
    erasure = BodyErasure.objects.get()
    assert "No request to show" in text_of(client.get(reverse("erasures")))
    assert client.get(reverse("erasure", args=[erasure.pk])).status_code == 404
    assert client.post(reverse("erasure-confirm", args=[erasure.pk])).status_code == 404


def test_an_entry_on_a_person_is_erased_by_the_privacy_officer_of_the_whole(version, cast, client):
    """Accounts belong to no unit: whoever guards privacy for the whole organisation reaches them, others do not."""
    entry = AuditEntry.objects.filter(object_type="registry.User", object_id=cast.owner.pk).first()
    client.force_login(cast.privacy_officer)
    assert client.get(reverse("audit-entry-erase", args=[entry.pk])).status_code == 404
    whole = factories.invite("dpo", "Dora Dpo", "privacy_officer", cast.unit.parent, cast.administrator)
    client.force_login(whole)
    assert client.get(reverse("audit-entry-erase", args=[entry.pk])).status_code == 200
