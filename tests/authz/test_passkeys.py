"""Passkeys: several a person, good here alone, once for each question, and never for somebody else."""

import html
import json
import random
import re
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse

from registry import passkeys
from registry.actions import second_factor, sign_ins
from registry.fresh_password import FACTOR_KEY, KEY
from registry.models import AuditEntry, FailedSignIn
from registry.second_factor import has_one
from tests.authz.device import PRESENT, Device, plain
from tests.factories import PASSWORD

HERE = {"SERVER_NAME": "localhost"}
NAME = "Olga's laptop"


@pytest.fixture
def browser() -> Client:
    """A browser that opened this installation by its name."""
    return Client(**HERE)


def question(answer) -> dict:
    """What a page asks of the browser."""
    return json.loads(html.unescape(re.search(r'data-question="([^"]+)"', answer.content.decode())[1]))


def add(browser, person, device, *, name=NAME):
    """Add the device's passkey by the page."""
    browser.force_login(person)
    session = browser.session
    session[FACTOR_KEY] = session[KEY]
    session.save()
    place = reverse("second-factor-passkey")
    return browser.post(place, {"name": name, "credential": device.create(question(browser.get(place)))})


@pytest.fixture
def device(cast) -> Device:
    """The device of the owner, whose passkey was added."""
    made = Device()
    assert add(Client(**HERE), cast.owner, made).status_code == 200
    return made


def password(browser, person):
    """The first step of signing in; the page that asks for the second."""
    browser.post(reverse("login"), {"username": person.email, "password": PASSWORD})
    return browser.get(reverse("login-code"))


def give(browser, answer: str):
    """The second step."""
    return browser.post(reverse("login-code"), {"passkey": answer})


def is_in(browser) -> bool:
    """Whether the browser is signed in."""
    return "_auth_user_id" in browser.session


def count(action: str) -> int:
    """How often the log tells it."""
    return AuditEntry.objects.filter(action=action).count()


# ---- adding


def test_a_passkey_is_added_with_ten_recovery_codes_and_the_log_knows_its_name(cast, browser):
    done = add(browser, cast.owner, Device())
    assert len(re.findall(r"<li><code>\d{8}</code></li>", done.content.decode())) == 10
    page = browser.get(reverse("second-factor")).content.decode()
    assert (html.escape(NAME) in page, "10 recovery codes are left." in page) == (True, True)
    entry = AuditEntry.objects.get(action="person.second_factor_added")
    data = json.loads(bytes(entry.body.body))["data"]
    assert (entry.actor_id, data) == (cast.owner.pk, {"kind": "webauthn", "name": NAME})


def test_a_second_passkey_is_added_and_the_recovery_codes_stay(cast, browser, device):
    assert add(browser, cast.owner, Device(), name=" The key in the safe ").status_code == 302
    assert len(Authenticator.objects.filter(user=cast.owner, type="webauthn")) == 2
    assert Authenticator.objects.filter(user=cast.owner, type="recovery_codes").count() == 1
    twice = add(browser, cast.owner, Device())
    assert (twice.status_code, "of this name already" in twice.content.decode()) == (422, True)


def test_the_page_asks_devices_that_are_known_already_not_to_answer_again(cast, browser, device):
    browser.force_login(cast.owner)
    asked = question(browser.get(reverse("second-factor-passkey")))["publicKey"]
    assert [known["id"] for known in asked["excludeCredentials"]] == [plain(device.credential_id)]
    assert asked["rp"]["id"] == "localhost"


@pytest.mark.parametrize(
    "spoilt",
    [
        Device(origin="http://localhost.evil.example"), Device(origin="https://localhost"),
        Device(origin="http://sub.localhost"), Device(place="evil.example"), Device(flags=0),
        Device(more={"crossOrigin": True}), Device(more={"challenge": plain(bytes(32))}),
        Device(more={"type": "webauthn.get"}),
    ],
    ids=["another site", "another scheme", "a name below", "for another site", "nobody present", "in a foreign frame",
         "another challenge", "the other ceremony"],
)  # fmt: skip
def test_a_passkey_that_was_not_made_here_and_now_is_not_added(cast, browser, spoilt):
    refused = add(browser, cast.owner, spoilt)
    assert (refused.status_code, has_one(cast.owner), count("person.second_factor_added")) == (422, False, 0)
    assert "did not give an answer that is good here" in refused.content.decode()


def test_a_passkey_is_not_added_by_a_session_that_is_not_fresh(cast, browser):
    """What the browser made is kept while the password is asked for."""
    browser.force_login(cast.owner)
    place = reverse("second-factor-passkey")
    given = {"name": NAME, "credential": Device().create(question(browser.get(place)))}
    session = browser.session
    session[KEY] -= 3600
    session.save()
    assert browser.post(place, given).status_code == 422
    assert not has_one(cast.owner)
    assert browser.post(place, given | {"confirm_password": PASSWORD}).status_code == 200
    assert has_one(cast.owner)


# ---- signing in


