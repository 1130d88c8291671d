"""Signing in: wrong passwords close the place for a while, links set passwords, and nobody learns who has an account."""

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from registry.actions import people, sign_ins
from registry.models import AuditEntry, Duty, FailedSignIn, User
from tests.factories import PASSWORD

WRONG = "not the passphrase"
NEW = "another long passphrase"


def sign_in(client, email, password=PASSWORD, **headers):
    """What the page of signing in answers."""
    return client.post(reverse("login"), {"username": email, "password": password}, **headers)


def guess(client, email, times, **headers):
    """Wrong passwords; the last answer."""
    return [sign_in(client, email, WRONG, **headers) for _ in range(times)][-1]


def told(answer) -> str:
    """The sentences that the page says, without what names the account typed."""
    return re.sub(r'value="[^"]*"', "", answer.content.decode())


def test_a_new_installation_has_no_account_to_come_in_by(db):
    """B.3: the first administrator is made on the command line and sets a password of his or her own."""
    assert not User.objects.exists()


def test_a_right_password_lets_in_and_the_log_says_so(cast, client):
    assert sign_in(client, cast.owner.email.upper())["Location"] == "/"
    assert client.get("/").status_code == 200
    entry = AuditEntry.objects.get(action="person.signed_in")
    assert (entry.actor_id, entry.object_id) == (cast.owner.pk, cast.owner.pk)


def test_five_wrong_passwords_close_the_account_from_this_address_even_for_the_right_one(cast, client):
    assert guess(client, cast.owner.email, 5).status_code == 422
    closed = sign_in(client, cast.owner.email)
    assert closed.status_code == 429
    assert 0 < int(closed["Retry-After"]) <= 15 * 60
    assert re.search(r"Too many attempts\. Wait until \d\d:\d\d UTC, then try again\.", closed.content.decode())
    assert "_auth_user_id" not in client.session
    assert AuditEntry.objects.filter(action="person.locked_out", object_id=cast.owner.pk).count() == 1


def test_four_wrong_passwords_do_not(cast, client):
    guess(client, cast.owner.email, 4)
    assert sign_in(client, cast.owner.email).status_code == 302
    assert not FailedSignIn.objects.exists()
    assert not AuditEntry.objects.filter(action="person.locked_out").exists()


def test_it_opens_again_after_a_quarter_of_an_hour_however_often_somebody_knocked(cast, client):
    guess(client, cast.owner.email, 5)
    FailedSignIn.objects.update(at=timezone.now() - timedelta(minutes=14))
    assert guess(client, cast.owner.email, 3).status_code == 429
    assert FailedSignIn.objects.count() == 5, "knocking at the closed door makes the wait no longer"
    FailedSignIn.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in(client, cast.owner.email).status_code == 302


def test_the_same_account_is_open_from_another_address_and_another_account_from_the_same(cast, client):
    guess(client, cast.owner.email, 5, REMOTE_ADDR="10.0.0.1")
    assert sign_in(client, cast.owner.email, REMOTE_ADDR="10.0.0.2").status_code == 302
    assert sign_in(client, cast.approver.email, REMOTE_ADDR="10.0.0.1").status_code == 302


def test_an_account_that_is_not_there_is_answered_like_one_that_is(cast, client):
    for times in (1, 5):
        here = guess(client, cast.owner.email, times)
        nowhere = guess(client, "nobody@bank.example", times)
        assert (here.status_code, blanked(told(here))) == (nowhere.status_code, blanked(told(nowhere)))


def blanked(page: str) -> str:
    """Without tokens against forgery."""
    return re.sub(r'"X-CSRFToken": "[^"]+"|\d\d:\d\d UTC', "", page)


def test_one_address_does_not_try_one_password_on_everybody(cast, client):
    for number in range(sign_ins.LIMITS["password"].address):
        FailedSignIn.objects.create(account=f"p{number}@bank.example", address="10.0.0.9")
    assert sign_in(client, cast.owner.email, REMOTE_ADDR="10.0.0.9").status_code == 429
    assert sign_in(client, cast.owner.email, REMOTE_ADDR="10.0.0.8").status_code == 302


