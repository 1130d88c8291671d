"""P12: a backup brings everything back as it was, on either database, and a bad one is refused by name."""

import hashlib
import io
import json
import os
import random
import subprocess
import sys
import zipfile

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config import backup, postgres
from config.places import ROOT
from registry import blobs
from registry.audit import verification
from registry.canonical import canonical
from registry.errors import BadInput
from registry.models.audit import AuditHead
from reports.signing import Key, dsse, ensure_key
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]
DATABASE = "attestry_restored"


@pytest.fixture
def file(cast, tmp_path):
    """The backup of an installation with a release in review."""
    factories.make_releasable(cast)
    blobs.store(b"one file more", "text/plain")
    place = tmp_path / "backup.zip"
    backup.write(place)
    return place


@pytest.fixture
def new_database():
    """The address of an empty PostgreSQL database."""
    known = connection.settings_dict
    place = {"host": known["HOST"] or None, "port": known["PORT"] or None, "dbname": "postgres"}
    with psycopg.connect(user=known["USER"], password=known["PASSWORD"] or None, autocommit=True, **place) as link:
        link.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        link.execute(f"CREATE DATABASE {DATABASE}")
        yield postgres.address({**known, "NAME": DATABASE})
        link.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def manage(folder, *words, database=""):
    """A management command of another installation."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ATTESTRY_")}
    env = {**inherited, "ATTESTRY_DATA_DIR": str(folder)} | ({"ATTESTRY_DATABASE_URL": database} if database else {})
    command = [sys.executable, "-m", "django", *words, "--settings", "config.settings"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


def require_restored(file, folder, database=""):
    """The log of this installation and one entry more stand in the other, and everything agrees there."""
    size, head = AuditHead.objects.values_list("size", "entry_hash").get()
    done = manage(folder, "restore", str(file), "--verify", database=database)
    assert done.returncode == 0, done.stderr
    assert f"Restored: {size} entries" in done.stdout
    verified = manage(folder, "verify_audit", database=database)
    assert verified.returncode == 0, verified.stdout
    assert f"The log of {size + 1} entries and all governed rows agree." in verified.stdout
    again = folder.parent / f"{folder.name}.zip"
    assert manage(folder, "backup", str(again), database=database).returncode == 0
    with zipfile.ZipFile(file) as one, zipfile.ZipFile(again) as other:
        mine, theirs = (json.loads(each.read(backup.MANIFEST)) for each in (one, other))
        kept = [line for line in one.read(backup.ROWS).splitlines() if b"audithead" not in line]
        assert set(kept) <= set(other.read(backup.ROWS).splitlines())
    assert mine["log"] == {"size": size, "head": bytes(head).hex()}
    assert theirs["log"]["size"] == size + 1
    assert {name for name in mine["members"] if name.startswith("blobs/")} <= set(theirs["members"])


def test_a_backup_restores_to_the_same_rows_log_and_files(file, tmp_path):
    """P12. On PostgreSQL this is also the move to SQLite."""
    require_restored(file, tmp_path / "other")


def test_a_backup_restores_to_another_postgresql_database(file, tmp_path, lacking, request):
    """P12."""
    if connection.vendor != "postgresql":
        pytest.skip("the lane on PostgreSQL restores to PostgreSQL")
    require_restored(file, tmp_path / "other", request.getfixturevalue("new_database"))


def test_a_backup_goes_only_into_an_empty_installation(file, db):
    """Nothing is mixed, nothing is touched."""
    before = AuditHead.objects.get().size
    with pytest.raises(CommandError, match=r"holds data already.* Nothing was restored"):
        call_command("restore", str(file))
    assert AuditHead.objects.get().size == before
    assert list(verification.findings()) == []


def test_a_backup_never_replaces_another(file):
    before = file.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(file))
    assert file.read_bytes() == before


def test_a_backup_is_for_its_owner_alone(file):
    """P15: it holds keys."""
    assert file.stat().st_mode & 0o077 == 0


def test_a_broken_installation_is_not_backed_up(cast, tmp_path):
    version = factories.make_submittable(cast)
    path = version.artifact.path
    kept = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(b"something else")
    try:
        with pytest.raises(BadInput, match="was changed on disk"):
            backup.write(tmp_path / "b.zip")
    finally:
        path.write_bytes(kept)
    assert list(tmp_path.iterdir()) == []


# ---- bad backups


def rewritten(file, change) -> io.BytesIO:
    """The backup with its members changed by `change`, which takes and gives pairs of name and bytes."""
    with zipfile.ZipFile(file) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in change(members):
            archive.writestr(name, body)
    return out


def edited(name, old, new):
    """A change of one member's bytes."""
    return lambda members: [(each, body.replace(old, new, 1) if each == name else body) for each, body in members]


def re_signed(key=None, **facts):
    """A change of the manifest, signed anew by a key that is not the installation's."""
    stranger = key or factory_key()

    def change(members):
        manifest = {**json.loads(dict(members)[backup.MANIFEST]), **facts}
        text = canonical(manifest)
        new = {backup.MANIFEST: text, backup.ENVELOPE: dsse(text, backup.TYPE, stranger)}
        return [(name, new.get(name, body)) for name, body in members]

    return change