def test_a_passkey_lets_in_after_the_password(cast, browser, device):
    asked = question(password(browser, cast.owner))
    assert [known["id"] for known in asked["publicKey"]["allowCredentials"]] == [plain(device.credential_id)]
    assert not is_in(browser)
    assert give(browser, device.get(asked))["Location"] == "/"
    assert is_in(browser)
    assert FailedSignIn.objects.count() == 0
    row = Authenticator.objects.get(user=cast.owner, type="webauthn")
    assert (row.data["counter"], row.last_used_at is not None) == (2, True)


def test_app_passkeys_and_recovery_codes_stand_side_by_side_and_each_lets_in(cast, browser, device, monkeypatch):
    second, secret = Device(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: 1_800_000_000))
    shown = totp.format_hotp_value(totp.hotp_value(secret, 1_800_000_000 // 30))
    add(browser, cast.owner, second, name="The key in the safe")
    second_factor.add_app(cast.owner, secret=secret, code=totp.format_hotp_value(totp.hotp_value(secret, 59_999_999)))
    page = browser.get(reverse("second-factor")).content.decode()
    assert [name in page for name in (html.escape(NAME), "The key in the safe", "codes of six digits")] == [True] * 3
    codes = second_factor.renew_codes(cast.owner)
    for answer in (
        lambda asked: {"passkey": device.get(asked)}, lambda asked: {"passkey": second.get(asked)},
        lambda asked: {"code": shown}, lambda asked: {"code": codes[0]},
    ):  # fmt: skip
        browser.post(reverse("logout"))
        assert browser.post(reverse("login-code"), answer(question(password(browser, cast.owner)))).status_code == 302
        assert is_in(browser)


def test_an_answer_is_taken_once(cast, browser, device):
    """A replay finds no question that waits; neither does it in another session with a question of its own."""
    answer = device.get(question(password(browser, cast.owner)))
    assert give(browser, answer).status_code == 302
    for other in (browser, Client(**HERE)):
        other.post(reverse("logout"))
        password(other, cast.owner)
        assert give(other, answer).status_code == 422
        assert not is_in(other)


def test_a_refused_answer_uses_the_question_up(cast, browser, device):
    asked = question(password(browser, cast.owner))
    assert give(browser, Device().get(asked)).status_code == 422
    assert give(browser, device.get(asked)).status_code == 422
    assert not is_in(browser)


def test_a_question_expires(cast, browser, device, monkeypatch):
    asked = question(password(browser, cast.owner))
    session = browser.session
    session[passkeys.ANSWERING][1] -= passkeys.PATIENCE + 1
    session.save()
    late = give(browser, device.get(asked))
    assert (late.status_code, "has expired or was answered before" in late.content.decode()) == (422, True)


def test_the_passkey_of_another_person_never_works(cast, browser, device):
    """Not for one with a passkey, not for one with the same id claimed, and signing with another key is no answer."""
    theirs = Device()
    add(Client(**HERE), cast.approver, theirs, name="Aron's phone")
    asked = question(password(browser, cast.owner))
    assert give(browser, theirs.get(asked)).status_code == 422
    asked = question(password(browser, cast.owner))
    claims = Device(credential_id=device.credential_id, key=theirs.key, counter=99)
    assert give(browser, claims.get(asked)).status_code == 422
    assert not is_in(browser)


@pytest.mark.parametrize(
    "spoil",
    [
        {"origin": "https://evil.example"}, {"origin": "https://localhost"}, {"origin": "http://localhost:81"},
        {"origin": "http://sub.localhost"}, {"place": "evil.example"}, {"flags": 0}, {"more": {"crossOrigin": True}},
        {"more": {"type": "webauthn.create"}}, {"more": {"challenge": plain(bytes(32))}},
    ],
    ids=["another site", "another scheme", "another port", "a name below", "for another site", "nobody present",
         "in a foreign frame", "the other ceremony", "another challenge"],
)  # fmt: skip
def test_an_answer_that_was_not_given_here_and_now_lets_nobody_in(cast, browser, device, spoil):
    for name, value in spoil.items():
        setattr(device, name, value)
    assert give(browser, device.get(question(password(browser, cast.owner)))).status_code == 422
    assert not is_in(browser)


@pytest.mark.parametrize(("shown", "lets_in"), [(0, False), (1, False), (4, False), (5, False), (6, True), (900, True)])
def test_a_counter_that_does_not_move_on_is_refused_and_told(cast, browser, device, shown, lets_in):
    """WebAuthn §7.2: two devices hold the key when the counter goes back or stands."""
    Authenticator.objects.filter(user=cast.owner, type="webauthn").update(
        data=Authenticator.objects.get(user=cast.owner, type="webauthn").data | {"counter": 5}
    )
    device.counter, device.step = shown, 0
    page = give(browser, device.get(question(password(browser, cast.owner))))
    assert is_in(browser) == lets_in
    assert count("person.passkey_copied") == (0 if lets_in else 1)
    assert lets_in or "a copy of it may exist" in page.content.decode()


def test_a_passkey_that_never_counts_is_taken(cast, browser):
    silent = Device(counter=0, step=0)
    add(Client(**HERE), cast.owner, silent)
    for _ in range(2):
        assert give(browser, silent.get(question(password(browser, cast.owner)))).status_code == 302
        browser.post(reverse("logout"))


def test_an_answer_is_taken_once_within_a_session_too(cast, browser):
    """A device that does not count cannot tell a replay: the question is gone with its first answer."""
    silent = Device(counter=0, step=0)
    add(browser, cast.owner, silent)
    place, given = reverse("recovery-codes"), {"confirm_password": PASSWORD}
    for expected in (200, 422):
        session = browser.session
        session[FACTOR_KEY] -= 3600
        session.save()
        if expected == 200:
            given["confirm_passkey"] = silent.get(question(browser.post(place)))
        assert browser.post(place, given).status_code == expected


def test_wrong_answers_are_counted_and_close_after_five(cast, browser, device):
    for _ in range(5):
        assert give(browser, Device().get(question(password(browser, cast.owner)))).status_code == 422
    closed = give(browser, device.get(question(password(browser, cast.owner))))
    assert (closed.status_code, int(closed["Retry-After"]) > 0, is_in(browser)) == (429, True, False)
    assert FailedSignIn.objects.filter(kind=sign_ins.Kind.CODE).count() == 5


def test_what_is_no_answer_at_all_is_refused_without_an_error_of_the_program(cast, browser, device, seed, amount):
    """Texts, cut and bent answers: always 422, never in."""
    draw = random.Random(seed)
    good = device.get(question(password(browser, cast.owner)))
    texts = [
        "null",
        "[]",
        "{}",
        "{" * 5000,
        '{"response": {}}',
        '{"response": null, "id": 3}',
        "x" * 40000,
        r'"\ud800"',
    ]
    for _ in range(amount(400)):
        place = draw.randrange(len(good))
        texts.append(
            good[:place] + draw.choice(["", "A", '"', "}", "\\u0000", "AAAA"]) + good[place + draw.randint(1, 4) :]
        )
    for text in texts:
        password(browser, cast.owner)
        FailedSignIn.objects.all().delete()
        assert give(browser, text).status_code == 422, text
        assert not is_in(browser), text


# ---- removing


def removal(person) -> str:
    """Where the first passkey of the person is removed."""
    return reverse("second-factor-remove", args=[Authenticator.objects.filter(user=person, type="webauthn").first().pk])


def test_a_passkey_is_removed_after_it_answered_once_more(cast, browser, device):
    """The step before a removal asks for password and passkey; the recovery codes go with the last factor."""
    browser.force_login(cast.owner)
    place = removal(cast.owner)
    assert html.escape(NAME) in browser.get(place).content.decode()
    asked = browser.post(place)
    assert (asked.status_code, has_one(cast.owner)) == (422, True)
    wrong = browser.post(place, {"confirm_password": PASSWORD, "confirm_passkey": Device().get(question(asked))})
    assert (wrong.status_code, has_one(cast.owner)) == (422, True)
    given = {"confirm_password": PASSWORD, "confirm_passkey": device.get(question(wrong))}
    assert browser.post(place, given).status_code == 302
    assert not Authenticator.objects.filter(user=cast.owner).exists()
    assert count("person.second_factor_removed") == 1


def test_nobody_removes_the_passkey_of_somebody_else(cast, browser, device):
    browser.force_login(cast.administrator)
    for method in (browser.get, browser.post):
        assert method(removal(cast.owner)).status_code == 404
    assert has_one(cast.owner)


# ---- where browsers give none


@pytest.mark.parametrize(("host", "can"), [("127.0.0.1:8000", False), ("[::1]:8000", False), ("localhost:8000", True)])
def test_where_browsers_give_no_passkeys_the_page_says_what_to_do(cast, client, host, can, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.force_login(cast.owner)
    for name in ("second-factor", "second-factor-passkey"):
        page = client.get(reverse(name), headers={"host": host}).content.decode()
        assert ("Browsers give passkeys only to a place with a name and https." in page) != can


def test_over_https_a_passkey_is_bound_to_the_name_of_the_installation(cast, settings):
    """Behind the proxy that ends TLS, at a port of its own."""
    settings.ALLOWED_HOSTS = ["registry.bank.example"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    place = {"HTTP_HOST": "registry.bank.example:8443", "HTTP_X_FORWARDED_PROTO": "https"}
    kept = Device(origin="https://registry.bank.example:8443", place="registry.bank.example")
    assert add(Client(**place), cast.owner, kept).status_code == 200
    for origin, status in (("https://registry.bank.example", 422), (kept.origin, 302)):
        browser = Client(**place)
        kept.origin = origin
        assert give(browser, kept.get(question(password(browser, cast.owner)))).status_code == status


def test_without_a_name_the_owner_of_a_passkey_is_asked_for_a_recovery_code(cast, device, client):
    page = password(client, cast.owner).content.decode()
    assert ("data-question" in page, "here, use a code" in page) == (False, True)


def test_presence_alone_is_enough_beside_a_password(cast, browser, device):
    """The password is one factor, holding the device the other; a plain security key verifies nobody."""
    device.flags = PRESENT
    assert give(browser, device.get(question(password(browser, cast.owner)))).status_code == 302
