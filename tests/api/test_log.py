"""REST over the log, used as another program would: proofs are checked by what came over the wire alone, notes witnessed."""

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from rest_framework.test import APIClient

from registry.actions import inventory, tokens
from registry.audit import checkpoints, keys, merkle, notes, proofs, publishing
from registry.audit.keys import LogKey, VerifierKey
from registry.models import ApiToken, AuditEntry, WitnessedNote
from tests import append_only, factories
from tests.api.test_rest import bearer, problem_of, session

LOG = "/api/v1/audit/"


@pytest.fixture
def version(cast):
    """Something whose making filled the log."""
    return factories.make_submittable(cast)


@pytest.fixture
def auditor(cast, version) -> APIClient:
    """A program of the auditor."""
    return bearer(cast.auditor, cast.unit, "audit:read")


def grow(cast, version, times: int) -> None:
    """A few more entries."""
    for number in range(times):
        inventory.edit_system(version.home_system, name=f"Name {number} {AuditEntry.objects.count()}", actor=cast.owner)


def hashes(path: list[str]) -> list[bytes]:
    """A path as it came."""
    return [bytes.fromhex(step) for step in path]


# ---- checkpoint and proofs


def test_the_newest_checkpoint_comes_with_the_key_that_checks_it(auditor):
    row = checkpoints.make()
    said = auditor.get(LOG + "checkpoint/").json()
    note = notes.parse(said["note"])
    assert note.is_signed_by(VerifierKey.parse(said["key"]))
    assert (said["size"], said["root_hash"]) == (note.size, note.root.hex()) == (row.size, bytes(row.root).hex())


def test_before_the_first_checkpoint_its_address_says_so(auditor):
    assert "There is no checkpoint yet" in problem_of(auditor.get(LOG + "checkpoint/"), 404)["detail"]


def test_an_entry_is_proved_to_be_in_the_log_by_what_comes_over_the_wire(auditor, cast):
    """P1: header → leaf → root of the signed note, with nothing read from the database."""
    checkpoints.make()
    for entry in AuditEntry.objects.visible_to(cast.auditor):
        said = auditor.get(f"{LOG}{entry.seq}/inclusion/").json()
        note = notes.parse(said["note"])
        leaf = hashlib.sha256(b"\x00" + said["header"].encode()).digest()
        assert said["leaf_hash"] == leaf.hex()
        assert merkle.proves_inclusion(leaf, entry.seq - 1, said["size"], hashes(said["path"]), note.root)
        assert json.loads(said["header"])["seq"] == entry.seq


def test_an_entry_is_proved_at_any_size_that_holds_it(auditor, cast):
    entry = AuditEntry.objects.visible_to(cast.auditor).first()
    said = auditor.get(f"{LOG}{entry.seq}/inclusion/", {"size": entry.seq + 2}).json()
    root = proofs.root_at(entry.seq + 2)
    leaf = bytes.fromhex(said["leaf_hash"])
    assert said["note"] == ""
    assert merkle.proves_inclusion(leaf, entry.seq - 1, entry.seq + 2, hashes(said["path"]), root)


def test_an_entry_after_the_newest_checkpoint_has_no_proof_yet(auditor, version, cast):
    checkpoints.make()
    grow(cast, version, 1)
    last = AuditEntry.objects.order_by("-seq").first()
    answer = auditor.get(f"{LOG}{last.seq}/inclusion/")
    assert f"No checkpoint holds entry {last.seq} yet" in problem_of(answer, 404)["detail"]


def test_a_log_is_proved_to_have_only_grown_since_a_kept_note(auditor, version, cast):
    """P2: between the roots of two signed notes."""
    kept = notes.parse(checkpoints.make().note)
    grow(cast, version, 9)
    checkpoints.make()
    said = auditor.get(LOG + "consistency/", {"from": kept.size}).json()
    now = notes.parse(said["note"])
    assert (said["from"], said["to"]) == (kept.size, now.size)
    assert merkle.proves_consistency(kept.size, now.size, hashes(said["path"]), kept.root, now.root)
    assert not merkle.proves_consistency(kept.size, now.size, hashes(said["path"]), bytes(32), now.root)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "from"), ({"from": "x"}, "from"), ({"from": -1}, "from"), ({"from": 5, "to": 4}, "from"),
        ({"from": 5, "to": 10**9}, "from"), ({"from": 5, "to": 0}, "to"), ({"from": 5, "to": 10**40}, "to"),
        ({"from": "5; DROP TABLE"}, "from"), ({"from": "٥", "to": "x"}, "to"),
    ],
)  # fmt: skip
def test_sizes_that_make_no_sense_are_refused_at_their_place(query, field, auditor):
    checkpoints.make()
    assert field in problem_of(auditor.get(LOG + "consistency/", query), 400)["errors"]