def factory_key() -> Key:
    """A key from nowhere."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Key.of(Ed25519PrivateKey.generate())


def without(prefix):
    """The first member with this beginning is gone."""

    def change(members):
        gone = next(name for name, _body in members if name.startswith(prefix))
        return [pair for pair in members if pair[0] != gone]

    return change


def swapped(members):
    """Two stored files in each other's place."""
    one, other = [name for name, _body in members if name.startswith("blobs/")][:2]
    names = {one: other, other: one}
    return [(names.get(name, name), body) for name, body in members]


BAD = {
    "no manifest": (without(backup.MANIFEST), "no whole backup"),
    "no signature": (without(backup.ENVELOPE), "no whole backup"),
    "no rows": (without(backup.ROWS), "rows.jsonl is in the manifest and not in the backup"),
    "a file missing": (without("blobs/"), "is in the manifest and not in the backup"),
    "secret missing": (without(backup.SECRET), "is in the manifest and not in the backup"),
    "signing key missing": (lambda members: [pair for pair in members if not pair[0].endswith(".pem")], "by a key that is not in it"),
    "a file too many": (lambda members: [*members, ("blobs/evil", b"x")], "is in the backup and not in its manifest"),
    "a path outside": (lambda members: [*members, ("../../evil", b"x")], "is in the backup and not in its manifest"),
    "rows edited": (edited(backup.ROWS, b'"draft"', b'"final"'), "rows.jsonl in the backup is not what"),
    "rows cut": (lambda members: [(name, body[: len(body) // 2] if name == backup.ROWS else body) for name, body in members], "rows.jsonl in the backup is not what"),
    "rows longer": (lambda members: [(name, body + b"\n" if name == backup.ROWS else body) for name, body in members], "rows.jsonl in the backup is not what"),
    "files swapped": (swapped, "is not what its manifest says"),
    "secret edited": (lambda members: [(name, b"guess" if name == backup.SECRET else body) for name, body in members], "secret_key in the backup"),
    "manifest edited": (edited(backup.MANIFEST, b'"format":1', b'"format": 1'), "about another manifest"),
    "signed by a stranger": (re_signed(), "by a key that is not in it"),
    "of a later format": (edited(backup.MANIFEST, b'"format":1', b'"format":2'), "has format 2"),
    "signature broken": (edited(backup.ENVELOPE, b'"sig":"', b'"sig":"AAAA'), "changed after it was signed"),
    "signature no base64": (edited(backup.ENVELOPE, b'"sig":"', b'"sig":"%%'), "no whole backup"),
    "envelope no JSON": (lambda members: [(name, b"{" if name == backup.ENVELOPE else body) for name, body in members], "no whole backup"),
    "manifest a list": (lambda members: [(name, b"[]" if name == backup.MANIFEST else body) for name, body in members], "no whole backup"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", BAD)
def test_a_bad_backup_is_refused_by_name(file, name):
    """P12: twenty ways to be bad."""
    change, says = BAD[name]
    with pytest.raises(BadInput, match=says):
        backup.check(rewritten(file, change))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_stands_twice_is_refused(file):
    with pytest.raises(BadInput, match="stands in the backup twice"):
        backup.check(rewritten(file, lambda members: [*members, members[0]]))


def test_no_flipped_bit_passes_unseen(file, seed, amount):
    """P12: what is not refused has every byte of every member."""
    body, drawn = file.read_bytes(), random.Random(seed)
    with zipfile.ZipFile(file) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    refused = 0
    for _case in range(amount(500)):
        broken = bytearray(body)
        broken[drawn.randrange(len(broken))] ^= 1 << drawn.randrange(8)
        try:
            found = backup.check(io.BytesIO(bytes(broken)))
        except BadInput:
            refused += 1
            continue
        assert {name: found.archive.read(name) for name in found.archive.namelist()} == whole
    assert refused > amount(500) // 2


def test_the_key_that_signed_a_backup_can_be_demanded(file):
    with file.open("rb") as opened:
        signer = backup.check(opened).fingerprint
        assert backup.check(opened, signer.upper()).fingerprint == signer
        with pytest.raises(BadInput, match="is signed by the key"):
            backup.check(opened, "00" * 32)


def test_rows_that_do_not_agree_with_the_log_are_not_restored(file, tmp_path):
    """P1, P12: even where whoever made the backup signed what was edited."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    rows = members[backup.ROWS].replace(b'"risk_tier": "', b'"risk_tier": "un', 1)
    assert rows != members[backup.ROWS]
    manifest = json.loads(members[backup.MANIFEST])
    manifest["members"][backup.ROWS] = {"sha256": hashlib.sha256(rows).hexdigest(), "size": len(rows)}
    text = canonical(manifest)
    new = {
        backup.ROWS: rows,
        backup.MANIFEST: text,
        backup.ENVELOPE: dsse(text, backup.TYPE, ensure_key(settings.KEY_DIR)),
    }
    bad = tmp_path / "bad.zip"
    bad.write_bytes(rewritten(file, lambda pairs: [(name, new.get(name, body)) for name, body in pairs]).getvalue())
    done = manage(tmp_path / "other", "restore", str(bad), "--verify")
    assert done.returncode != 0
    assert "does not agree with itself" in done.stderr and "risk_tier" in done.stderr
    assert not list((tmp_path / "other").rglob("*.pem")), "nothing is left behind"
    assert "0 entries" in manage(tmp_path / "other", "verify_audit").stdout
