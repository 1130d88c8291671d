"""Pages and REST of a release after its approval: what they show and whom they let act."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.actions import deployments, endings, people, releases
from registry.errors import NotAllowed
from registry.models import Deployment, LaterRun, ModelVersion, Release, Review
from tests import factories
from tests.registry import releasing
from tests.registry.release_life.test_later_runs import alarm
from tests.registry.release_life.test_rollouts import STEPS
from tests.registry.reviews.scenes import under

WHY = "Seen on the rows of this week; the owner was told."


@pytest.fixture
def pair(cast) -> tuple[Release, Release]:
    """Two published releases of one system; the second runs and names the first."""
    first, second = releasing.two_published(cast)
    deployments.start_deployment(second, environment="production", region="eu", actor=cast.publisher)
    return first, second


def read(client, person, thing) -> str:
    client.force_login(person)
    return client.get(thing.get_absolute_url()).content.decode()


def test_the_page_of_a_release_offers_each_act_to_those_who_may_do_it(cast, client, pair):
    _first, second = pair
    offers = {"renew": "Ask for the renewal", "back": "All that runs of it falls back"}
    seen = {
        name: {key for key, words in offers.items() if words in read(client, getattr(cast, name), second)}
        for name in ("owner", "publisher", "risk_officer", "approver", "auditor")
    }
    assert seen == {
        "owner": {"renew", "back"}, "publisher": {"back"}, "risk_officer": {"back"}, "approver": set(), "auditor": set(),
    }  # fmt: skip


def test_a_release_is_rolled_back_from_its_page_and_a_refusal_keeps_what_was_typed(cast, client, pair):
    first, second = pair
    client.force_login(cast.publisher)
    address = reverse("release-roll-back", args=[second.pk])
    answer = client.post(address, {"reason": "too brief"})
    assert (answer.status_code, "too brief" in answer.content.decode()) == (422, True)
    assert client.post(address, {"reason": WHY}).status_code == 302
    assert Deployment.objects.running().get().release == first
    assert "Rolled back" in read(client, cast.auditor, second)


def test_a_renewal_is_asked_for_on_the_page_and_shown_there(cast, client, pair):
    _first, second = pair
    client.force_login(cast.owner)
    assert client.post(reverse("release-renew", args=[second.pk]), {"reason": WHY}).status_code == 302
    page = read(client, cast.auditor, second)
    assert "renewal is being decided on" in page
    assert reverse("review", args=[second.review.pk]) in page


def test_a_suspension_and_its_reason_are_in_sight(cast, client, pair):
    endings.suspend(pair[1], reason=WHY, actor=cast.risk_officer)
    page = read(client, cast.auditor, pair[1])
    assert WHY in page
    assert "lifted by new sign-offs" in page


def test_a_later_run_is_decided_on_its_page(cast, client, pair):
    """S-126: retrain, fall back or accept for a time, by a person who may, with a reason."""
    alarm(cast, pair[1])
    row = LaterRun.objects.get()
    assert "Waiting for a risk officer" in read(client, cast.publisher, row)
    page = read(client, cast.risk_officer, row)
    assert [word in page for word in ("Retrain", "Fall back", "Accept for a time")] == [True] * 3
    address = reverse("later-run-decide", args=[row.pk])
    answer = client.post(address, {"choice": "accept", "reason": WHY})
    assert (answer.status_code, "Say until when" in answer.content.decode()) == (422, True)
    until = timezone.localdate() + timedelta(days=20)
    assert client.post(address, {"choice": "accept", "accepted_until": until, "reason": WHY}).status_code == 302
    assert "accepted until" in read(client, cast.auditor, row)
    assert "accepted until" in read(client, cast.auditor, pair[1])


def test_falling_back_is_not_offered_where_nothing_could_take_over(cast, client):
    release = releasing.published(cast)
    alarm(cast, release)
    assert "Fall back</" not in read(client, cast.risk_officer, LaterRun.objects.get())


def test_later_runs_stand_on_the_page_of_the_review_too(cast, client):
    """Listed, not bound."""
    version = factories.make_releasable(cast)
    review = releases.submit_for_review(version, notes="First release.", actor=cast.owner)
    assert "Later runs, not bound" not in read(client, cast.approver, review)
    alarm(cast, review.release, "pass")
    assert "Later runs, not bound" in read(client, cast.approver, review)
    assert "Later runs, not bound" in read(client, cast.approver, review.release)


def test_the_steps_of_a_roll_out_are_begun_and_stopped_on_the_page(cast, client, monkeypatch, clock):
    under(monkeypatch, rollout=STEPS)
    release = releasing.published(cast)
    row = deployments.start_deployment(release, environment="production", region="eu", actor=cast.publisher)
    assert "bakes until" in read(client, cast.publisher, row)
    assert "Begin the step" not in read(client, cast.publisher, row)
    clock.on(days=3)
    assert "Next step: 25" in read(client, cast.publisher, row)
    client.post(reverse("deployment-step", args=[row.pk]), {"reason": WHY})
    assert "25 % of use" in read(client, cast.publisher, row)
    assert "25 % of use" in read(client, cast.publisher, release)
    client.post(reverse("deployment-halt", args=[row.pk]), {"reason": WHY})
    assert "Go on with 25" in read(client, cast.publisher, row)
    assert "Go on with 25" not in read(client, cast.owner, row)


def test_rest_does_what_the_pages_do(cast, client, pair, monkeypatch, clock):
    """Renewal, roll-back, steps and decisions by REST; what is refused is said with a sentence."""
    first, second = pair
    alarm(cast, second)
    row = LaterRun.objects.get()
    client.force_login(cast.risk_officer)

    def post(path: str, **data):
        return client.post(f"/api/v1/{path}/", {"reason": WHY, **data}, content_type="application/json")

    assert post(f"later-runs/{row.pk}/decide", choice="accept").status_code == 400
    until = str(timezone.localdate() + timedelta(days=5))
    assert post(f"later-runs/{row.pk}/decide", choice="accept", accepted_until=until).json()["choice"] == "accept"
    assert client.get("/api/v1/later-runs/").json()["results"][0]["status"] == "decided"
    client.force_login(cast.owner)
    assert post(f"releases/{second.pk}/renew").json()["approval_ends_on"]
    client.force_login(cast.publisher)
    assert post(f"releases/{second.pk}/roll-back").json()["status"] == "rolled_back"
    under(monkeypatch, rollout=STEPS)
    third = releasing.published(cast, releasing.next_version(cast, first), rollback_to=first)
    running = deployments.start_deployment(third, environment="production", region="us", actor=cast.publisher)
    assert post(f"deployments/{running.pk}/step").status_code in {403, 409}
    assert post(f"deployments/{running.pk}/halt").json()["halted_because"] == WHY
    assert post(f"deployments/{running.pk}/step").json()["share"] == 5
    steps = client.get(f"/api/v1/deployments/{running.pk}/").json()["rollout_steps"]
    assert [step["share"] for step in steps] == [5, 5]


def test_who_may_deploy_and_who_runs_the_endpoint_stands_on_the_page_of_the_system(cast, client, pair):
    """S-038: from the duties held today and the owners of what runs."""
    system = pair[0].system
    page = read(client, cast.auditor, system)
    assert f"{cast.publisher} (Publisher)" in page
    row = Deployment.objects.running().get()
    deployments.edit_deployment(row, technical_owner=cast.second_approver, actor=cast.publisher)
    page = read(client, cast.auditor, system)
    assert f"Technical owner: {cast.second_approver}" in page
    assert f"Business owner: {cast.owner}" in page
    people.end_duty(cast.publisher.role_assignments.get(), actor=cast.administrator)
    assert "no one holds the duty of a publisher here" in read(client, cast.auditor, system)


# ---- author, approver and publisher


@pytest.fixture
def approved(cast) -> Release:
    """Approved by the risk officer and the approver; everybody who had a part is given the publisher's duty, too."""
    release = releasing.agreed(cast, factories.make_releasable(cast))
    for person in (cast.owner, cast.risk_officer, cast.approver):
        factories.grant(cast, person, "publisher")
    return release


