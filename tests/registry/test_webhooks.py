"""Webhooks: what is sent, in which order, again after a refusal; and that a hostile address is never connected to."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from registry.actions import inventory, webhooks as actions
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Delivery, Webhook
from registry.webhooks import pushing, sending
from tests import factories

URL = "https://hooks.bank.example/attestry"
HOST = "hooks.bank.example"
# Every way to write, wrap or name an address that is not one of the public internet.
INWARD = (
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.8", "172.16.3.4", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.2", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.8", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:8::1", "2001::1", "2001:db8::1", "100::1",
)  # fmt: skip
STRANGE = (
    "http://hooks.bank.example/", "ftp://hooks.bank.example/", "file:///etc/passwd", "gopher://hooks.bank.example/",
    "javascript:alert(1)", "https://", "https:///x", "//hooks.bank.example/", "hooks.bank.example", "",
    "https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f000001/",
    "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/", "https://hooks.bank.example.evil.example/", "https://evil.example/",
    "https://evil.example/hooks.bank.example", "https://evil.example#hooks.bank.example",
    "https://hooks.bank.example@evil.example/", "https://user:pass@hooks.bank.example/", "https://@hooks.bank.example/",
    "https://evil.example\\@hooks.bank.example/", "https://hooks.bank.example\\.evil.example/",
    "https://hooks.bank.example:99999/", "https://hooks.bank.example:port/", "https://hooks.bank.example%2eevil.example/",
    "https://hooks.bank.example./", "https://hooks。bank。example/", "https://ⓗooks.bank.example/", "https://[v1.x]/",
    "https://[::ffff:127.0.0.1]/", "https://hooks.bank.example\r\nHost: evil.example/", "https://hooks.bank.example/\n",
    "https://hooks.bank.example/\x00", "https://xn--hoks-bank.example/", "https://127.0.0.1.nip.example/",
    "https://[fe80::1%25eth0]/", "https://①②⑦.⓪.⓪.①/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def listed(settings):
    """The operator listed one host."""
    settings.WEBHOOK_HOSTS = [HOST]


@pytest.fixture
def connections(monkeypatch):
    """Every connection that is begun; none gets through."""
    begun = []

    def begin(address, *_args, **_named):
        begun.append(address)
        raise OSError("no connection in this test")

    monkeypatch.setattr(socket, "create_connection", begin)
    return begun


@pytest.fixture
def receiver(monkeypatch):
    """A receiver that keeps what comes and answers with the statuses it is given, then with 204."""
    came, answers = [], []

    def send(url, *, secret, number, body):
        came.append({"url": url, "id": number, "secret": secret, "event": json.loads(body)})
        return (answers.pop(0) if answers else 204), "said"

    monkeypatch.setattr(pushing, "send", send)
    return came, answers


def leads_to(monkeypatch, *numbers):
    """Look-ups answer with these."""

    def found(_host, port, *_args, **_named):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def added(cast, **changes) -> Webhook:
    """A webhook of the lending unit."""
    fields = {"name": "Chat", "url": URL, "events": [], **changes}
    return actions.add_webhook(cast.unit, actor=cast.administrator, **fields)[0]


@pytest.mark.parametrize("url", STRANGE)
def test_a_strange_address_is_refused_before_it_is_looked_up(url, connections):
    """S-141: 44 addresses that are not https to the listed host; none is connected to."""
    with pytest.raises((BadInput, sending.NotDelivered)):
        sending.send(url, secret="s", number="1", body=b"{}")
    assert connections == []


@pytest.mark.parametrize("number", INWARD)
def test_a_listed_host_that_leads_inward_is_not_connected_to(number, connections, monkeypatch):
    """36 addresses that a name can be made to lead to: own, private, reserved, mapped, translated."""
    leads_to(monkeypatch, "93.184.216.34", number)
    with pytest.raises(sending.NotDelivered, match="no public address"):
        sending.send(URL, secret="s", number="1", body=b"{}")
    assert connections == []


def test_the_connection_goes_to_the_number_that_was_found_public(connections, monkeypatch):
    """A second look-up, which could answer otherwise, is never made."""
    leads_to(monkeypatch, "93.184.216.34")
    with pytest.raises(sending.NotDelivered):
        sending.send(URL, secret="s", number="1", body=b"{}")
    assert connections == [("93.184.216.34", 443)]


def test_a_signature_is_that_of_standard_webhooks():
    """HMAC-SHA256 over id, time and body, worked out here by hand."""
    by_hand = hmac.new(b"key", b'evt.1700000000.{"a":1}', hashlib.sha256).digest()
    assert sending.signature("key", "evt", 1_700_000_000, b'{"a":1}') == "v1," + base64.b64encode(by_hand).decode()


@pytest.mark.django_db
def test_what_happens_in_the_unit_is_told_in_order_and_once(cast, receiver):
    """Each entry of the unit since the webhook was added, as a CloudEvent without anybody's text; of no other unit."""
    came, _answers = receiver
    added(cast)
    system = factories.make_system(cast)
    inventory.edit_system(system, actor=cast.owner, purpose="A new purpose, written by a person with a name.")
    pushing.push_due()
    pushing.push_due()
    assert [each["event"]["type"] for each in came] == [
        "attestry.webhook.added", "attestry.system.registered", "attestry.system.edited",
    ]  # fmt: skip
    assert [each["event"]["data"]["entry"] for each in came] == sorted(each["event"]["data"]["entry"] for each in came)
    assert came[0]["secret"].startswith("whsec_")
    assert "purpose" not in json.dumps([each["event"] for each in came])