@pytest.mark.parametrize("size", ["0", "-3", "x", str(10**40), str(10**9)])
def test_a_size_that_the_log_does_not_have_has_no_inclusion_proof(size, auditor, cast):
    entry = AuditEntry.objects.visible_to(cast.auditor).last()
    assert problem_of(auditor.get(f"{LOG}{entry.seq}/inclusion/", {"size": size}), 400)


def test_an_entry_of_another_unit_has_no_proof_for_a_stranger(version, cast):
    """P11: as good as none."""
    checkpoints.make()
    entry = AuditEntry.objects.visible_to(cast.auditor).last()
    stranger = session(cast.outsider)
    assert stranger.get(f"{LOG}{entry.seq}/inclusion/").status_code == 404
    assert stranger.get(f"{LOG}{10**9}/inclusion/").status_code == 404


def test_a_token_of_another_scope_reads_no_proof(version, cast):
    checkpoints.make()
    wrong = bearer(cast.auditor, cast.unit, *(set(tokens.SCOPES) - {"audit:read"}))
    for place in ("checkpoint/", "consistency/?from=1", "1/inclusion/"):
        assert wrong.get(LOG + place).status_code == 403, place


# ---- this installation as a witness


class Other:
    """The log of another installation, as that one signs it."""

    def __init__(self, settings) -> None:
        self.leaves = [merkle.leaf(bytes([number])) for number in range(40)]
        self.private = Ed25519PrivateKey.generate()
        self.settings = settings
        settings.WITNESS_KEYS = [str(VerifierKey("other.example/log", self.key().public))]

    def key(self) -> LogKey:
        """Its key."""
        return LogKey.of(self.private)

    def note(self, size: int, leaves: list[bytes] | None = None) -> str:
        """A note on its first entries."""
        self.settings.LOG_ORIGIN = "other.example/log"
        text = notes.signed(size, merkle.root_of((leaves or self.leaves)[:size]), self.key())
        self.settings.LOG_ORIGIN = ""
        return text

    def proof(self, old: int, new: int, leaves: list[bytes] | None = None) -> list[str]:
        """Its proof that it only grew."""
        data = leaves or self.leaves
        return [step.hex() for step in merkle.consistency_proof(lambda low, high: data[low:high], old, new)]

    def payload(self, old: int, new: int, **changes) -> dict:
        """What it sends."""
        return {"note": self.note(new), "old_size": old, "proof": self.proof(old, new), **changes}


@pytest.fixture
def other(settings, db) -> Other:
    """Another installation, whose log is watched here."""
    return Other(settings)


@pytest.fixture
def sender(cast) -> APIClient:
    """The other installation's program, with the token that an administrator here gave it."""
    return bearer(cast.administrator, cast.unit, "log:witness")


def send(client, payload):
    """To the witness."""
    return client.post(LOG + "witness/", payload, format="json")


def test_a_note_that_continues_the_last_one_is_countersigned(other, sender):
    """P2: the signature stands under the note and is checked by the witness's key."""
    assert send(sender, other.payload(0, 10)).status_code == 200
    answer = send(sender, other.payload(10, 25))
    assert answer.status_code == 200
    note = notes.parse(other.note(25) + answer.json()["cosignature"])
    assert note.is_cosigned_by(checkpoints.log_key().verifier)
    assert WitnessedNote.objects.get().size == 25


def test_a_rewritten_log_is_refused_with_409_and_the_last_size(other, sender):
    """P2: a forged history of greater length, with a proof of its own."""
    send(sender, other.payload(0, 10))
    forged = [merkle.leaf(b"forged"), *other.leaves[1:]]
    answer = send(sender, {"note": other.note(25, forged), "old_size": 10, "proof": other.proof(10, 25, forged)})
    said = problem_of(answer, 409)
    assert said["size"] == 10
    assert "does not continue" in said["detail"]
    assert WitnessedNote.objects.get().size == 10


def test_a_log_that_became_smaller_is_refused(other, sender):
    """P2: a backup was put back."""
    send(sender, other.payload(0, 10))
    assert "became smaller" in problem_of(send(sender, other.payload(0, 5)), 409)["detail"]


