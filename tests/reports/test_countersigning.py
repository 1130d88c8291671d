"""Packs are signed by the process that holds the key, which reads from the database what they say."""

import base64
import contextlib
import io
import json

import pytest
from django.core.management import CommandError, call_command

from config import sysroot
from registry import jobs
from registry.actions import cards
from registry.audit import verification
from registry.errors import BadInput
from registry.models import AuditEntry, JobStatus
from reports import actions, countersigning, desk, signing, tasks
from reports.management.commands import pack as command
from reports.models import Pack, Signature, SigningKey
from reports.packs import building, version as contents
from reports.packs.actions import request_wide_pack
from reports.verifier import verify
from tests import factories


@pytest.fixture
def apart(settings, tmp_path):
    """The key is elsewhere, and known."""
    settings.SIGN_BY_QUEUE, settings.KEY_DIR = True, tmp_path / "keys"


def quickly_drawn(monkeypatch, drawn=None):
    """Every PDF is a line of text; `drawn` counts them."""

    def built(kind, subject, *, as_of, language):
        (drawn if drawn is not None else []).append(kind)
        return contents.building.gathered(kind, subject, as_of=as_of, language=language), b"%PDF-1.7 drawn elsewhere"

    monkeypatch.setattr(contents.building, "built", built)


@pytest.fixture
def pack(cast, apart, monkeypatch):
    """A pack that is being built, with a PDF that is quickly drawn."""
    quickly_drawn(monkeypatch)
    countersigning.introduce()
    asked = actions.request_pack(factories.make_releasable(cast), actor=cast.auditor)
    return jobs.claim(Pack, asked.pk)


@pytest.fixture
def signer(monkeypatch, settings):
    """The other process answers while this one waits."""
    monkeypatch.setattr(desk, "PAUSE", 0)
    waiting = desk.waited

    def answered(row):
        tasks.sign(str(row.pk))
        return waiting(row)

    monkeypatch.setattr(desk, "waited", answered)


def test_a_pack_is_signed_by_the_process_that_holds_the_key(pack, signer):
    """P8: the worker asks, the signer signs; the verifier accepts it, and the log knows of the signature."""
    building.build_pack(pack)
    pack.refresh_from_db()
    assert pack.status == JobStatus.FINISHED
    assert verify.problems(pack.blob.read(), SigningKey.objects.get().fingerprint) == []
    assert list(AuditEntry.objects.filter(action__startswith="signature.").values_list("action", flat=True)) == [
        "signature.requested", "signature.started", "signature.made",
    ]  # fmt: skip
    assert list(verification.findings()) == []


@pytest.mark.parametrize(("is_apart", "sentence"), [
    (True, "A process of its own holds the key"), (False, "web and workers are one trust zone"),
])  # fmt: skip
def test_the_page_of_a_pack_says_who_holds_the_key(pack, signer, cast, client, settings, is_apart, sentence):
    """B.6: on SQLite it is the worker, and the page says so."""
    building.build_pack(pack)
    settings.SIGN_BY_QUEUE = is_apart
    client.force_login(cast.auditor)
    assert sentence in client.get(pack.get_absolute_url()).content.decode()


@pytest.fixture
def working(monkeypatch):
    """A worker builds what the command asked for, with a PDF that is quickly drawn."""
    quickly_drawn(monkeypatch)
    monkeypatch.setattr(command.time, "sleep", lambda seconds: tasks.build_pack(str(Pack.objects.get().pk)))


def ordered(version, place, **options):
    """`manage.py pack` for a version."""
    call_command("pack", str(version.pk), out=str(place), stdout=io.StringIO(), **options)


def test_the_command_has_its_pack_signed_by_the_process_that_holds_the_key(cast, apart, signer, working, tmp_path):
    """P8: the process that runs the command has no key and makes none; who asked stands in the log."""
    countersigning.introduce()
    ordered(factories.make_releasable(cast), tmp_path / "pack.zip", by=cast.auditor.email)
    content = (tmp_path / "pack.zip").read_bytes()
    assert verify.problems(content, SigningKey.objects.get().fingerprint) == []
    assert Signature.objects.get().pack == Pack.objects.get(requested_by=cast.auditor, status=JobStatus.FINISHED)
    assert AuditEntry.objects.get(action="pack.requested").actor == cast.auditor


