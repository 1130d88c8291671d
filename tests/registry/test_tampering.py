"""P1 and P2 at large: thousands of random tamperings are found, untouched logs are accepted, and every check is needed."""

import random
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection, transaction

from registry.actions import datasets, erasure, inventory
from registry.audit import agreement, checkpoints, notes, proofs, verification
from registry.audit.keys import log_key
from registry.models import AISystem, AuditCheckpoint, AuditEntry, AuditHead, BodyErasure
from tests import factories
from tests.registry import tampering

pytestmark = pytest.mark.both
WHY = "The person asked to be forgotten."


class Undo(Exception):
    """Rolls a tampering back."""


@pytest.fixture
def story(cast):
    """A log of many kinds of entries with an erasure and two checkpoints, of which the second is kept outside."""
    version = factories.make_submittable(cast)
    checkpoints.make()
    inventory.edit_version(version, change_note="Written by somebody.", actor=cast.owner)
    entry = AuditEntry.objects.order_by("-seq").first()
    erasure.confirm_erasure(
        erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer), actor=cast.risk_officer
    )
    factories.make_evidence(cast, version)
    note = checkpoints.held("the auditor's note", checkpoints.make().note)
    inventory.edit_system(version.home_system, name="After the note", actor=cast.owner)
    return version, note


def first_finding(note=None) -> str:
    """What verification says first, or nothing."""
    return next(verification.findings(against=[note] if note else []), "")


def tried(kind, rng, note) -> str:
    """The first finding after a tampering that is then undone."""
    said = ""
    try:
        with transaction.atomic(), tampering.at_will():
            kind(rng, note.note.size)
            said = first_finding(note)
            raise Undo
    except Undo:
        if connection.vendor == "postgresql":
            tampering.run("SET session_replication_role = origin")
    return said


@pytest.mark.timeout(1500)
@pytest.mark.long
def test_every_random_tampering_up_to_the_note_is_found(story, amount, seed, capsys):
    """P1: 10,000 of 11 kinds with --full, SQLite without triggers, PostgreSQL as a replica."""
    _version, note = story
    rng, missed, tries = random.Random(seed), [], Counter()
    for number in range(amount(10_000)):
        kind = tampering.KINDS[number % len(tampering.KINDS)]
        state = rng.getstate()
        tries[kind.__name__] += 1
        if not tried(kind, rng, note):
            missed.append((kind.__name__, hash(state)))
    with capsys.disabled():
        print(f"\n{connection.vendor}: {sum(tries.values())} tamperings of {len(tries)} kinds, {len(missed)} missed")
    assert not missed
    assert first_finding(note) == ""


@pytest.mark.timeout(1500)
@pytest.mark.long
def test_untouched_logs_are_accepted(story, cast, amount, seed, capsys):
    """P1: 1,000 with --full; each grew otherwise, by edits, erasures and checkpoints."""
    version, note = story
    rng, refused = random.Random(seed), []
    for number in range(amount(1000)):
        with transaction.atomic():
            grown(rng, cast, version)
            refused += [f"{number}: {said}" for said in verification.findings(against=[note])]
            if number % 10:
                transaction.set_rollback(True)
    with capsys.disabled():
        print(f"\n{connection.vendor}: {amount(1000)} untouched logs, {len(refused)} refused")
    assert not refused


def grown(rng: random.Random, cast, version) -> None:
    """A few lawful steps."""
    for _ in range(rng.randint(1, 4)):
        kind = rng.randrange(4)
        if kind == 0:
            inventory.edit_system(version.home_system, name=f"Name {rng.random()}", actor=cast.owner)
        elif kind == 1:
            version.refresh_from_db()
            inventory.edit_version(version, change_note=f"Note {rng.random()}", actor=cast.owner)
        elif kind == 2:
            checkpoints.make()
        else:
            taken = BodyErasure.objects.values_list("entry_id", flat=True)
            entry = rng.choice(AuditEntry.objects.filter(unit=cast.unit).exclude(pk__in=list(taken)))
            asked = erasure.request_erasure(entry, reason=WHY, actor=cast.privacy_officer)
            if rng.random() < 0.7:
                erasure.confirm_erasure(asked, actor=cast.risk_officer)


