"""A duty may demand a second factor: without one its holder comes in and reads, and no act that binds is done."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from registry import access
from registry.apps import require_known_duties
from registry.errors import SecondFactorNeeded
from registry.fresh_password import FACTOR_KEY, KEY
from registry.models import AuditEntry, Duty
from tests import factories
from tests.authz.test_step_up import ACTS, Act, accept, count, decide, session
from tests.factories import PASSWORD


@pytest.fixture(params=ACTS)
def act(request, cast) -> Act:
    """Each act in turn."""
    return ACTS[request.param](cast)


@pytest.mark.parametrize("by", ["role", "duty"])
def test_every_act_that_binds_is_refused_with_a_link_to_add_a_factor(act, by, settings):
    """B.3: demanded of the role or of the duty, and nothing is done."""
    settings.SECOND_FACTOR_DUTIES = [getattr(access.grants(act.person)[0], by)]
    client, before = session(act.person, 1), AuditEntry.objects.count()
    page = client.post(act.url, act.data)
    assert (page.status_code, AuditEntry.objects.count()) == (403, before)
    assert "One of your duties demands a second factor" in page.content.decode()
    assert f'href="{reverse("second-factor")}"' in page.content.decode()
    assert client.get("/").status_code == 200
    assert "One of your duties demands" in client.get(reverse("second-factor")).content.decode()


def test_whoever_comes_in_without_it_is_told(cast, client, settings):
    for demanded, said in ((["APPR"], True), ([], False)):
        settings.SECOND_FACTOR_DUTIES = demanded
        page = client.post(reverse("login"), {"username": cast.approver.email, "password": PASSWORD}, follow=True)
        assert page.status_code == 200
        assert ("Add one: your name › Second factor." in page.content.decode()) == said
        client.post(reverse("logout"))


def test_by_default_none_is_demanded(act, settings):
    assert settings.SECOND_FACTOR_DUTIES == []
    assert session(act.person, 1).post(act.url, act.data).status_code == 302


def test_with_a_factor_the_act_is_done(cast, settings):
    settings.SECOND_FACTOR_DUTIES = ["APPR"]
    act = accept(cast)
    TOTP.activate(act.person, "JBSWY3DPEHPK3PXP")
    client = session(act.person, 1)
    kept = client.session
    kept[FACTOR_KEY] = kept[KEY]
    kept.save()
    assert (client.post(act.url, act.data).status_code, count(act)) == (302, 1)


def test_recovery_codes_alone_are_no_factor(cast, settings):
    settings.SECOND_FACTOR_DUTIES = ["APPR"]
    act = accept(cast)
    Authenticator.objects.create(user=act.person, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    assert session(act.person, 1).post(act.url, act.data).status_code == 403


def test_whoever_holds_another_duty_is_asked_for_none(cast, settings):
    settings.SECOND_FACTOR_DUTIES = ["PUB", "administrator"]
    act = accept(cast)
    assert session(act.person, 1).post(act.url, act.data).status_code == 302


def test_it_is_demanded_of_the_person_by_whichever_duty_the_act_is_done(cast, settings):
    """A second duty that demands nothing is no way round."""
    factories.grant(cast, cast.risk_officer, Duty.VALIDATOR)
    settings.SECOND_FACTOR_DUTIES = ["validator"]
    act = decide(cast)
    assert session(act.person, 1).post(act.url, act.data).status_code == 403


def test_the_api_refuses_with_the_same_sentence(cast, settings):
    settings.SECOND_FACTOR_DUTIES = ["RISK"]
    act = decide(cast)
    url = act.url.replace("/reviews/", "/api/v1/reviews/").replace("/sign-off/", "/sign-offs/")
    data = {name.replace("seen_digest", "subject_digest"): value for name, value in act.data.items()}
    refused = session(act.person, 1).post(url, data, content_type="application/json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert "demands a second factor" in refused.json()["detail"]


def test_an_act_without_a_page_is_refused_too(cast, settings):
    """On the command line as well: what is demanded does not depend on the door."""
    settings.SECOND_FACTOR_DUTIES = ["ADM"]
    with pytest.raises(SecondFactorNeeded):
        access.require_second_factor(cast.administrator)


def test_an_unknown_name_stops_the_program_at_its_start():
    require_known_duties(["approver", "APPR"])
    with pytest.raises(ImproperlyConfigured, match="names Approver, which is no duty"):
        require_known_duties(["Approver"])


def test_an_act_that_does_not_bind_is_not_touched(cast, settings):
    version = factories.make_releasable(cast)
    settings.SECOND_FACTOR_DUTIES = list(access.ROLES)
    client = Client()
    client.force_login(cast.owner)
    data = {"reason": "A test of the path.", "notes": "First release of the model."}
    assert client.post(reverse("version-submit", args=[version.pk]), data).status_code == 302
