"""A new key in place of the old one: old packs verify for ever, and everybody can look up which key signed when."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse

from config import backup
from registry import jobs
from registry.audit import verification
from registry.models import AuditEntry
from reports import desk
from reports.models import Pack, SigningKey
from reports.packs import building
from reports.packs.actions import request_wide_pack
from reports.verifier import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(settings, tmp_path):
    """An installation's folder of its own, where files are written when a transaction is over."""
    settings.DATA_DIR, settings.KEY_DIR = tmp_path, tmp_path / "keys"
    return tmp_path


def built(cast) -> Pack:
    """A finished pack of a unit with nothing in it but its people."""
    row = request_wide_pack(cast.other_unit, actor=cast.outsider, shows_people=True)
    building.build_pack(jobs.claim(Pack, row.pk))
    row.refresh_from_db()
    return row


def test_packs_of_the_old_key_and_of_the_new_one_verify_each_by_its_own(cast, place):
    """P4: old packs verify for ever."""
    before, (old, new), after = built(cast), desk.rotate(), built(cast)
    assert (before.key_fingerprint, after.key_fingerprint) == (old.fingerprint, new.fingerprint)
    for pack, other in ((before, new), (after, old)):
        assert verify.problems(pack.blob.read(), pack.key_fingerprint) == []
        assert verify.problems(pack.blob.read(), other.fingerprint)
    assert list(verification.findings()) == []


def test_each_key_has_signed_the_other_and_the_log_has_it(cast, place):
    """P4: rotation cross-signs and is an entry of the log."""
    built(cast)
    old, new = desk.rotate()
    actions = list(AuditEntry.objects.filter(object_type="reports.SigningKey").values_list("action", flat=True))
    assert actions == ["key.made", "key.retired", "key.made"]
    body = bytes(AuditEntry.objects.filter(action="key.made").latest("seq").body.body).decode()
    assert old.sign(new.fingerprint.encode()).hex() in body and new.sign(old.fingerprint.encode()).hex() in body
    assert SigningKey.objects.filter(valid_to=None).get().fingerprint == new.fingerprint


def test_the_public_page_and_the_file_of_the_installation_name_every_key(
    cast, place, client, django_capture_on_commit_callbacks
):
    """P4: without an account, since strangers verify packs."""
    built(cast)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("rotate_key", stdout=io.StringIO())
    page = client.get(reverse("signing-keys")).content.decode()
    told = (place / "KEYS.txt").read_text()
    assert SigningKey.objects.count() == 2
    for key in SigningKey.objects.all():
        assert key.fingerprint in page and key.fingerprint in told
    for name in ("verifier", "verifier-page"):
        assert client.get(reverse(name)).status_code == 200


def test_a_backup_holds_the_retired_key_too(cast, place):
    """P12"""
    built(cast)
    old, new = desk.rotate()
    backup.write(place / "backup.zip")
    with (place / "backup.zip").open("rb") as file:
        members = backup.check(file, new.fingerprint).manifest["members"]
    assert f"keys/retired/{old.fingerprint}.pem" in members and f"keys/{new.fingerprint}.pem" in members