@pytest.mark.timeout(600)
def test_old_notes_and_new_logs_get_the_right_answer(story, cast, amount, seed, capsys):
    """P2: 500 pairs with --full, half of them forged histories of equal or greater length; 0 wrong answers."""
    version, _note = story
    rng, wrong = random.Random(seed), 0
    for number in range(amount(500)):
        is_forged = number % 2 == 1
        try:
            with transaction.atomic(), tampering.at_will():
                size = rng.randint(2, AuditHead.objects.get().size)
                note = checkpoints.held("old", notes.signed(size, proofs.root_at(size), log_key()))
                grown(rng, cast, version)
                if is_forged:
                    rng.choice([tampering.rehash, tampering.restore])(rng, size)
                answer = any(said.startswith("old: ") for said in verification.findings(against=[note]))
                wrong += answer != is_forged
                raise Undo
        except Undo:
            if connection.vendor == "postgresql":
                tampering.run("SET session_replication_role = origin")
    with capsys.disabled():
        print(f"\n{connection.vendor}: {amount(500)} pairs of an old note and a new log, {wrong} wrong answers")
    assert wrong == 0


def test_what_came_after_the_last_note_is_not_protected(story):
    """The window that the pages state: whoever rewrites only the tail, and all of the database with it, is not found."""
    _version, note = story
    size = AuditHead.objects.get().size
    assert size > note.note.size
    tampering.rehash_from(size, change=lambda header: header | {"token": "forged"})
    assert first_finding(note) == ""
    assert first_finding(checkpoints.held("a fresh note", notes.signed(size, bytes(32), log_key())))


# ---- the raw bytes of SQLite's file


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's files are not edited while it runs")
@pytest.mark.timeout(1500)
def test_every_changed_byte_of_the_log_in_sqlite_s_file_is_found(
    transactional_db, story, amount, seed, tmp_path, capsys
):
    """P1: one byte of a header, a hash, a body or a column is changed in the file itself; 1,000 with --full."""
    _version, note = story
    rng, missed = random.Random(seed), []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    source, kept = Path(str(connection.settings_dict["NAME"])), tmp_path / "kept.sqlite3"
    shutil.copy(source, kept)
    whole = kept.read_bytes()
    entries = [row for row in tampering.read(tampering.ENTRY, "seq") if row["seq"] <= note.note.size]
    bodies = {row["entry_id"]: row["body"] for row in tampering.read(tampering.BODY, "entry_id") if row["body"]}
    swap_in(source, whole)
    assert first_finding(note) == ""
    try:
        for number in range(amount(1000)):
            place = drawn_place(rng, whole, rng.choice(entries), bodies)
            changed = bytearray(whole)
            changed[place] ^= 1 << rng.randrange(8)
            swap_in(source, bytes(changed))
            if not first_finding(note):
                missed.append((number, place))
    finally:
        swap_in(source, whole)
    with capsys.disabled():
        print(f"\nsqlite: {amount(1000)} bytes changed in the file, {len(missed)} missed")
    assert not missed
    assert sqlite3.connect(source).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def drawn_place(rng: random.Random, whole: bytes, entry: dict, bodies: dict) -> int:
    """The place of a byte of the entry in the table's own pages: hashes lie in an index too, after or before."""
    parts = [entry["header"], entry["leaf_hash"], entry["prev_hash"] + entry["entry_hash"], entry["body_commit"]]
    parts += [bodies[entry["seq"]]] if entry["seq"] in bodies else []
    part = rng.choice([part for part in parts if whole.count(part) == 1])
    return whole.index(part) + rng.randrange(len(part))