def by_the_act(release, person, client) -> int:
    try:
        releases.publish(release, reason=WHY, actor=person)
    except NotAllowed:
        return 409
    return 200


def by_the_page(release, person, client) -> int:
    client.force_login(person)
    return client.post(reverse("release-publish", args=[release.pk]), {"reason": WHY}).status_code


def by_rest(release, person, client) -> int:
    client.force_login(person)
    url = f"/api/v1/releases/{release.pk}/publish/"
    return client.post(url, {"reason": WHY}, content_type="application/json").status_code


@pytest.mark.parametrize("route", [by_the_act, by_the_page, by_rest], ids=lambda route: route.__name__)
def test_author_approver_and_publisher_are_three_people_at_every_route(cast, client, approved, route):
    """S-023: whatever duties they hold, who made or signed it does not publish it, and who publishes did neither."""
    for person in (cast.owner, cast.risk_officer, cast.approver):
        assert route(approved, person, client) in {403, 409, 422}
        assert ModelVersion.objects.get(pk=approved.version_id).status == "approved"
    assert route(approved, cast.publisher, client) in {200, 302}
    release = Release.objects.get(pk=approved.pk)
    signed = {slot.person for slot in Review.objects.get(release=release).sign_offs.all()}
    assert release.status == Release.Status.PUBLISHED
    assert len({release.author, release.publisher, *signed}) == 2 + len(signed)


def by_sign_off_page(review, person, client, duty) -> int:
    client.force_login(person)
    data = {"duty": duty, "decision": "approve", "reason": WHY, "seen_digest": review.subject_digest}
    return client.post(reverse("review-sign-off", args=[review.pk]), data).status_code


def by_sign_off_rest(review, person, client, duty) -> int:
    client.force_login(person)
    data = {"duty": duty, "decision": "approve", "reason": WHY, "subject_digest": review.subject_digest}
    url = f"/api/v1/reviews/{review.pk}/sign-offs/"
    return client.post(url, data, content_type="application/json").status_code


@pytest.mark.parametrize("route", [by_sign_off_page, by_sign_off_rest], ids=lambda route: route.__name__)
def test_the_author_signs_at_no_route(cast, client, route):
    """S-023: not in any duty that he or she is given besides."""
    factories.grant(cast, cast.owner, "risk_officer")
    version = factories.make_releasable(cast)
    review = releases.submit_for_review(version, notes="First release.", actor=cast.owner)
    assert route(review, cast.owner, client, "risk_officer") in {403, 409, 422}
    assert not review.sign_offs.exclude(decision="").exists()
    assert route(review, cast.risk_officer, client, "risk_officer") in {200, 201, 302}
    assert review.sign_offs.exclude(decision="").count() == 1
