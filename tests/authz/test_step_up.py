"""Acts that bind ask for the password once more when the session gave it too long ago, and keep what was typed."""

import html
import re
import time
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import reverse

from rai import actions as limits
from registry import access
from registry.actions import endings, erasure, inventory, people, releases, reviews
from registry.fresh_password import KEY
from registry.models import AuditEntry, Duty, FailedSignIn, Release
from tests import factories
from tests.authz.world import make_entry
from tests.factories import PASSWORD
from tests.rai import plans
from tests.registry import ending
from tests.risk import steps

REASON = "Read the card, the limits & the run of the check; nothing stands <against> it."


@dataclass(frozen=True)
class Act:
    """An act on a page: who does it, where, with what, the entry it leaves in the log, and how long the log was."""

    person: object
    url: str
    data: dict
    entry: str
    since: int = field(default_factory=AuditEntry.objects.count)


def approve_entry(cast) -> Act:
    """The risk officer approves a plan for contingencies."""
    row = make_entry(cast, factories.make_system(cast))["register_entry"]
    return Act(cast.risk_officer, reverse("entry-approve", args=[row.pk]), {"reason": REASON}, "entry.approved")


def decide(cast) -> Act:
    """The risk officer signs off."""
    version = factories.make_releasable(cast)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    data = {"duty": "risk_officer", "decision": "approve", "reason": REASON, "seen_digest": review.subject_digest}
    return Act(cast.risk_officer, reverse("review-sign-off", args=[review.pk]), data, "sign_off.given")


def publish(cast) -> Act:
    """The publisher publishes an approved release."""
    version = factories.make_releasable(cast)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.approver, "approver")):
        review.refresh_from_db()
        seen = review.subject_digest
        reviews.sign_off(review, duty=duty, decision="approve", reason=REASON, seen_digest=seen, actor=person)
    return Act(
        cast.publisher, reverse("release-publish", args=[review.release_id]), {"reason": REASON}, "release.published"
    )


def accept(cast) -> Act:
    """The approver accepts a risk."""
    risk = steps.registered(cast, factories.make_system(cast))
    return Act(cast.approver, reverse("risk-accept", args=[risk.pk]), {"reason": REASON}, "risk.accepted")


def let_through(cast) -> Act:
    """The approver accepts a waiver."""
    waiver = factories.make_waiver(cast)
    return Act(cast.approver, reverse("waiver-accept", args=[waiver.pk]), {"reason": REASON}, "waiver.approved")


def sign(cast) -> Act:
    """The privacy officer approves an assessment."""
    assessment = steps.submitted(cast, factories.make_system(cast))
    data = {"decision": "approve", "opinion": REASON, "seen_digest": assessment.answers_digest}
    return Act(cast.privacy_officer, reverse("assessment-sign", args=[assessment.pk]), data, "assessment.approved")


def put_in_force(cast) -> Act:
    """The approver puts a limit in force."""
    limit = limits.propose_baseline(
        factories.make_system(cast), slug="group_fairness", rule="selection_rate_difference<=0.1",
        rationale="A tenth is what the unit has found bearable.", actor=cast.risk_officer,
    )  # fmt: skip
    return Act(cast.approver, reverse("baseline-approve", args=[limit.pk]), {"reason": REASON}, "baseline.approved")


def erase(cast) -> Act:
    """The risk officer confirms an erasure."""
    inventory.edit_version(factories.make_version(cast), change_note="Trained by Zoe.", actor=cast.owner)
    entry = AuditEntry.objects.filter(action="version.edited").latest("seq")
    asked = erasure.request_erasure(entry, reason=REASON, actor=cast.privacy_officer)
    return Act(cast.risk_officer, reverse("erasure-confirm", args=[asked.pk]), {}, "erasure.confirmed")


def retire(cast) -> Act:
    """An approver ends a version that its owner wants gone."""
    done = publish(cast)
    release = Release.objects.latest("created_at")
    releases.publish(release, reason=REASON, actor=done.person)
    endings.deprecate(release, reason=REASON, actor=cast.owner)
    ending.ready(cast, release.version)
    url = reverse("version-retire", args=[release.version_id])
    return Act(cast.second_approver, url, {"reason": REASON}, "version.retired")


def approve(cast) -> Act:
    """The risk officer puts a test plan in force."""
    plan = plans.drafted(cast, factories.make_version(cast))
    return Act(cast.risk_officer, reverse("plan-approve", args=[plan.pk]), {"reason": REASON}, "plan.approved")


def confirm(cast) -> Act:
    """The risk officer confirms a duty."""
    person = people.invite("new@bank.example", name="Nia", unit=cast.unit, duty=Duty.APPROVER, actor=cast.administrator)
    row = person.role_assignments.get()
    return Act(cast.risk_officer, reverse("duty-confirm", args=[row.pk]), {}, "duty.confirmed")


ACTS = {
    access.APPROVAL_DECIDE: decide, access.PUBLISH: publish, access.RISK_ACCEPT: accept, access.PIA_SIGN_OFF: sign,
    access.EXCEPTION_ACCEPT: let_through,
    access.THRESHOLDS_APPROVE: put_in_force, access.GRANT_CONFIRM: confirm,
    access.REGISTER_APPROVE: approve_entry,
    access.PLAN_APPROVE: approve, access.ERASE_CONFIRM: erase, access.MODEL_RETIRE_CONFIRM: retire,
}  # fmt: skip
WITHOUT_A_PAGE = {"settings.change", "model.transfer_unit"}


