"""Checkpoints by mail to auditors: over a real SMTP connection, once in so many hours, and a failure is told."""

import email
import socketserver
import threading
from datetime import timedelta
from email.policy import default as policy

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.actions import inventory
from registry.audit import checkpoints
from registry.models import AuditCheckpoint
from tests import factories


class OneSession(socketserver.StreamRequestHandler):
    """What a mail server says in the least number of words; it keeps every message with its recipients."""

    def handle(self):
        self.say("220 here")
        recipients = []
        for line in self.rfile:
            word = line.split(b" ")[0].strip().upper()
            if word == b"RCPT":
                recipients.append(line.decode().split("<")[1].split(">")[0])
            if word == b"DATA":
                self.say("354 go on")
                self.server.kept.append((recipients, email.message_from_bytes(self.message(), policy=policy)))
            self.say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def message(self):
        return b"".join(iter(self.rfile.readline, b".\r\n"))


@pytest.fixture
def letters(settings):
    """A mail server on this machine, and what it took."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), OneSession)
    server.daemon_threads, server.kept = True, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.SENDS_MAIL = True
    settings.CHECKPOINT_MAIL = ["ines@auditors.example", "second@auditors.example"]
    yield server.kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def system(cast):
    """Something to edit, so that the log grows."""
    return factories.make_system(cast)


def later(monkeypatch, **by):
    """The clock goes on."""
    moment = timezone.now() + timedelta(**by)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def grown(cast, system, monkeypatch, **by):
    """A checkpoint that was made later, on one more entry."""
    later(monkeypatch, **by)
    inventory.edit_system(system, name=f"Name at {timezone.now()}", actor=cast.owner)
    return checkpoints.tick()


def test_auditors_get_the_note_byte_for_byte(system, letters):
    """P2: whoever keeps the message has a note outside."""
    row = checkpoints.tick()
    ((recipients, message),) = letters
    (attached,) = message.iter_attachments()
    assert recipients == ["ines@auditors.example", "second@auditors.example"]
    assert attached.get_filename() == f"checkpoint-{row.size:012d}.note"
    assert attached.get_content() == row.note.encode()
    assert f"Checkpoint of {row.size} entries" in message["Subject"]
    assert row.receipts["mail"] | {"at": ""} == {"ok": True, "at": "", "says": ", ".join(recipients)}


def test_the_attached_note_is_taken_by_the_page_that_checks_notes(system, letters, cast, client):
    checkpoints.tick()
    (attached,) = letters[0][1].iter_attachments()
    client.force_login(cast.auditor)
    page = client.post(reverse("note-check"), {"text": attached.get_content().decode()})
    assert page.context["answer"].is_good


def test_one_message_a_day_however_many_checkpoints(system, letters, cast, monkeypatch):
    checkpoints.tick()
    skipped = grown(cast, system, monkeypatch, minutes=2)
    assert (len(letters), skipped.receipts, checkpoints.tick()) == (1, {}, None)
    grown(cast, system, monkeypatch, hours=24)
    assert len(letters) == 2
    assert AuditCheckpoint.objects.count() == 3


def test_every_checkpoint_is_sent_where_that_is_wanted(system, letters, cast, monkeypatch, settings):
    settings.CHECKPOINT_MAIL_HOURS = 0
    checkpoints.tick()
    grown(cast, system, monkeypatch, minutes=2)
    assert len(letters) == 2


def test_a_mail_server_that_is_away_is_told_and_tried_again(system, letters, settings, monkeypatch):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    row = checkpoints.tick()
    assert not row.receipts["mail"]["ok"]
    assert "refused" in row.receipts["mail"]["says"]
    assert checkpoints.tick() is None
    settings.EMAIL_PORT = port
    later(monkeypatch, minutes=2)
    checkpoints.tick()
    assert len(letters) == 1


def test_addresses_without_a_mail_server_are_told(system, letters, settings):
    settings.SENDS_MAIL = False
    assert "ATTESTRY_EMAIL_URL is not set" in checkpoints.tick().receipts["mail"]["says"]
    assert letters == []


def test_the_page_of_the_log_names_the_addresses(system, letters, cast, client):
    checkpoints.tick()
    client.force_login(cast.auditor)
    page = client.get(reverse("audit")).content.decode()
    assert "mail to auditors" in page
    assert "ines@auditors.example" in page