def test_another_root_of_the_same_size_is_refused(other, sender):
    """P2: a split view."""
    send(sender, other.payload(0, 10))
    forged = [merkle.leaf(b"forged"), *other.leaves[1:]]
    assert send(sender, {"note": other.note(10, forged), "old_size": 10, "proof": []}).status_code == 409
    assert send(sender, other.payload(10, 10)).status_code == 200


def test_a_note_of_a_log_that_is_not_watched_is_refused(other, sender, settings):
    settings.WITNESS_KEYS = []
    assert "watches no log" in problem_of(send(sender, other.payload(0, 10)), 409)["detail"]


def test_a_note_by_another_key_under_a_watched_name_is_refused(other, sender):
    other.private = Ed25519PrivateKey.generate()
    assert "watches no log" in problem_of(send(sender, other.payload(0, 10)), 409)["detail"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"note": "hello"}, "note"), ({"note": ""}, "note"), ({"note": 5}, "note"), ({"note": "x" * 70_000}, "note"),
        ({"old_size": -1}, "old_size"), ({"old_size": "many"}, "old_size"), ({"old_size": 10**400}, "old_size"),
        ({"proof": "abc"}, "proof"), ({"proof": ["abc"]}, "proof"), ({"proof": ["0" * 64] * 65}, "proof"),
        ({"surprise": 1}, "surprise"),
    ],
)  # fmt: skip
def test_every_wrong_form_of_a_note_sent_is_refused_at_its_place(changes, field, other, sender):
    answer = send(sender, other.payload(0, 10, **changes))
    said = problem_of(answer, 400)
    assert field in said["errors"] or field in said["detail"], said
    assert not WitnessedNote.objects.exists()


def test_a_web_process_without_the_key_countersigns_nothing(other, sender, settings, tmp_path):
    """P8: it would sign with a key that nobody knows."""
    settings.SIGN_BY_QUEUE, settings.DATA_DIR = True, tmp_path
    keys.signing_key()
    settings.KEY_DIR = tmp_path / "closed"
    assert "does not hold the log's key" in problem_of(send(sender, other.payload(0, 10)), 403)["detail"]
    assert not WitnessedNote.objects.exists()


def test_a_witness_token_opens_nothing_else(other, cast, sender, version):
    """It lies on a machine of somebody else."""
    checkpoints.make()
    for place in ("audit/", "audit/checkpoint/", "audit/consistency/?from=1", "systems/", "versions/", "units/"):
        assert sender.get("/api/v1/" + place).status_code in {403, 404}, place


def test_who_only_reads_the_log_cannot_have_notes_countersigned(other, cast):
    for person in (cast.auditor, cast.owner, cast.risk_officer, cast.approver):
        refused = send(bearer(person, cast.unit, "log:witness"), other.payload(0, 10))
        assert refused.status_code == 403, person
    assert send(bearer(cast.administrator, cast.unit, "audit:read"), other.payload(0, 10)).status_code == 403
    assert not WitnessedNote.objects.exists()


def test_a_checkpoint_is_published_to_a_witness_through_the_api(version, cast, settings, live_witness):
    """The sender's half and the witness's half speak with each other: two notes, then a rewritten log is refused."""
    row = checkpoints.tick()
    assert row.receipts["witness"]["ok"], row.receipts
    grow(cast, version, 3)
    second = checkpoints.make()
    publishing.publish(second)
    assert second.receipts["witness"]["ok"], second.receipts
    append_only.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_auditentry SET header = leaf_hash WHERE seq = 2")
    grow(cast, version, 1)
    size = proofs.size_now()
    note = notes.signed(size, proofs.root_at(size), checkpoints.log_key())
    third = checkpoints.AuditCheckpoint.objects.create(size=size, root=proofs.root_at(size), note=note)
    publishing.publish(third)
    assert not third.receipts["witness"]["ok"]
    assert "does not continue" in third.receipts["witness"]["says"]


@pytest.fixture
def live_witness(settings, monkeypatch, cast):
    """The witness's address answered by the API itself: what is sent over the wire is what arrives there."""
    settings.WITNESS_KEYS = [str(checkpoints.log_key().verifier)]
    settings.CHECKPOINT_WITNESS = "https://witness.example/api/v1/audit/witness/"
    client = bearer(cast.administrator, cast.unit, "log:witness")
    settings.CHECKPOINT_WITNESS_TOKEN = "gov_in-the-client"

    def post(url: str, body: dict) -> tuple[int, dict]:
        answer = send(client, json.loads(json.dumps(body)))
        return answer.status_code, publishing.answer_of(answer.content)

    monkeypatch.setattr(publishing, "post", post)
    return ApiToken.objects.get()
