"""A POST of the API under an Idempotency-Key takes effect once, however often and however at once it is sent."""

import itertools
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.throttling import UserRateThrottle

from config import postgres, services
from registry import faults, jobs
from registry.actions import inventory, tokens
from registry.errors import NotAllowed
from registry.models import AuditEntry, KeptAnswer, Model, ModelVersion
from tests import factories
from tests.environment import DATA_DIR

MODELS, VERSIONS = "/api/v1/models/", "/api/v1/versions/"
SENDS = 16
names = itertools.count(1)


class CrashAfterCommit:
    """A middleware that fails once the effect is committed, as a process that is killed before it answers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.headers.get("X-Crash"):
            raise ConnectionResetError("killed between commit and answer")
        return response


@pytest.fixture
def system(cast):
    """A system of the owner, who is the one that posts."""
    return factories.make_system(cast)


def posted(client, key, body, url=MODELS, **headers):
    """The answer to a POST of JSON under a key."""
    return client.post(url, body, content_type="application/json", headers={"Idempotency-Key": key, **headers})


def asked(system, name=None):
    """The body that registers a model."""
    return {"system": str(system.pk), "name": name or f"Model {next(names)}"}


@pytest.fixture
def owner(cast, client):
    """The owner's session."""
    client.force_login(cast.owner)
    return client


def test_a_repeated_request_is_answered_from_the_first(owner, system):
    """P10: same status, same bytes, marked as a replay, one effect, one entry."""
    body, before = asked(system), AuditEntry.objects.count()
    first, again = posted(owner, "k1", body), posted(owner, "k1", body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert (Model.objects.count(), AuditEntry.objects.count()) == (1, before + 1)


def test_a_request_without_a_key_is_carried_out_each_time(owner, system):
    for _ in range(2):
        assert owner.post(MODELS, asked(system), content_type="application/json").status_code == 201
    assert (Model.objects.count(), KeptAnswer.objects.count()) == (2, 0)


def test_the_order_of_keys_in_the_body_is_no_other_request(owner, system):
    body = asked(system)
    posted(owner, "k1", body)
    assert posted(owner, "k1", dict(reversed(body.items()))).headers["Idempotent-Replay"] == "true"


def test_another_body_under_the_same_key_is_refused(owner, system):
    """P10: 422 as a problem document, nothing carried out."""
    posted(owner, "k1", asked(system))
    answer = posted(owner, "k1", asked(system))
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "used for another request" in answer.json()["detail"]
    assert Model.objects.count() == 1


def test_another_address_under_the_same_key_is_refused(owner, system):
    body = asked(system)
    posted(owner, "k1", body)
    assert posted(owner, "k1", body, url=MODELS + "?page=1").status_code == 422


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "schlüssel"])
def test_a_key_that_is_none_is_refused_with_the_reason(owner, system, key):
    answer = posted(owner, key, asked(system))
    assert answer.status_code == 400
    assert "visible ASCII" in answer.json()["detail"]
    assert Model.objects.count() == 0


def test_a_refused_request_leaves_its_key_free(owner, system):
    """Nothing happened under it: the mended request may carry the same key."""
    assert posted(owner, "k1", {"system": str(system.pk)}).status_code == 400
    assert posted(owner, "k1", asked(system)).status_code == 201


def test_what_an_action_kept_before_it_refused_stays(owner, system, monkeypatch):
    """A decision on changed material voids the earlier sign-offs and is refused: key or no key, they stay void."""
    real = inventory.register_model

    def kept_then_refused(*args, **kwargs):
        real(*args, **kwargs)
        raise NotAllowed("What you were shown has changed meanwhile.")

    monkeypatch.setattr(inventory, "register_model", kept_then_refused)
    assert posted(owner, "k1", asked(system)).status_code == 403
    assert (Model.objects.count(), KeptAnswer.objects.count()) == (1, 0)


def test_two_people_may_use_the_same_key(cast, owner, system):
    posted(owner, "k1", asked(system))
    other = Client()
    other.force_login(cast.risk_officer)
    answer = posted(other, "k1", asked(system))
    assert answer.status_code == 201
    assert "Idempotent-Replay" not in answer.headers


