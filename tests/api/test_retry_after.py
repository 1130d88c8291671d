"""Whoever comes too often is told with the 429 after how many seconds another try is worth it."""

import ast
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from config.places import ROOT
from registry.actions import second_factor
from tests import factories
from tests.factories import PASSWORD


def seconds(answer) -> int:
    """What a 429 says; it is within the quarter of an hour that the longest lock lasts."""
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 15 * 60
    return int(answer["Retry-After"])


@pytest.fixture
def rates(monkeypatch):
    """Two calls a minute, for everybody."""
    cache.clear()
    for throttle in (UserRateThrottle, AnonRateThrottle):
        monkeypatch.setattr(throttle, "THROTTLE_RATES", {"user": "2/min", "anon": "2/min"})
    yield
    cache.clear()


def test_too_many_calls_of_the_interface_by_one_person(cast, client, rates):
    client.force_login(cast.owner)
    answers = [client.get("/api/v1/systems/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert seconds(answers[-1]) <= 60
    assert answers[-1]["Content-Type"] == "application/problem+json"


def test_too_many_calls_without_a_name(db, client, rates):
    answers = [client.get("/api/v1/systems/") for _ in range(3)]
    assert [answer.status_code for answer in answers][:2] == [401, 401]
    assert seconds(answers[-1]) <= 60


def test_an_account_that_is_closed_says_for_how_long(cast, client):
    """The seconds and the sentence name the same moment."""
    for _ in range(5):
        client.post(reverse("login"), {"username": cast.owner.email, "password": "not the passphrase"})
    closed = client.post(reverse("login"), {"username": cast.owner.email, "password": PASSWORD})
    assert seconds(closed) > 14 * 60


def test_codes_that_are_guessed_say_for_how_long(cast, client):
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(cast.owner, "JBSWY3DPEHPK3PXP")
    client.post(reverse("login"), {"username": cast.owner.email, "password": PASSWORD})
    for _ in range(5):
        assert client.post(reverse("login-code"), {"code": "000000"}).status_code == 422
    seconds(client.post(reverse("login-code"), {"code": "000000"}))
    assert second_factor.codes_left(cast.owner) == 0


@pytest.mark.parametrize("place", ["second-factor-remove", "password_change"])
def test_a_password_that_is_guessed_in_a_session_says_for_how_long(place, cast, client):
    from allauth.mfa.totp.internal.auth import TOTP

    factor = TOTP.activate(cast.owner, "JBSWY3DPEHPK3PXP").instance
    url = reverse(place, args=[factor.pk] if place == "second-factor-remove" else [])
    wrong = {"confirm_password": "wrong", "confirm_code": "000000", "old_password": "wrong"}
    client.force_login(cast.owner)
    for _ in range(5):
        client.post(url, wrong)
    seconds(client.post(url, wrong))


@pytest.mark.parametrize("name", ["version-reports", "pack-request"])
def test_a_page_whose_quota_is_reached_says_for_how_long(name, cast, client, settings):
    settings.JOBS_PER_PERSON = 0
    version = factories.make_releasable(cast)
    client.force_login(cast.risk_officer)
    refused = client.post(reverse(name, args=[version.pk]), {"kind": "compliance", "language": "en"})
    assert seconds(refused) == 60
    assert "ask again when" in refused.content.decode()


def test_a_page_that_takes_files_says_for_how_long(cast, client, settings):
    cache.clear()
    settings.UPLOADS_PER_MINUTE = 1
    version = factories.make_version(cast)
    client.force_login(cast.owner)
    for status in (302, 429):
        file = SimpleUploadedFile("rows.csv", b"y,yhat,sex\n1,1,f\n0,1,m\n")
        answer = client.post(reverse("predictions-upload", args=[version.pk]), {"file": file, "role": "test"})
        assert answer.status_code == status
    assert 0 < seconds(answer) <= 60


def test_no_code_answers_429_by_a_way_of_its_own():
    """The number stands where the header is set beside it, and nowhere else."""
    numbers = set()
    for path in (
        path for app in ("config", "registry", "risk", "rai", "reports") for path in (ROOT / app).rglob("*.py")
    ):
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
        found = any(isinstance(node, ast.Constant) and node.value == 429 for node in ast.walk(tree))
        numbers |= {path.relative_to(ROOT).as_posix()} if found else set()
    assert numbers == {"registry/problems.py", "registry/refusals.py"}
