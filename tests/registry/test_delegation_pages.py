"""Pages of delegations: asked, accepted, confirmed and ended by those whom each step needs, and listed where people look."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from registry.actions import releases
from registry.models import Delegation, Duty
from tests import factories
from tests.authz.test_delegation import REASON, handed, sign


def test_a_duty_is_handed_over_on_its_pages_by_three_people(cast, client):
    """S-037."""
    deputy = factories.invite("deputy", "Dora Deputy", Duty.END_USER, cast.unit, cast.administrator)
    today = timezone.localdate()
    client.force_login(cast.approver)
    sent = {"held": cast.approver.role_assignments.get().pk, "to_person": deputy.pk, "starts_on": today,
            "ends_on": today + timedelta(days=9), "reason": REASON}  # fmt: skip
    assert client.post(reverse("delegation-new"), {**sent, "to_person": ""}).status_code == 422
    assert client.post(reverse("delegation-new"), sent).status_code == 302
    row = Delegation.objects.get()
    assert "Accept" not in client.get(row.get_absolute_url()).content.decode().split("<main")[1].split("Decline")[0]
    client.force_login(deputy)
    client.post(reverse("delegation-accept", args=[row.pk]))
    client.force_login(cast.risk_officer)
    assert row.get_absolute_url() in client.get(reverse("home")).content.decode()
    client.post(reverse("delegation-confirm", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "active"
    for person in (cast.approver, deputy):
        assert row.get_absolute_url() in client.get(person.get_absolute_url()).content.decode()
    client.force_login(cast.approver)
    client.post(reverse("delegation-end", args=[row.pk]), {"reason": "Back from leave earlier."})
    row.refresh_from_db()
    assert row.state == "ended"


def test_whom_a_step_does_not_need_is_refused_with_a_sentence(cast, client):
    deputy = factories.invite("deputy", "Dora Deputy", Duty.END_USER, cast.unit, cast.administrator)
    row = handed(cast, cast.approver, deputy)
    client.force_login(cast.owner)
    refused = client.post(reverse("delegation-end", args=[row.pk]), {"reason": REASON})
    assert refused.status_code == 422
    assert "You may not do this" in refused.content.decode()
    client.force_login(cast.outsider)
    assert client.get(row.get_absolute_url()).status_code == 404


def test_the_page_lists_what_the_deputy_decided_and_the_review_offers_the_form(cast, client):
    """S-037: the deputy sees the form of the duty that is handed over, and its page tells what became of it."""
    deputy = factories.invite("deputy", "Dora Deputy", Duty.END_USER, cast.unit, cast.administrator)
    review = releases.submit_for_review(factories.make_releasable(cast), notes="First release.", actor=cast.owner)
    sign(review, cast.risk_officer, duty="risk_officer")
    row = handed(cast, cast.approver, deputy)
    client.force_login(deputy)
    assert reverse("review-sign-off", args=[review.pk]) in client.get(review.get_absolute_url()).content.decode()
    sign(review, deputy)
    assert "Sign off" in client.get(row.get_absolute_url()).content.decode().split("Decided by the deputy")[1]
