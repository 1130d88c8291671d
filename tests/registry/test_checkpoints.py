"""Checkpoints: made in time, put outside, countersigned by a witness; failures are told, and verify_audit compares notes."""

import io
import subprocess
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from registry.actions import inventory, tokens
from registry.audit import checkpoints, keys, notes, proofs, publishing, verification
from registry.audit.keys import LogKey, VerifierKey, log_key
from registry.models import AuditCheckpoint, AuditEntry, AuditHead, SweepLease
from registry.standing import standing
from tests import append_only, factories
from tests.registry import tampering


@pytest.fixture
def system(cast):
    """Something to edit, so that the log grows."""
    return factories.make_system(cast)


@pytest.fixture
def folder(settings, tmp_path):
    """A place outside."""
    settings.CHECKPOINT_DIR = str(tmp_path / "other-volume")
    (tmp_path / "other-volume").mkdir()
    return tmp_path / "other-volume"


@pytest.fixture
def repository(settings, tmp_path):
    """A git repository for notes."""
    settings.CHECKPOINT_GIT = str(tmp_path / "notes")
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "notes")], check=True)
    return tmp_path / "notes"


def grow(cast, system, entries: int = 1) -> None:
    """More entries."""
    for number in range(entries):
        inventory.edit_system(system, name=f"Name {number}", actor=cast.owner)


def size() -> int:
    """How many entries there are."""
    return AuditHead.objects.get().size


def protected() -> int:
    """Up to which entry a note lies outside; 0 for none."""
    outside = standing().outside
    return 0 if outside is None else outside.size


def later(monkeypatch, **by) -> None:
    """The clock goes on."""
    moment = timezone.now() + timedelta(**by)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def sql(statement: str, *values) -> None:
    """A change by somebody who owns the database."""
    append_only.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def verify(*arguments: str) -> tuple[int, str, str]:
    """Exit code and what the command printed on both ways."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


# ---- when


def test_the_first_entries_get_a_checkpoint_at_once(system):
    assert checkpoints.tick().size == size()
    assert checkpoints.tick() is None


def test_a_checkpoint_is_due_after_a_minute(cast, system, monkeypatch):
    """P1: at most 60 s."""
    checkpoints.tick()
    later(monkeypatch, seconds=61)
    assert checkpoints.tick() is None  # nothing new
    grow(cast, system)
    assert checkpoints.tick().size == size()
    grow(cast, system)
    later(monkeypatch, seconds=50)
    assert not checkpoints.is_due()


def test_a_checkpoint_is_due_after_256_entries(cast, system):
    """P1: at most 256 entries."""
    checkpoints.tick()
    before = size()
    grow(cast, system, 255)
    assert size() == before + 255
    assert not checkpoints.is_due()
    grow(cast, system)
    assert checkpoints.tick().size == before + 256


def test_the_note_is_signed_over_the_root_of_all_entries(system):
    row = checkpoints.tick()
    note = notes.parse(row.note)
    assert (note.origin, note.size, note.root) == (log_key().origin, size(), proofs.root_at(size()))
    assert note.is_signed_by(log_key().verifier)
    assert not note.is_signed_by(VerifierKey(note.origin, LogKey.of(Ed25519PrivateKey.generate()).public))


def test_one_worker_at_a_time_makes_them(system):
    checkpoints.tick_logged()
    assert AuditCheckpoint.objects.count() == 1
    AuditCheckpoint.objects.all().delete()
    SweepLease.objects.filter(pk=checkpoints.TURN).update(until=timezone.now() + timedelta(seconds=30))
    checkpoints.tick_logged()
    assert not AuditCheckpoint.objects.exists()


def test_a_key_that_cannot_be_used_is_told_and_stops_no_worker(system, settings, tmp_path, caplog, monkeypatch):
    settings.KEY_DIR = tmp_path
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "ed25519.pem").write_text("nothing")
    (tmp_path / "log" / "ed25519.pem").chmod(0o600)
    checkpoints.tick_logged()
    assert "no unencrypted Ed25519 key" in caplog.text
    begun = datetime.fromisoformat(AuditEntry.objects.earliest("seq").ts_utc)  # of the people, who may be minutes old
    monkeypatch.setattr(timezone, "now", lambda: begun + timedelta(minutes=4))
    assert checkpoints.late_warning() == ""
    monkeypatch.setattr(timezone, "now", lambda: begun + timedelta(minutes=6))
    assert "Entries wait for a checkpoint since" in checkpoints.late_warning()


@pytest.mark.real
def test_a_worker_makes_and_publishes_them_by_itself(transactional_db, cast, folder, start_worker):
    """P1: within seconds of the worker's start, since nothing was signed before."""
    factories.make_system(cast)
    start_worker(
        concurrency=1, env={"ATTESTRY_CHECKPOINT_DIR": str(folder), "ATTESTRY_LOG_ORIGIN": "worker.example/log"}
    )
    row = AuditCheckpoint.objects.get()
    assert (folder / "checkpoint.note").read_text() == row.note
    assert row.receipts["folder"]["ok"] and row.size == size()