def swap_in(place: Path, content: bytes) -> None:
    """Other bytes under the program's feet."""
    connection.close()
    for end in ("-wal", "-shm"):
        Path(str(place) + end).unlink(missing_ok=True)
    place.write_bytes(content)


# ---- every check is needed: with it a tampering is found, without it nothing is


def no_sequence(note) -> None:
    """An object with one entry is gone with it; the numbers have a gap that the headers confirm."""
    copy = tampering.Copy()
    at = next(at for at, row in enumerate(copy.rows) if row["action"] == "dataset.registered")
    tampering.run("DELETE FROM registry_dataset")
    del copy.rows[at], copy.bodies[at]
    copy.rehash()
    copy.lay_back()
    tampering.run("UPDATE registry_audithead SET size = size + 1")


def no_following(note) -> None:
    """An entry hangs on nothing, and the rest on it."""
    copy = tampering.Copy()
    at = 9
    row = copy.rows[at]
    chained = verification.sha256(b"\x03", b"a" * 32, row["leaf_hash"])
    copy.rows[at] = row | {"prev_hash": b"a" * 32, "entry_hash": chained}
    copy.rehash(at + 1)
    copy.lay_back(at)


def no_leaf(note) -> None:
    """A leaf hash that stands there and is used by nobody else."""
    tampering.run("UPDATE registry_auditentry SET leaf_hash = %s WHERE seq = 7", bytes(32))


def no_chain(note) -> None:
    """The last entry has a hash of its own, and the head repeats it."""
    last = AuditHead.objects.get().size
    tampering.run("UPDATE registry_auditentry SET entry_hash = %s WHERE seq = %s", b"b" * 32, last)
    tampering.run("UPDATE registry_audithead SET entry_hash = %s", b"b" * 32)


def no_column(note) -> None:
    """What queries see is not what was hashed."""
    tampering.run("UPDATE registry_auditentry SET action = 'version.approved' WHERE seq = 7")


def no_revision(note) -> None:
    """An entry on an object seems to be missing."""
    tampering.rehash_from(AuditHead.objects.get().size, change=lambda said: said | {"object_rev": 99})


def no_body(note) -> None:
    """The text is gone."""
    tampering.run("UPDATE registry_auditbody SET body = NULL, salt = NULL WHERE entry_id = 7")


def no_commitment(note) -> None:
    """The text is another one."""
    tampering.run("UPDATE registry_auditbody SET body = salt WHERE entry_id = 7")


def no_count(note) -> None:
    """The head says another size."""
    tampering.run("UPDATE registry_audithead SET size = size + 1")


def no_end(note) -> None:
    """The head carries another hash: the next entry would hang on nothing."""
    tampering.run("UPDATE registry_audithead SET entry_hash = %s", bytes(32))


def no_edge(note) -> None:
    """The head carries another edge: the next checkpoint would be of another tree."""
    tampering.run("UPDATE registry_audithead SET frontier = %s", b"c" * 32)


def no_signature(note) -> checkpoints.Held:
    """Somebody without the key wrote a note on the log as it was forged; here it even tells the truth."""
    text = note.note.body.decode() + "\n" + notes.signature_line(note.verifier.name, b"1234", bytes(64))
    return checkpoints.held("brought", text)


def no_origin(note) -> checkpoints.Held:
    """The key signed a note of another log."""
    key = log_key()
    body = notes.body_of("other.example/log", note.note.size, note.note.root)
    short = notes.key_hash(key.origin, notes.SIGNATURE, key.public)
    return checkpoints.held("brought", f"{body}\n{notes.signature_line(key.origin, short, key.sign(body.encode()))}")


def no_size(note) -> checkpoints.Held:
    """A genuine note of a log that was larger."""
    return checkpoints.held("brought", notes.signed(10**6, bytes(32), log_key()))


def no_root(note) -> checkpoints.Held:
    """A genuine note of a log with another beginning."""
    return checkpoints.held("brought", notes.signed(5, bytes(32), log_key()))