def test_two_tokens_of_one_person_may_use_the_same_key(cast, system, client):
    """Two pipelines do not meet in a key such as a build's number."""
    answers = []
    for name in ("first", "second"):
        scopes = ["models:read", "models:write"]
        _, secret = tokens.create_token(cast.owner, name=name, scopes=scopes, unit=cast.unit, days=1)
        answers.append(posted(client, "build-7", asked(system), Authorization=f"Bearer {secret}"))
    assert [answer.status_code for answer in answers] == [201, 201]


def uploaded(client, model, content, key="k1", number="1"):
    """The answer to a registration of a version with its file."""
    file = SimpleUploadedFile("model.txt", content)
    return client.post(
        VERSIONS, {"model": model.pk, "version": number, "artifact": file}, headers={"Idempotency-Key": key}
    )


def test_an_upload_is_the_same_request_when_its_file_has_the_same_bytes(cast, owner):
    """The boundary of a form differs each time; the file's digest does not."""
    model = factories.make_model(cast)
    first, again = uploaded(owner, model, b"tree"), uploaded(owner, model, b"tree")
    assert (first.status_code, again.status_code) == (201, 201), first.content
    assert again.headers["Idempotent-Replay"] == "true"
    assert ModelVersion.objects.count() == 1
    assert uploaded(owner, model, b"tree with one more leaf").status_code == 422


def test_a_key_is_free_again_after_a_day(owner, system):
    body = asked(system)
    posted(owner, "k1", body)
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=23))
    assert posted(owner, "k1", body).headers["Idempotent-Replay"] == "true"
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert posted(owner, "k1", asked(system)).status_code == 201


def test_the_sweep_drops_answers_older_than_a_day(owner, system):
    posted(owner, "old", asked(system))
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    posted(owner, "new", asked(system))
    jobs.sweep()
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["new"]


def test_no_effect_is_left_when_its_answer_cannot_be_kept(owner, system, monkeypatch):
    """P10: the key's row and the effect are one transaction."""
    monkeypatch.setattr(KeptAnswer.objects, "create", lambda **kwargs: 1 / 0)
    owner.raise_request_exception = False
    assert posted(owner, "k1", asked(system)).status_code == 500
    assert Model.objects.count() == 0


def test_killed_between_commit_and_answer_the_next_send_gets_the_answer(owner, system, settings):
    """P10: the client that heard nothing sends again; one effect."""
    settings.MIDDLEWARE = [f"{__name__}.CrashAfterCommit", *settings.MIDDLEWARE]
    owner.raise_request_exception = False
    body = asked(system)
    crashing = Client(raise_request_exception=False)
    crashing.cookies = owner.cookies
    assert posted(crashing, "k1", body, **{"X-Crash": "1"}).status_code == 500
    answer = posted(crashing, "k1", body)
    assert (answer.status_code, answer.headers["Idempotent-Replay"]) == (201, "true")
    assert Model.objects.get().name == body["name"] == answer.json()["name"]