@pytest.mark.django_db
def test_only_the_events_that_were_asked_for_are_told(cast, receiver):
    """`model` stands for everything of models."""
    came, _answers = receiver
    added(cast, events=["model"])
    factories.make_model(cast)
    pushing.push_due()
    assert [each["event"]["type"] for each in came] == ["attestry.model.registered"]


@pytest.mark.django_db
def test_what_is_not_taken_is_told_again_under_the_same_id_and_holds_back_what_came_later(cast, receiver):
    """Order is kept, waiting grows, and nothing is lost."""
    came, answers = receiver
    webhook = added(cast, events=["system", "model"])
    answers += [500, 503]
    factories.make_model(cast)
    waits = []
    for _round in range(2):
        pushing.push_due()
        webhook.refresh_from_db()
        waits.append((webhook.next_try_at - timezone.now()).total_seconds())
        pushing.push_due()
        Webhook.objects.filter(pk=webhook.pk).unlogged_update(next_try_at=timezone.now())
    pushing.push_due()
    assert [each["event"]["type"].split(".", 1)[1] for each in came] == [
        "system.registered", "system.registered", "system.registered", "model.registered",
    ]  # fmt: skip
    assert len({each["id"] for each in came[:3]}) == 1
    assert waits[1] > waits[0] * 1.5
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.next_try_at) == (0, None)
    assert [row.status for row in Delivery.objects.order_by("pk")] == [500, 503, 204, 204]


@pytest.mark.django_db
def test_a_webhook_is_managed_by_administrators_alone_and_each_act_is_logged(cast, receiver):
    """P2: nobody else adds one; the secret is in neither log nor row."""
    with pytest.raises(NotAllowed):
        actions.add_webhook(cast.unit, name="Mine", url=URL, events=[], actor=cast.owner)
    webhook, secret = actions.add_webhook(cast.unit, name="Chat", url=URL, events=[], actor=cast.administrator)
    actions.switch_webhook(webhook, is_on=False, actor=cast.administrator)
    actions.switch_webhook(webhook, is_on=True, actor=cast.administrator)
    acts = AuditEntry.objects.filter(object_id=webhook.pk).values_list("action", flat=True)
    assert list(acts) == ["webhook.added", "webhook.stopped", "webhook.resumed"]
    assert secret not in webhook.secret
    assert secret.encode() not in b"".join(bytes(e.body.body) for e in AuditEntry.objects.filter(object_id=webhook.pk))


@pytest.mark.django_db
def test_a_host_that_the_operator_did_not_list_cannot_be_entered(cast, client):
    """S-141: the form says which hosts are listed, and nothing is lost of what was typed."""
    client.force_login(cast.administrator)
    given = {"unit": cast.unit.pk, "name": "Elsewhere", "url": "https://evil.example/x", "events": "version"}
    page = client.post("/webhooks/add/", given)
    assert page.status_code == 422
    assert HOST in page.content.decode()
    assert "https://evil.example/x" in page.content.decode()
    assert not Webhook.objects.exists()


@pytest.mark.django_db
def test_the_page_of_a_webhook_says_what_came_of_each_delivery(cast, client, receiver):
    """The test button sends at once; a refusal is in sight with its status."""
    _came, answers = receiver
    answers += [410]
    webhook = added(cast)
    client.force_login(cast.administrator)
    client.post(f"/webhooks/{webhook.pk}/test/")
    page = client.get(f"/webhooks/{webhook.pk}/").content.decode()
    assert "410" in page
    assert "Not taken" in page
    client.force_login(cast.owner)
    assert client.get(f"/webhooks/{webhook.pk}/").status_code == 404


@pytest.mark.django_db
def test_the_test_button_stands_in_the_log_with_who_pressed_it(cast, receiver):
    """P2: it sends something out of the house, taken or not."""
    _came, answers = receiver
    answers += [410]
    webhook = added(cast)
    assert [actions.test_webhook(webhook, actor=cast.administrator) for _time in range(2)] == [False, True]
    entries = AuditEntry.objects.filter(action="webhook.tested", object_id=webhook.pk)
    assert set(entries.values_list("actor", flat=True)) == {cast.administrator.pk}
    assert [json.loads(bytes(row.body.body))["data"]["is_taken"] for row in entries.order_by("seq")] == [False, True]