def test_every_act_that_binds_is_tried_here():
    assert set(ACTS) | WITHOUT_A_PAGE == access.STEP_UP


@pytest.fixture(params=ACTS)
def act(request, cast) -> Act:
    """Each act in turn."""
    return ACTS[request.param](cast)


def session(person, minutes: float) -> Client:
    """A session whose password was given so many minutes ago."""
    client = Client()
    client.force_login(person)
    kept = client.session
    kept[KEY] = time.time() - 60 * minutes
    kept.save()
    return client


def kept(answer) -> dict[str, str]:
    """What the page carries on in hidden fields."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.content.decode())
    return {name: html.unescape(value) for name, value in found}


def count(act) -> int:
    """How often the act was done since."""
    return AuditEntry.objects.filter(action=act.entry, actor_id=act.person.pk, seq__gt=act.since).count()


def test_an_old_session_is_asked_and_what_was_typed_goes_on_with_the_password(act, cast):
    """B.3: nothing is done before the password, nothing typed is lost, and the act is done once after it."""
    client, before = session(act.person, 6), AuditEntry.objects.count()
    page = client.post(act.url, act.data)
    assert page.status_code == 422
    assert "Your password, once more" in page.content.decode()
    assert AuditEntry.objects.count() == before
    carried = kept(page)
    carried.pop("csrfmiddlewaretoken", "")
    assert {name: carried[name] for name in act.data} == {name: str(value) for name, value in act.data.items()}
    wrong = client.post(act.url, carried | {"confirm_password": "not the passphrase"})
    assert (wrong.status_code, AuditEntry.objects.count()) == (422, before)
    assert "This is not your password." in wrong.content.decode()
    assert kept(wrong).items() >= carried.items()
    done = client.post(act.url, carried | {"confirm_password": PASSWORD})
    assert (done.status_code, count(act)) == (302, 1)


def test_a_fresh_session_is_not_asked(act):
    assert session(act.person, 4).post(act.url, act.data).status_code == 302
    assert count(act) == 1


def test_once_asked_the_session_is_fresh_for_what_comes_next(cast):
    first, second = accept(cast), accept(cast)
    client = session(first.person, 6)
    client.post(first.url, first.data | {"confirm_password": PASSWORD})
    assert client.post(second.url, second.data).status_code == 302
    assert count(first) == 2


def test_a_password_that_is_guessed_in_a_stolen_session_closes_after_five(cast):
    act = accept(cast)
    client = session(act.person, 6)
    for _ in range(5):
        client.post(act.url, act.data | {"confirm_password": "not the passphrase"})
    page = client.post(act.url, act.data | {"confirm_password": PASSWORD})
    assert "Too many attempts." in page.content.decode()
    assert (FailedSignIn.objects.count(), count(act)) == (5, 0)


def test_a_session_with_a_stamp_of_tomorrow_or_with_none_is_not_fresh(cast):
    act = accept(cast)
    assert session(act.person, -60).post(act.url, act.data).status_code == 422
    client = session(act.person, 0)
    kept = client.session
    del kept[KEY]
    kept.save()
    assert client.post(act.url, act.data).status_code == 422
    assert count(act) == 0


@pytest.mark.parametrize("make", [decide, publish])
def test_the_api_refuses_an_old_session_with_a_sentence(make, cast):
    """Nobody types a password into the API; tokens are closed to these acts anyway."""
    act = make(cast)
    url = act.url.replace("/reviews/", "/api/v1/reviews/").replace("/sign-off/", "/sign-offs/")
    url = url.replace("/releases/", "/api/v1/releases/")
    data = {name.replace("seen_digest", "subject_digest"): value for name, value in act.data.items()}
    for headers in ({}, {"Idempotency-Key": "one-decision"}):
        old = session(act.person, 6).post(url, data, content_type="application/json", headers=headers)
        assert (old.status_code, old["Content-Type"]) == (403, "application/problem+json")
        assert "This act needs your password anew" in old.json()["detail"]
    assert count(act) == 0
    assert session(act.person, 1).post(url, data, content_type="application/json").status_code in {200, 201}
    assert count(act) == 1


def test_a_refusal_after_the_password_leads_back_to_where_the_act_began(cast):
    """The way back is the page where the act began, not the address to which the password was posted."""
    act = put_in_force(cast)
    begun = "http://testserver/systems/"
    carried = kept(session(cast.approver, 6).post(act.url, act.data, headers={"Referer": begun}))
    assert carried["confirm_back"] == begun
    posted = carried | {"confirm_password": PASSWORD}
    refused = session(cast.owner, 6).post(act.url, posted, headers={"Referer": f"http://testserver{act.url}"})
    assert (refused.status_code, refused["Location"]) == (302, begun)


def test_the_way_back_never_leads_to_another_site(cast):
    act = accept(cast)
    page = session(act.person, 6).post(act.url, act.data | {"confirm_back": "https://evil.example/"})
    assert "evil.example" not in page.content.decode()
