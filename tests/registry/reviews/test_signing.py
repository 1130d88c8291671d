"""How a decision is signed: by the session, with the password for this very decision, or with a passkey."""

import time

import pytest

from registry.errors import SecondFactorNeeded, SignatureNeeded
from tests.registry.reviews.scenes import decide, opened, under


def person_with(person, **moments):
    """The person as a session brings them, with how long ago each thing was given, in seconds."""
    for name in ("password_at", "factor_at", "passkey_at"):
        setattr(person, name, time.time() - moments[name] if name in moments else 0.0)
    return person


@pytest.mark.parametrize(("age", "level"), [(5, "password"), (200, "session")])
def test_a_sign_off_keeps_how_it_was_signed(cast, age, level):
    """The electronic signature: what was given, and when it was too long ago to count."""
    assert decide(opened(cast), person_with(cast.risk_officer, password_at=age), "risk_officer").auth_level == level


def test_a_policy_may_ask_for_the_password_for_this_very_decision(cast, monkeypatch):
    under(monkeypatch, sign_in="fresh")
    review = opened(cast)
    with pytest.raises(SignatureNeeded, match="for this very decision"):
        decide(review, person_with(cast.risk_officer, password_at=61), "risk_officer")
    assert not review.sign_offs.exclude(decision="").exists()
    assert decide(review, person_with(cast.risk_officer, password_at=2), "risk_officer").auth_level == "password"


def test_a_policy_may_ask_for_a_passkey_and_a_password_is_then_not_enough(cast, monkeypatch):
    from allauth.mfa.models import Authenticator

    under(monkeypatch, sign_in="passkey")
    review = opened(cast)
    with pytest.raises(SecondFactorNeeded, match="you have none"):
        decide(review, person_with(cast.risk_officer, password_at=2), "risk_officer")
    Authenticator.objects.create(user=cast.risk_officer, type=Authenticator.Type.WEBAUTHN, data={"name": "Key"})
    with pytest.raises(SignatureNeeded, match="a code is not enough"):
        decide(review, person_with(cast.risk_officer, password_at=2, factor_at=2), "risk_officer")
    signed = decide(review, person_with(cast.risk_officer, password_at=2, factor_at=2, passkey_at=2), "risk_officer")
    assert signed.auth_level == "passkey"


def test_the_page_asks_for_the_password_keeps_the_decision_and_signs(cast, client, monkeypatch):
    """Re-authentication with the reason kept: nothing is typed twice."""
    from django.urls import reverse

    from tests.factories import PASSWORD
    from tests.registry.reviews.scenes import GOOD

    under(monkeypatch, sign_in="fresh")
    review = opened(cast)
    client.login(username=cast.risk_officer.email, password=PASSWORD)
    session = client.session
    session["password_at"] = time.time() - 100
    session.save()
    data = {"duty": "risk_officer", "decision": "approve", "reason": GOOD, "seen_digest": review.subject_digest}
    address = reverse("review-sign-off", args=[review.pk])
    asked = client.post(address, data)
    assert asked.status_code == 422
    assert "for this very decision" in asked.content.decode()
    assert GOOD in asked.content.decode()
    assert client.post(address, data | {"confirm_password": PASSWORD}).status_code == 302
    assert review.sign_offs.get(duty="risk_officer").auth_level == "password"