@pytest.fixture
def listening(monkeypatch, tmp_path):
    """A receiver with a certificate for the listed host, on this machine, which the rule on addresses lets through."""
    key, chain = certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(chain))
    monkeypatch.setattr(ssl, "create_default_context", lambda: trust)
    monkeypatch.setattr(sending, "is_public", lambda number: number == "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(chain, key)
    server.socket = served.wrap_socket(server.socket, server_side=True)
    server.came = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    leads_to(monkeypatch, "127.0.0.1")
    yield f"https://{HOST}:{server.server_port}", server.came
    server.shutdown()
    server.server_close()


class Receiver(BaseHTTPRequestHandler):
    """Takes events, sends elsewhere, or drips its answer."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, dict(self.headers), body))
        if self.path == "/hang":
            time.sleep(1.5)
        self.send_response({"/elsewhere": 302}.get(self.path, 202))
        self.send_header("Location", "/taken")
        self.end_headers()
        while self.path == "/drip":
            self.wfile.write(b".")
            time.sleep(0.05)

    def log_message(self, *_args):
        pass


def certificate(folder):
    """A key and a certificate for the listed host, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    key_file, chain = folder / "key.pem", folder / "chain.pem"
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key_file, chain


def test_an_event_arrives_over_tls_with_a_signature_that_the_receiver_can_check(listening):
    """S-141: the real bytes on a real socket; a receiver with the secret verifies them."""
    url, came = listening
    assert sending.send(url + "/in?room=7", secret="key", number="evt", body=b'{"a":1}')[0] == 202
    path, headers, body = came[0]
    assert (path, body, headers["Content-Type"]) == ("/in?room=7", b'{"a":1}', "application/cloudevents+json")
    moment = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == sending.signature("key", headers["webhook-id"], moment, body)


class Careful:
    """A receiver as Standard Webhooks describes it: takes each event once, while it is fresh, and only as it was signed."""

    def __init__(self, secret: str) -> None:
        self.secret, self.seen = secret, set()

    def takes(self, headers, body, *, now: int) -> bool:
        number, moment = headers["webhook-id"], int(headers["webhook-timestamp"])
        signed = headers["webhook-signature"] == sending.signature(self.secret, number, moment, body)
        fresh = signed and abs(now - moment) <= 300 and number not in self.seen
        self.seen |= {number} if fresh else set()
        return fresh


def test_a_delivery_that_is_replayed_can_be_told_from_the_first(listening):
    """S-141: id and moment are signed: recorded bytes are refused again, later, and with either of them changed."""
    url, came = listening
    sending.send(url + "/in", secret="key", number="evt", body=b'{"a":1}')
    _path, headers, body = came[0]
    now, receiver = int(headers["webhook-timestamp"]), Careful("key")
    assert receiver.takes(headers, body, now=now)
    assert not receiver.takes(headers, body, now=now + 1)
    for changed in ({"webhook-id": "evt2"}, {"webhook-timestamp": str(now + 3600)}):
        assert not Careful("key").takes({**headers, **changed}, body, now=now + 3600)
    assert not Careful("key").takes(headers, body, now=now + 3600)
    assert not Careful("key").takes(headers, body + b" ", now=now)
    assert Careful("key").takes(headers, body, now=now)


def test_a_receiver_that_never_answers_is_left(listening, monkeypatch):
    """It took the bytes and hangs: after the seconds of one reading it counts as not taken."""
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    url, came = listening
    begun = time.monotonic()
    with pytest.raises(sending.NotDelivered):
        sending.send(url + "/hang", secret="key", number="evt", body=b"{}")
    assert time.monotonic() - begun < 3
    assert len(came) == 1


def test_a_redirect_is_an_answer_and_is_not_followed(listening):
    """The receiver answered 302; nothing was sent to where it pointed."""
    url, came = listening
    assert sending.send(url + "/elsewhere", secret="key", number="evt", body=b"{}")[0] == 302
    assert [path for path, _headers, _body in came] == ["/elsewhere"]


def test_a_receiver_that_drips_its_answer_is_cut_off(listening, monkeypatch):
    """No reading ever times out, so the whole has a deadline."""
    monkeypatch.setattr(sending, "DEADLINE", 0.5)
    url, _came = listening
    began = time.monotonic()
    with suppress(sending.NotDelivered):
        sending.send(url + "/drip", secret="key", number="evt", body=b"{}")
    assert time.monotonic() - began < 3


def test_a_certificate_of_another_name_is_refused(listening, monkeypatch, settings):
    """Pinning the number does not spare the name."""
    url, came = listening
    settings.WEBHOOK_HOSTS = ["other.bank.example"]
    with pytest.raises(sending.NotDelivered, match=r"(?i)certificate"):
        sending.send(url.replace(HOST, "other.bank.example"), secret="key", number="evt", body=b"{}")
    assert came == []