def test_a_request_that_is_still_being_carried_out_is_a_conflict(owner, system, monkeypatch):
    """P10: 409 while the first is in flight; its own answer comes through."""
    body, inner = asked(system), []
    real = inventory.register_model

    def slow(*args, **kwargs):
        second = Client()
        second.cookies = owner.cookies
        inner.append(posted(second, "k1", body))
        return real(*args, **kwargs)

    monkeypatch.setattr(inventory, "register_model", slow)
    assert posted(owner, "k1", body).status_code == 201
    assert inner[0].status_code == 409
    assert "being carried out" in inner[0].json()["detail"]
    assert Model.objects.count() == 1


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
@pytest.mark.long
def test_sixteen_sends_at_once_have_one_effect_a_key(amount, seed, settings, monkeypatch):
    """P10: 200 keys, 16 concurrent sends each, on SQLite and PostgreSQL; one in eight fails between commit and answer."""
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": None})
    settings.MIDDLEWARE = [f"{__name__}.CrashAfterCommit", *settings.MIDDLEWARE]
    cast = factories.make_cast()
    system = factories.make_system(cast)
    dice, keys = random.Random(seed), [f"key-{number}" for number in range(amount(200))]
    sends = [(key, dice.random() < 1 / 8) for key in keys for _ in range(SENDS)]
    session = Client()
    session.force_login(cast.owner)
    start = threading.Barrier(SENDS)

    def send(job):
        key, crash = job
        start.wait(30)
        client = Client(raise_request_exception=False)
        client.cookies = session.cookies
        try:
            return posted(client, key, asked(system, name=key), **({"X-Crash": "1"} if crash else {})).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(SENDS) as pool:
        statuses = set(pool.map(send, sends))
    assert statuses <= {201, 409, 500}
    for key in keys:  # whoever got a conflict or nothing sends again
        assert posted(session, key, asked(system, name=key)).status_code == 201
    assert sorted(Model.objects.values_list("name", flat=True)) == sorted(keys)
    assert AuditEntry.objects.filter(action="model.registered").count() == len(keys)


@pytest.fixture
def dying_web(transactional_db):
    """A web server on the test's database that is killed when ten requests were committed and none of them answered."""
    bind, log = f"127.0.0.1:{services.free_port()}", DATA_DIR / "dying-web.log"
    log.unlink(missing_ok=True)
    database = {"ATTESTRY_DATABASE_URL": postgres.address(settings.DATABASES["default"])}
    env = {**database, "ATTESTRY_FAULTS": "answer.committed:kill-ten", "ATTESTRY_API_RATE": "100000/min"}
    process = services.start_web(env, bind, threads=SENDS, log=log)
    services.wait_for_web(process, bind)
    yield f"http://{bind}{MODELS}", log
    process.stop()


def heard(url, secret, key, body):
    """The status of one send and whether it was a replay; (0, False) when the server died over it."""
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key, "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers.get("Idempotent-Replay") == "true"
    except urllib.error.HTTPError as refusal:
        return refusal.code, False
    except OSError:
        return 0, False


def insisted(url, secret, key, body):
    """What a client that sends again until it is answered hears in the end."""
    for _ in range(200):
        answer = heard(url, secret, key, body)
        if answer[0] == 201:
            return answer
        time.sleep(0.1)
    return answer


@pytest.mark.both
@pytest.mark.timeout(600)
@pytest.mark.long
def test_a_server_killed_after_each_commit_answers_with_the_one_effect(dying_web, amount, capsys):
    """P10: 200 keys, sixteen sends of each at once, SIGKILL of the process between commit and answer of every key."""
    cast = factories.make_cast()
    system = factories.make_system(cast)
    _, secret = tokens.create_token(
        cast.owner, name="p", scopes=["models:read", "models:write"], unit=cast.unit, days=1
    )
    (url, log), keys, heard_in_the_end = dying_web, [f"killed-{number}" for number in range(amount(200))], Counter()
    with ThreadPoolExecutor(SENDS * faults.TOGETHER) as pool:
        for at in range(0, len(keys), faults.TOGETHER):
            sends = [
                pool.submit(insisted, url, secret, key, asked(system, name=key))
                for key in keys[at : at + faults.TOGETHER] for _ in range(SENDS)
            ]  # fmt: skip
            heard_in_the_end.update(send.result() for send in sends)
    kills = log.read_text().count("was sent SIGKILL")
    with capsys.disabled():
        print(f"\n{connection.vendor}: {len(keys)} keys x {SENDS} sends, {kills} kills of the server with "
              f"{faults.TOGETHER} unanswered commits, {Model.objects.count()} effects")  # fmt: skip
    assert heard_in_the_end == {(201, True): len(keys) * SENDS}  # nobody heard the first answer
    assert kills == len(keys) / faults.TOGETHER
    assert sorted(Model.objects.values_list("name", flat=True)) == sorted(keys)
    assert AuditEntry.objects.filter(action="model.registered").count() == len(keys)
