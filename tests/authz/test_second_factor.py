"""The second factor: a right password alone lets nobody in, codes are used once, and the lost phone has a way back."""

import base64
import re
import time
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.management import CommandError, call_command
from django.urls import reverse

from registry.actions import second_factor, sign_ins
from registry.fresh_password import FACTOR_KEY, KEY
from registry.models import AuditEntry, FailedSignIn
from registry.second_factor import has_one
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


NOW = time.time()


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The clock of the codes stands still, so that no test is caught between two of them."""
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: NOW))


def code(secret=SECRET, later=0) -> str:
    """What an app shows now, or some periods later."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(NOW) // 30 + later))


@pytest.fixture
def spare(cast) -> list[str]:
    """The owner's recovery codes; the owner has a factor."""
    return second_factor.add_app(cast.owner, secret=SECRET, code=code(later=-1))


def password(client, person, then=""):
    """The first step of signing in."""
    return client.post(reverse("login") + then, {"username": person.email, "password": PASSWORD})


def give(client, text):
    """The second step."""
    return client.post(reverse("login-code"), {"code": text})


def is_in(client) -> bool:
    """Whether the client is signed in."""
    return "_auth_user_id" in client.session


def test_somebody_without_a_factor_is_asked_for_no_code(cast, client):
    assert password(client, cast.approver)["Location"] == "/"
    assert is_in(client)


def test_a_right_password_alone_lets_nobody_in(cast, spare, client):
    answer = password(client, cast.owner, then="?next=/systems/")
    assert answer["Location"] == reverse("login-code")
    assert not is_in(client)
    assert client.get("/")["Location"].startswith("/login/")
    assert not AuditEntry.objects.filter(action="person.signed_in").exists()
    assert give(client, "000000").status_code == 422
    assert not is_in(client)
    assert give(client, code())["Location"] == "/systems/"
    assert is_in(client)
    assert AuditEntry.objects.filter(action="person.signed_in", actor=cast.owner).count() == 1
    assert FailedSignIn.objects.filter(kind=sign_ins.Kind.CODE).count() == 1, "the wrong code, not the right one"


def test_a_code_is_taken_once(cast, spare, client):
    used = code()
    password(client, cast.owner)
    assert give(client, used).status_code == 302
    client.post(reverse("logout"))
    password(client, cast.owner)
    assert give(client, used).status_code == 422
    assert give(client, used[:3] + " " + used[3:]).status_code == 422
    assert give(client, code(later=1)).status_code == 302


def test_a_recovery_code_lets_in_once_and_the_log_knows(cast, spare, client):
    assert len(set(spare)) == 10
    password(client, cast.owner)
    assert give(client, spare[3]).status_code == 302
    assert AuditEntry.objects.filter(action="person.recovery_code_used", object_id=cast.owner.pk).count() == 1
    client.post(reverse("logout"))
    password(client, cast.owner)
    assert give(client, spare[3]).status_code == 422
    assert second_factor.codes_left(cast.owner) == 9


def test_guessing_codes_closes_after_five_even_for_the_right_one(cast, spare, client):
    password(client, cast.owner)
    for _ in range(5):
        assert give(client, "000000").status_code == 422
    password(client, cast.owner)
    assert "Too many attempts." in give(client, code()).content.decode()
    assert not is_in(client)
    assert FailedSignIn.objects.filter(kind=sign_ins.Kind.CODE).count() == 5, "the right password forgives no code"


@pytest.mark.parametrize("spoil", ["later", "password", "inactive"])
def test_the_step_between_ends_with_time_with_the_password_and_with_the_account(cast, spare, client, spoil):
    password(client, cast.owner)
    if spoil == "later":
        session = client.session
        half = session["half_signed_in"]
        session["half_signed_in"] = [half[0], half[1], half[2] - 601, half[3]]
        session.save()
    elif spoil == "password":
        cast.owner.set_password("another long passphrase")
        cast.owner.save(update_fields=["password"])
    else:
        cast.owner.is_active = False
        cast.owner.save()
    assert give(client, code())["Location"] == reverse("login")
    assert not is_in(client)


def test_the_page_of_the_code_is_shut_without_the_password(cast, spare, client):
    assert client.get(reverse("login-code"))["Location"] == reverse("login")
    assert give(client, code())["Location"] == reverse("login")


def test_a_link_to_set_the_password_does_not_go_round_the_factor(cast, spare, client):
    from registry.actions import people

    place = client.get(people.password_path(cast.owner), follow=True).redirect_chain[-1][0]
    client.post(place, {"new_password1": "another long passphrase", "new_password2": "another long passphrase"})
    client.post(reverse("login"), {"username": cast.owner.email, "password": "another long passphrase"})
    assert not is_in(client)