@pytest.mark.parametrize(("by", "sentence"), [
    ("", "Say by --by EMAIL who asks"), ("outsider", "You may not do this"),
])  # fmt: skip
def test_the_command_asks_for_nobody_and_not_for_everybody(cast, apart, tmp_path, by, sentence):
    email = by and getattr(cast, by).email
    with pytest.raises(CommandError, match=sentence):
        ordered(factories.make_releasable(cast), tmp_path / "pack.zip", by=email)
    assert not Pack.objects.exists()


def test_the_command_says_when_nobody_builds_or_signs(cast, apart, tmp_path):
    with pytest.raises(CommandError, match="queues pdf and sign"):
        ordered(factories.make_releasable(cast), tmp_path / "pack.zip", by=cast.auditor.email, seconds=0)
    assert not (tmp_path / "pack.zip").exists()


@pytest.mark.real
@pytest.mark.timeout(200)
@pytest.mark.django_db(transaction=True)
def test_the_command_is_served_by_workers_and_makes_no_key(start_worker, settings, tmp_path):
    """P8: over the broker, with the processes that build and sign."""
    settings.SIGN_BY_QUEUE, settings.KEY_DIR = True, tmp_path / "keys"
    cast = factories.make_cast()
    version = factories.make_version(cast)
    start_worker(concurrency=2, env={**sysroot.environment(), "ATTESTRY_SIGN_BY_QUEUE": "true"})
    ordered(version, tmp_path / "pack.zip", by=cast.auditor.email, seconds=120)
    assert verify.problems((tmp_path / "pack.zip").read_bytes(), SigningKey.objects.get().fingerprint) == []
    assert not settings.KEY_DIR.exists()


def test_a_pack_of_a_system_is_signed_although_the_log_goes_on_meanwhile(cast, apart, signer):
    """P8: asking for the signature is itself an entry; the status of frameworks is that of the moment before it."""
    countersigning.introduce()
    row = jobs.claim(Pack, request_wide_pack(factories.make_system(cast), actor=cast.auditor).pk)
    building.build_pack(row)
    assert verify.problems(row.blob.read(), SigningKey.objects.get().fingerprint) == []
    assert Signature.objects.count() == 1


def test_a_pack_needs_one_signature(pack, signer):
    building.build_pack(pack)
    assert Signature.objects.count() == 1


def message_of(pack, change):
    """The statement on the pack with a change that somebody made to it."""
    asked = []

    class Asking:
        fingerprint, public_pem = desk.own_key().fingerprint, desk.own_key().public_pem

        def sign(self, message):
            asked.append(message)
            return bytes(64)

    as_of = building.timezone.now()
    with contextlib.suppress(io.UnsupportedOperation):  # nothing verifies what nobody signed
        building.packed(pack, io.BytesIO(), as_of=as_of, key=Asking())
    payload = json.loads(asked[0][asked[0].index(b"{") :])
    change(payload)
    return signing.pae(signing.PAYLOAD_TYPE, signing.canonical(payload)), as_of


def refusal(pack, message, as_of):
    """What the signer says to this message."""
    row = jobs.claim(Signature, desk.asked(pack, message, as_of).pk)
    with pytest.raises(BadInput) as refused:
        countersigning.give(row)
    return str(refused.value)


def test_the_message_that_the_worker_makes_is_signed(pack):
    message, as_of = message_of(pack, lambda payload: None)
    row = jobs.claim(Signature, desk.asked(pack, message, as_of).pk)
    countersigning.give(row)
    assert base64.b16decode(row.signature.upper())