def no_entry(note) -> None:
    """A row that no entry made."""
    row = tampering.read("registry_dataset", "id")[0]
    ghost = {"id": tampering.fitting({}, "object_id", "0" * 31 + "1"), "slug": "ghost"}
    tampering.write("registry_dataset", [row | ghost])


def no_record(note) -> None:
    """A row that was changed beside the log."""
    tampering.run("UPDATE registry_aisystem SET risk_tier = 'minimal'")


NEEDED = {
    (verification, "ENTRY_CHECKS"): {
        verification.in_sequence: no_sequence, verification.follows: no_following, verification.has_its_leaf: no_leaf,
        verification.is_chained: no_chain, verification.columns_agree: no_column,
        verification.revision_follows: no_revision, verification.body_is_kept: no_body,
        verification.body_is_committed: no_commitment,
    },
    (verification, "HEAD_CHECKS"): {
        verification.head_counts: no_count, verification.head_ends_the_chain: no_end,
        verification.head_carries_the_edge: no_edge,
    },
    (checkpoints, "NOTE_CHECKS"): {
        checkpoints.is_signed: no_signature, checkpoints.is_ours: no_origin, checkpoints.is_not_larger: no_size,
        checkpoints.has_its_root: no_root,
    },
    (agreement, "ROW_CHECKS"): {agreement.is_known: no_entry, agreement.is_as_recorded: no_record},
}  # fmt: skip
CASES = [(*place, check, tamper) for place, checks in NEEDED.items() for check, tamper in checks.items()]


@pytest.fixture
def bare(cast):
    """A log without stored checkpoints, so that each check stands alone; nothing of it is untrue."""
    factories.make_submittable(cast)
    datasets.register_dataset(cast.unit, name="Customers", actor=cast.owner)
    inventory.edit_system(AISystem.objects.get(), name="Next", actor=cast.owner)
    size = AuditHead.objects.get().size
    return checkpoints.held("kept", notes.signed(size, proofs.root_at(size), log_key()))


@pytest.mark.parametrize(("module", "name", "check", "tamper"), CASES, ids=[case[2].__name__ for case in CASES])
def test_a_tampering_is_found_by_one_check_and_by_no_other(bare, module, name, check, tamper, monkeypatch):
    """P1: without the check the forged log would be accepted."""
    with tampering.at_will():
        brought = tamper(bare)
    against = [brought] if brought is not None else []
    assert list(verification.findings(against=against))
    monkeypatch.setattr(module, name, tuple(one for one in getattr(module, name) if one is not check))
    assert list(verification.findings(against=against)) == []


def test_vanished_rows_are_found_by_one_check(bare, monkeypatch):
    with tampering.at_will():
        tampering.run("DELETE FROM registry_dataset")
    assert "the row is gone" in first_finding()
    monkeypatch.setattr(agreement, "vanished", lambda last, met: iter(()))
    assert first_finding() == ""


def test_no_check_is_left_out_of_the_list_above():
    for (module, name), checks in NEEDED.items():
        assert set(checks) == set(getattr(module, name))


def test_a_note_alone_finds_a_log_that_was_hashed_again(bare):
    """Measured in the design: 0 of 626 such rewrites are found by a chain alone, all with a note outside."""
    with transaction.atomic(), tampering.at_will():
        tampering.rehash(random.Random(1), bare.note.size)
    assert not AuditCheckpoint.objects.exists()
    assert first_finding() == ""
    assert "the log was rewritten" in first_finding(bare)


def test_a_key_that_stands_twice_in_a_header_is_named(bare):
    """Two readers of such a header could read two things; its hashes are right."""
    with tampering.at_will():
        copy = tampering.Copy()
        copy.rows[6]["header"] = b'{"action":"version.approved",' + copy.rows[6]["header"][1:]
        copy.rehash(6)
        copy.lay_back(6)
    assert "entry 7" in first_finding() and "its header says action twice" in first_finding()