# ---- where


def test_a_note_lies_in_the_folder_under_its_size_and_as_the_newest(system, folder):
    row = checkpoints.tick()
    assert (folder / "checkpoint.note").read_text() == row.note
    assert (folder / f"checkpoint-{row.size:012d}.note").read_text() == row.note
    assert row.receipts["folder"]["ok"]
    assert protected() == row.size


def test_the_git_repository_holds_a_commit_for_each_note(cast, system, repository, monkeypatch):
    first = checkpoints.tick()
    grow(cast, system)
    later(monkeypatch, seconds=61)
    second = checkpoints.tick()
    said = subprocess.run(
        ["git", "-C", str(repository), "log", "--format=%H %s"], capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == [
        f"{second.receipts['git']['says']} Checkpoint of {second.size} entries",
        f"{first.receipts['git']['says']} Checkpoint of {first.size} entries",
    ]


def test_a_place_that_fails_is_told_and_tried_again_after_a_minute(cast, system, folder, monkeypatch):
    """Never silent: the receipt of the newest note says it, also of a note made meanwhile."""
    folder.rmdir()
    row = checkpoints.tick()
    assert "is not there. Mount it" in row.receipts["folder"]["says"]
    assert (len(standing().refusals), standing().outside) == (1, None)
    folder.mkdir()
    assert checkpoints.tick() is None  # too early
    grow(cast, system, checkpoints.ENTRIES)
    second = checkpoints.tick()
    assert not second.receipts["folder"]["ok"] and not list(folder.iterdir())
    later(monkeypatch, seconds=61)
    assert checkpoints.tick().receipts["folder"]["ok"]
    assert standing().refusals == []


def test_a_failing_place_does_not_keep_the_note_from_the_others(system, folder, repository):
    folder.rmdir()
    row = checkpoints.tick()
    assert (row.receipts["folder"]["ok"], row.receipts["git"]["ok"]) == (False, True)
    assert protected() == row.size


def test_a_folder_on_the_database_s_disk_is_warned_of(settings):
    settings.CHECKPOINT_DIR = str(settings.DATA_DIR)
    assert "same disk" in checkpoints.same_volume_warning()


@pytest.mark.parametrize("place", ["folder", "repository"])
def test_a_log_put_back_from_an_old_copy_does_not_overwrite_the_newer_note(cast, system, place, request):
    """P2: the place refuses, as a witness does, and keeps what it has."""
    where, name = request.getfixturevalue(place), {"folder": "folder", "repository": "git"}[place]
    grow(cast, system, 3)
    newest = checkpoints.tick()
    put_back(size() - 2)
    row = checkpoints.make()
    publishing.publish(row)
    assert "The log became smaller" in row.receipts[name]["says"]
    grow(cast, system, 4)
    row = checkpoints.make()
    row.receipts = {}
    AuditCheckpoint.objects.filter(size__lt=row.size).delete()
    publishing.publish(row)
    assert "The log was rewritten" in row.receipts[name]["says"]
    assert (where / "checkpoint.note").read_text() == newest.note


def put_back(upto: int) -> None:
    """The database as it was when it had so many entries, as far as the log goes."""
    sql("DELETE FROM registry_auditcheckpoint")
    sql("DELETE FROM registry_auditbody WHERE entry_id > %s", upto)
    sql("DELETE FROM registry_auditentry WHERE seq > %s", upto)
    head = AuditHead.objects.get()
    head.size, head.entry_hash = upto, AuditEntry.objects.get(pk=upto).entry_hash
    head.frontier = proofs.merkle.frontier_of(proofs.leaves(0, upto)).packed()
    head.save()


def test_a_folder_of_another_log_is_refused(system, folder, settings):
    settings.LOG_ORIGIN = "other.example/log"
    (folder / "checkpoint.note").write_text(notes.signed(1, bytes(32), LogKey.of(Ed25519PrivateKey.generate())))
    settings.LOG_ORIGIN = ""
    assert "a note of another log, other.example/log" in checkpoints.tick().receipts["folder"]["says"]


# ---- another installation as witness, over HTTP


@pytest.fixture
def watched(settings, transactional_db, cast, live_server):
    """This installation is its own witness here: the log is watched under its key, the token is one of the witness."""
    settings.WITNESS_KEYS = [str(log_key().verifier)]
    settings.CHECKPOINT_WITNESS = f"{live_server.url}/api/v1/audit/witness/"
    made = tokens.create_token(cast.administrator, name="The other log", scopes=["log:witness"], unit=cast.unit)
    settings.CHECKPOINT_WITNESS_TOKEN = made[1]
    return factories.make_system(cast)


def test_a_witness_countersigns_over_http_and_refuses_a_rewritten_log(watched, cast, monkeypatch):
    """P2: the second note comes with a proof from the first; a rewritten log is refused and the refusal is shown."""
    first = checkpoints.tick()
    assert notes.parse(first.note + first.receipts["witness"]["says"] + "\n").is_cosigned_by(log_key().verifier)
    grow(cast, watched, 5)
    later(monkeypatch, seconds=61)
    second = checkpoints.tick()
    assert second.size == first.size + 5 and second.receipts["witness"]["ok"]
    forge(second.size)
    grow(cast, watched)
    later(monkeypatch, seconds=61)
    refused = checkpoints.tick().receipts["witness"]
    assert not refused["ok"] and "does not continue" in refused["says"]


def forge(upto: int) -> None:
    """Another header for entry 2, and everything after it hashed again, as a careful owner of the database would."""
    with transaction.atomic():
        tampering.rehash_from(2, change=lambda header: header | {"action": "nothing.happened"})
    assert size() == upto


def test_a_witness_that_is_away_is_told(watched, settings):
    settings.CHECKPOINT_WITNESS = "http://127.0.0.1:1/nobody"
    assert "refused" in checkpoints.tick().receipts["witness"]["says"].lower()


def test_a_witness_without_a_token_is_not_asked(watched, settings):
    settings.CHECKPOINT_WITNESS_TOKEN = ""
    assert "ATTESTRY_CHECKPOINT_WITNESS_TOKEN" in checkpoints.tick().receipts["witness"]["says"]


# ---- verify_audit --against


@pytest.fixture
def note(system, tmp_path):
    """A note that an auditor took away."""
    place = tmp_path / "kept.note"
    place.write_text(checkpoints.tick().note)
    return place


def test_a_log_that_only_grew_agrees_with_an_old_note(cast, system, note):
    grow(cast, system, 3)
    code, out, _err = verify("--against", str(note))
    assert code == 0
    assert f"The log of {size()} entries and all governed rows agree." in out
    assert f"the newest of {size() - 3} entries" in out


def test_a_truncated_log_is_told_by_the_note(cast, system, tmp_path):
    """P2: the owner mends head, edge and stored checkpoints; the note outside remains."""
    grow(cast, system, 4)
    (tmp_path / "kept.note").write_text(checkpoints.tick().note)
    had = size()
    put_back(had - 4)
    code, out, _err = verify("--against", str(tmp_path / "kept.note"))
    assert code == 1
    assert f"the log holds {had - 4}: entries {had - 3} to {had} were removed" in out


def test_a_rewritten_log_is_told_with_the_entries_between_two_notes(cast, system, tmp_path):
    """P1: everything in the database is hashed again; two notes bound where it was done."""
    for name in ("first", "second"):
        grow(cast, system, 3)
        (tmp_path / name).write_text(checkpoints.make().note)
    with transaction.atomic():
        tampering.rehash_from(size() - 1, change=lambda header: header | {"token": "forged"})
    sql("DELETE FROM registry_auditcheckpoint")
    code, out, _err = verify("--against", str(tmp_path / "first"), "--against", str(tmp_path / "second"))
    assert code == 1
    assert f"second: entries {size() - 2} to {size()} are not those that the note was made of" in out
    assert "first:" not in out


def test_the_note_in_the_folder_is_compared_without_being_named(cast, system, folder):
    grow(cast, system, 2)
    checkpoints.tick()
    put_back(size() - 2)
    code, out, _err = verify()
    assert code == 1 and f"{folder / 'checkpoint.note'}: the note speaks of" in out


def test_a_note_of_another_origin_is_refused(note, settings):
    settings.LOG_ORIGIN = "renamed.example/log"
    code, out, _err = verify("--against", str(note))
    assert code == 1 and "the note is of another log" in out


def test_a_note_by_another_key_is_refused(system, tmp_path):
    other = LogKey.of(Ed25519PrivateKey.generate())
    forged = notes.signed(size(), proofs.root_at(size()), other).replace(other.origin, log_key().origin)
    (tmp_path / "forged.note").write_text(forged)
    code, out, _err = verify("--against", str(tmp_path / "forged.note"))
    assert code == 1 and "not signed by the key of this log" in out


def test_a_key_got_elsewhere_replaces_the_one_that_lies_here(note, settings, tmp_path):
    """Whoever owns the machine could put another key and notes by it there; `--key` names the right one."""
    right = str(log_key().verifier)
    assert verify("--against", str(note), "--key", right)[0] == 0
    settings.KEY_DIR = tmp_path / "new"
    (tmp_path / "new").mkdir()
    forged = tmp_path / "forged.note"
    settings.LOG_ORIGIN = right.split("+")[0]
    AuditCheckpoint.objects.all().delete()
    forged.write_text(checkpoints.make().note)
    assert verify("--against", str(forged))[0] == 0
    code, out, _err = verify("--against", str(forged), "--key", right)
    assert code == 1 and "not signed by the key" in out


@pytest.mark.parametrize("text", ["", "x", "a\n5\nnothing\n\n— a b\n", "a\n05\n" + "A" * 43 + "=\n\n— a YWJjZGVm\n"])
def test_a_file_that_is_no_note_is_refused_by_its_name(system, tmp_path, text):
    (tmp_path / "bad.note").write_text(text)
    with pytest.raises(CommandError, match=r"bad\.note: This is no checkpoint note"):
        verify("--against", str(tmp_path / "bad.note"))


def test_a_file_that_is_not_there_and_a_key_that_is_none_are_refused(note):
    with pytest.raises(CommandError, match=r"gone\.note"):
        verify("--against", "gone.note")
    with pytest.raises(CommandError, match="no verifier key"):
        verify("--against", str(note), "--key", "nonsense")


def test_a_stored_checkpoint_that_was_changed_is_told(cast, system):
    row = checkpoints.tick()
    sql("UPDATE registry_auditcheckpoint SET root = %s", bytes(32))
    assert f"checkpoint {row.size}: its columns do not say what its note says" in verify()[1]
    sql("UPDATE registry_auditcheckpoint SET note = 'nothing'")
    assert f"checkpoint {row.size}: its note cannot be read" in verify()[1]


def test_a_clock_that_goes_backwards_is_reported_and_is_no_fault(cast, system, monkeypatch):
    """P1: the order is that of the numbers; the time informs."""
    later(monkeypatch, seconds=-5)
    grow(cast, system)
    code, _out, err = verify()
    assert code == 0
    assert f"entry {size()}: its time lies before that of the entry before it" in err


# ---- the key


def test_the_key_is_made_once_and_for_its_owner_alone(settings, tmp_path):
    settings.KEY_DIR = tmp_path
    first, second = log_key(), log_key()
    assert first.public == second.public
    assert (tmp_path / "log" / "ed25519.pem").stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_may_read_is_refused(settings, tmp_path):
    settings.KEY_DIR = tmp_path
    log_key()
    (tmp_path / "log" / "ed25519.pem").chmod(0o644)
    with pytest.raises(keys.LogKeyUnusable, match="chmod 600"):
        log_key()


def test_a_process_without_the_key_checks_notes_and_signs_none(system, settings, tmp_path):
    """P8: where a process of its own signs, the others know what is public and make no key of their own."""
    settings.SIGN_BY_QUEUE, settings.DATA_DIR, settings.KEY_DIR = True, tmp_path, tmp_path / "signer"
    note = checkpoints.make().note
    held = log_key()
    settings.KEY_DIR = tmp_path / "web"
    seen = log_key()
    assert notes.parse(note).is_signed_by(seen.verifier)
    assert (seen.origin, seen.fingerprint) == (held.origin, held.fingerprint)
    with pytest.raises(keys.LogKeyUnusable, match="does not hold"):
        seen.sign(b"x")
    assert not (tmp_path / "web").exists()
    assert list(verification.findings()) == []


def test_a_process_without_the_key_says_so_before_the_first_checkpoint(settings, tmp_path):
    settings.SIGN_BY_QUEUE, settings.DATA_DIR, settings.KEY_DIR = True, tmp_path, tmp_path / "web"
    with pytest.raises(keys.LogKeyUnusable, match="no checkpoint yet"):
        log_key()


def test_a_verifier_key_is_read_back_and_a_damaged_one_refused():
    key = log_key().verifier
    assert VerifierKey.parse(str(key)) == key
    with pytest.raises(keys.BadInput):
        VerifierKey.parse(str(key).replace("+", "+0", 1))


def test_untouched_logs_agree_with_every_checkpoint_they_made(cast, system):
    for _ in range(5):
        grow(cast, system, 3)
        checkpoints.make()
    walk = verification.Walk()
    assert list(verification.findings(walk)) == []
    assert len(walk.agreed) == 5