@pytest.mark.parametrize("member", ["signoffs.json", "card.json", "audit.jsonl", "verify.py", "runs.json"])
def test_a_forged_member_is_not_signed(pack, member):
    """P8: a worker that was taken over invents a sign-off; the signer reads the real ones."""

    def forge(payload):
        next(one for one in payload["subject"] if one["name"] == member)["digest"]["sha256"] = "0" * 64

    assert "not what the registry holds" in refusal(pack, *message_of(pack, forge))


@pytest.mark.parametrize("field", ["subject_digest", "version", "artifact", "as_of"])
def test_a_forged_word_of_the_statement_is_not_signed(pack, field):
    def forge(payload):
        payload["predicate"][field] = "something else"

    assert "not what the registry holds" in refusal(pack, *message_of(pack, forge))


def test_an_added_or_a_missing_member_is_not_signed(pack):
    def add(payload):
        payload["subject"].append({"name": "zz.json", "digest": {"sha256": "0" * 64}})

    assert "not what the registry holds" in refusal(pack, *message_of(pack, add))
    assert "not what the registry holds" in refusal(pack, *message_of(pack, lambda payload: payload["subject"].pop()))


@pytest.mark.parametrize("message", [b"", b"{}", b"DSSEv1 0  2 {}", b'{"subject": [{"name": 1}]}', b"{[[["])
def test_something_else_than_a_statement_is_not_signed(pack, message):
    assert "nothing was signed" in refusal(pack, message, building.timezone.now())


def test_what_changed_meanwhile_is_not_signed(pack, cast):
    message, as_of = message_of(pack, lambda payload: None)
    cards.save_card(pack.version, fields={"overview": "Another one, written meanwhile."}, actor=cast.owner)
    assert "Ask for the pack again" in refusal(pack, message, as_of)


def test_a_pack_is_built_again_when_something_changed_before_it_was_signed(pack, signer, cast, monkeypatch):
    """A colleague writes the card while the PDF is drawn: no reason to send the person away."""
    drawn: list[object] = []
    real, first = contents.members, []

    def changed_after(*args, **kwargs):
        members = real(*args, **kwargs)
        if not first:
            first.append(1)
            cards.save_card(pack.version, fields={"overview": "Another one, written meanwhile."}, actor=cast.owner)
        return members

    quickly_drawn(monkeypatch, drawn)
    monkeypatch.setattr(contents, "members", changed_after)
    building.build_pack(pack)
    pack.refresh_from_db()
    assert (pack.status, len(drawn)) == (JobStatus.FINISHED, 2)
    assert sorted(Signature.objects.values_list("status", flat=True)) == [JobStatus.ERRORED, JobStatus.FINISHED]


def test_a_refusal_that_stays_is_told(pack, signer, monkeypatch):
    monkeypatch.setattr(countersigning, "expected", lambda *args: ({}, {}))
    with pytest.raises(signing.Refused, match="not what the registry holds"):
        building.build_pack(pack)
    assert Signature.objects.count() == building.TRIES


def test_nothing_is_signed_for_a_pack_that_nobody_builds(pack):
    message, as_of = message_of(pack, lambda payload: None)
    jobs.fail(pack, "Given up.")
    assert "not being built" in refusal(pack, message, as_of)


def test_without_a_signer_the_pack_says_what_to_start(pack, settings):
    settings.SIGN_SECONDS = 0
    with pytest.raises(signing.KeyUnusable, match="queue “sign”"):
        building.build_pack(pack)


def test_before_the_signer_ever_ran_the_pack_says_so(cast, apart):
    asked = actions.request_pack(factories.make_releasable(cast), actor=cast.auditor)
    with pytest.raises(signing.KeyUnusable, match="No signing key is known"):
        desk.key_for(asked, building.timezone.now())


def test_a_signature_is_no_job_of_the_person(pack, cast, settings):
    """It counts for nobody's quota: who asked for a pack asked once."""
    from registry import quotas

    message, as_of = message_of(pack, lambda payload: None)
    desk.asked(pack, message, as_of)
    assert quotas.in_flight(lambda model: {"requested_by": cast.auditor}) == 1