def test_many_addresses_do_not_share_out_the_guesses_at_one_account(cast, client):
    for number in range(sign_ins.LIMITS["password"].account):
        FailedSignIn.objects.create(account=cast.owner.email, address=f"10.1.0.{number}")
    assert sign_in(client, cast.owner.email, REMOTE_ADDR="10.2.0.1").status_code == 429


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_names_last(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.7"}, REMOTE_ADDR="127.0.0.1")
    assert sign_ins.address_of(request) == "127.0.0.1"
    settings.BEHIND_TLS = True
    assert sign_ins.address_of(request) == "10.0.0.7"


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_are_no_way_round_the_limit():
    """Counted before they are looked at: of 16 at once, five are looked at."""
    barrier, looked_at = threading.Barrier(16), []

    def attempt():
        from django.db import connection

        barrier.wait()
        try:
            looked_at.append(sign_ins.begin_attempt("owner@bank.example", address="10.0.0.1"))
        except sign_ins.TooManyAttempts:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(looked_at) <= 5


def test_a_person_who_is_no_longer_active_does_not_come_in(cast, client):
    cast.owner.is_active = False
    cast.owner.save()
    assert sign_in(client, cast.owner.email).status_code == 422


# ---- links


@pytest.fixture
def mailing(settings):
    """An installation that sends e-mail."""
    settings.SENDS_MAIL = True


def asked(client, email, capture):
    """The answer to a wish for a link, once what follows the transaction has been done."""
    with capture(execute=True):
        answer = client.post(reverse("password_reset"), {"email": email}, follow=True)
    for thread in threading.enumerate():
        if thread.name == "link by mail":
            thread.join(5)
    return answer


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(
    cast, client, mailing, django_capture_on_commit_callbacks
):
    asked(client, cast.owner.email, django_capture_on_commit_callbacks)
    (letter,) = mail.outbox
    assert letter.to == [cast.owner.email]
    path = re.search(r"http://testserver(/password/\S+)", letter.body)[1]
    form = client.get(path, follow=True)
    place = form.redirect_chain[-1][0]
    assert client.post(place, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    assert sign_in(client, cast.owner.email, NEW).status_code == 302
    assert "This link no longer works" in client.get(path, follow=True).content.decode()
    for action in ("person.link_sent", "person.password_set"):
        assert AuditEntry.objects.filter(action=action, object_id=cast.owner.pk).count() == 1


def test_who_has_no_account_is_answered_alike_and_nothing_is_sent(
    cast, client, mailing, django_capture_on_commit_callbacks
):
    here = asked(client, cast.owner.email, django_capture_on_commit_callbacks)
    nowhere = asked(client, "nobody@bank.example", django_capture_on_commit_callbacks)
    assert blanked(told(here)) == blanked(told(nowhere))
    assert "If this address has an account here" in here.content.decode()
    assert len(mail.outbox) == 1


def test_links_are_not_asked_for_without_end(cast, client, mailing, django_capture_on_commit_callbacks):
    for _ in range(3):
        asked(client, cast.owner.email, django_capture_on_commit_callbacks)
    answer = client.post(reverse("password_reset"), {"email": cast.owner.email})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 15 * 60
    assert "Too many attempts." in answer.content.decode()
    assert cast.owner.email in answer.content.decode(), "what was typed is kept"
    assert len(mail.outbox) == 3


def test_an_installation_without_mail_says_whom_to_ask_and_offers_no_form(cast, client):
    page = client.get(reverse("password_reset")).content.decode()
    assert "manage.py password_link" in page
    assert 'name="email"' not in page
    assert client.post(reverse("password_reset"), {"email": cast.owner.email}).status_code == 200
    assert not AuditEntry.objects.filter(action="person.link_sent").exists()


def test_the_page_of_signing_in_leads_to_the_forgotten_password(db, client):
    assert reverse("password_reset") in client.get(reverse("login")).content.decode()


def test_the_command_line_makes_a_link_for_an_account_and_for_nothing_else(cast, client, capsys):
    call_command("password_link", cast.owner.email)
    path = capsys.readouterr().out.strip().removeprefix("http://127.0.0.1:8000")
    assert "Choose your password" in client.get(path, follow=True).content.decode()
    assert AuditEntry.objects.filter(action="person.link_made", object_id=cast.owner.pk).count() == 1
    with pytest.raises(CommandError, match="no active account"):
        call_command("password_link", "nobody@bank.example")


def test_an_invited_person_sets_a_password_by_the_link_and_nobody_comes_in_before(cast, client):
    person = people.invite("new@bank.example", name="Nia New", unit=cast.unit, duty=Duty.AUTHOR,
                           actor=cast.administrator)  # fmt: skip
    assert sign_in(client, person.email, "").status_code == 422
    place = client.get(people.password_path(person), follow=True).redirect_chain[-1][0]
    client.post(place, {"new_password1": NEW, "new_password2": NEW})
    assert sign_in(client, person.email, NEW).status_code == 302
    assert AuditEntry.objects.filter(action="person.password_set", object_id=person.pk).count() == 1


def test_changing_the_password_asks_for_the_old_one_and_counts_guesses_at_it(cast, client):
    client.force_login(cast.owner)
    data = {"old_password": WRONG, "new_password1": NEW, "new_password2": NEW}
    for _ in range(5):
        assert "This is not your password." in client.post(reverse("password_change"), data).content.decode()
    right = client.post(reverse("password_change"), data | {"old_password": PASSWORD})
    assert "Too many attempts." in right.content.decode()
    FailedSignIn.objects.all().delete()
    assert client.post(reverse("password_change"), data | {"old_password": PASSWORD}).status_code == 302
    assert AuditEntry.objects.filter(action="person.password_set", object_id=cast.owner.pk).count() == 1
