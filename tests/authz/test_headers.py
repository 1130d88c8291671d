"""Every answer of the product carries the headers that keep a browser from running or showing what it should not."""

import random
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client, override_settings

from config.lint import private_env
from config.places import ROOT
from tests.authz.test_addresses import THINGS, WORDS
from tests.authz.world import SOMEWHERE, addresses, make_world
from tests.factories import PASSWORD

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "font-src": "'self'", "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'",
    "frame-ancestors": "'none'",
}  # fmt: skip
# A drawing that is opened by itself: no script, no origin.
PICTURE = {"default-src": "'none'", "style-src": "'unsafe-inline'", "sandbox": ""}
FIXED = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip


def lacking(answer) -> list[str]:
    """Headers that an answer lacks or has with another value."""
    parts = answer.headers.get("Content-Security-Policy", "").split(";")
    policy = {name: value for name, _space, value in (part.strip().partition(" ") for part in parts if part)}
    kind = answer.headers.get("Content-Type", "")
    wanted = PICTURE if kind == "image/svg+xml" else POLICY
    # The address of a calendar holds its credential, so that it is told to nobody at all.
    fixed = FIXED | ({"Referrer-Policy": "no-referrer"} if kind.startswith("text/calendar") else {})
    found = [name for name, value in fixed.items() if answer.headers.get(name) != value]
    return found + ([] if policy == wanted else [f"Content-Security-Policy: {policy}"])


def urls(world) -> list[str]:
    """Every address with a thing behind it where there is one, else with nothing."""
    found = []
    for one in addresses():
        route = one.route.removeprefix("api/v1/^").replace("/?$", "/").replace("(?P<pk>[^/.]+)", "<uuid:pk>")
        thing = world.get(THINGS.get(route.split("/")[0], ""))
        pk = getattr(thing, "pk", SOMEWHERE["uuid"])
        if one.route.startswith("api/"):
            found.append("/api/v1/" + route.removeprefix("api/v1/").replace("<uuid:pk>", str(pk)))
        else:
            found.append(one.url({name: WORDS.get(name, getattr(thing, "pk", SOMEWHERE[kind]))
                                  for name, kind in one.arguments.items()}))  # fmt: skip
    return found


@pytest.mark.long
def test_every_answer_of_the_resolver_carries_every_header(cast, amount, seed):
    """B.5: every address read, and a draw of them posted to and read by nobody: pages, files, JSON, refusals alike."""
    world, seen, wrong = make_world(cast), set(), []
    signed_in = Client(raise_request_exception=False)
    signed_in.force_login(cast.owner)
    read = [*urls(world), "/nothing/here/", "/static/css/attestry.css", "/api/v1/nothing/"]
    drawn = random.Random(seed).sample(read, max(30, amount(len(read))))
    posted = ["/risks/new/", "/api/v1/systems/", "/livez", "/people/invite/", *drawn]
    nobody = ["/", "/api/v1/systems/", *drawn]
    asked = [(signed_in, "get", read), (signed_in, "post", posted), (Client(), "get", nobody)]
    for client, method, places in asked:
        for url in places:
            answer = getattr(client, method)(url)
            seen.add(answer.status_code)
            wrong += [(url, method, answer.status_code, name) for name in lacking(answer)]
    assert wrong == []
    assert {200, 302, 400, 401, 403, 404, 405, 409, 422} <= seen


def test_a_request_that_is_refused_before_any_page_carries_them_too(db):
    for answer in (
        Client(enforce_csrf_checks=True).post("/login/", {"username": "a@b.example"}),
        Client().get("/login/", headers={"Host": "evil.example"}),
    ):
        assert answer.status_code in {400, 403}
        assert lacking(answer) == []


def test_an_error_of_the_program_carries_them_too(cast, monkeypatch):
    from registry.views import work

    monkeypatch.setattr(work, "has_begun", None)
    client = Client(raise_request_exception=False)
    client.force_login(cast.owner)
    answer = client.get("/")
    assert answer.status_code == 500
    assert lacking(answer) == []


@override_settings(SECURE_HSTS_SECONDS=31_536_000, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
def test_behind_tls_browsers_are_told_to_come_by_tls_only(db):
    answer = Client().get("/login/", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_one_setting_turns_on_all_that_belongs_to_tls(tmp_path):
    code = (
        "from django.conf import settings as s;"
        "print(s.SECURE_HSTS_SECONDS, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    )
    env = {**private_env(), "ATTESTRY_BEHIND_TLS": "true", "ATTESTRY_DATA_DIR": str(tmp_path),
           "DJANGO_SETTINGS_MODULE": "config.settings"}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["31536000", "True", "True", "True"], done.stderr


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken"])
def test_cookies_are_not_sent_along_from_other_sites(cast, cookie):
    client = Client()
    client.get("/login/")
    client.post("/login/", {"username": cast.owner.email, "password": PASSWORD})
    assert client.cookies[cookie]["samesite"] == "Lax"
    assert bool(client.cookies[cookie]["httponly"]) == (cookie == "sessionid") or settings.CSRF_COOKIE_HTTPONLY