def test_the_page_adds_a_factor_and_shows_the_recovery_codes_once(cast, client):
    client.force_login(cast.owner)
    assert "No second factor yet" in client.get(reverse("second-factor")).content.decode()
    place = reverse("second-factor-app")
    page = client.post(place, follow=True).content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]{39})</code>", page)[1].replace(" ", "")
    picture = base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[1]).decode()
    assert 'fill="white"' in picture, "a camera sees it on the dark page too"
    wrong = client.post(place, {"code": "000000"})
    assert (wrong.status_code, has_one(cast.owner)) == (422, False)
    assert secret in wrong.content.decode().replace(" ", ""), "the secret stays the one that was scanned"
    done = client.post(place, {"code": code(secret)})
    assert len(re.findall(r"<li><code>\d{8}</code></li>", done.content.decode())) == 10
    assert "10 recovery codes are left." in client.get(reverse("second-factor")).content.decode()
    assert AuditEntry.objects.filter(action="person.second_factor_added", object_id=cast.owner.pk).count() == 1


def test_the_secret_is_not_in_the_database_as_it_is(cast, spare):
    rows = Authenticator.objects.filter(user=cast.owner)
    assert rows.count() == 2
    assert all(SECRET not in str(row.data) and not any(one in str(row.data) for one in spare) for row in rows)


def grow_old(client, *keys) -> None:
    """What the session gave, it gave an hour ago."""
    session = client.session
    session.update(dict.fromkeys(keys, time.time() - 3600))
    session.save()


def removal(person) -> str:
    """The address where the person's app is removed."""
    return reverse("second-factor-remove", args=[Authenticator.objects.get(user=person, type="totp").pk])


def test_a_session_that_is_not_fresh_adds_no_factor(cast, client):
    client.force_login(cast.owner)
    secret = re.search(
        r"<code>([A-Z2-7 ]{39})</code>", client.post(reverse("second-factor-app"), follow=True).content.decode()
    )[1]
    given = {"code": code(secret.replace(" ", ""))}
    grow_old(client, KEY)
    for more in ({}, {"confirm_password": "not the passphrase"}):
        stolen = client.post(reverse("second-factor-app"), given | more)
        assert (stolen.status_code, has_one(cast.owner)) == (422, False)
    assert client.post(reverse("second-factor-app"), given | {"confirm_password": PASSWORD}).status_code == 200
    assert has_one(cast.owner)


@pytest.mark.parametrize("old", [(KEY, FACTOR_KEY), (FACTOR_KEY,), (KEY,)])
def test_removing_and_renewing_ask_for_password_and_code(cast, spare, client, old):
    client.force_login(cast.owner)
    remove = removal(cast.owner)
    for place in (remove, reverse("recovery-codes")):
        grow_old(client, *old)
        for password, given in ((PASSWORD, "000000"), ("wrong", code()), (PASSWORD, "")):
            answer = client.post(place, {"confirm_password": password, "confirm_code": given})
            assert answer.status_code == 422
    assert has_one(cast.owner)
    renewed = client.post(reverse("recovery-codes"), {"confirm_password": PASSWORD, "confirm_code": code()})
    fresh = re.findall(r"<li><code>(\d{8})</code></li>", renewed.content.decode())
    assert len(fresh) == 10
    assert not set(fresh) & set(spare)
    grow_old(client, *old)
    assert client.post(remove, {"confirm_password": PASSWORD, "confirm_code": fresh[0]}).status_code == 302
    assert not Authenticator.objects.filter(user=cast.owner).exists(), "the recovery codes go with the last factor"
    for action in ("person.recovery_codes_renewed", "person.second_factor_removed"):
        assert AuditEntry.objects.filter(action=action, actor=cast.owner).count() == 1


def test_nobody_removes_the_factor_of_somebody_else(cast, spare, client):
    client.force_login(cast.administrator)
    for method in (client.get, client.post):
        assert method(removal(cast.owner)).status_code == 404
    assert has_one(cast.owner)


def test_an_act_that_binds_in_a_session_that_never_gave_the_factor_asks_for_it(cast, spare, client):
    """B.3: the password alone, however fresh, is not enough for whoever has a factor."""
    client.force_login(cast.owner)
    page = client.post(reverse("recovery-codes"))
    assert (page.status_code, "confirm_code" in page.content.decode()) == (422, True)
    password(client, cast.owner)
    give(client, code())
    assert client.post(reverse("recovery-codes")).status_code == 200


def test_the_command_line_helps_whoever_lost_phone_and_paper(cast, spare, client):
    call_command("remove_second_factor", cast.owner.email)
    assert password(client, cast.owner)["Location"] == "/"
    assert AuditEntry.objects.filter(action="person.second_factor_removed", actor=None).count() == 1
    with pytest.raises(CommandError, match="no account with a second factor"):
        call_command("remove_second_factor", cast.owner.email)
