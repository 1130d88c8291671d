"""Waivers: one person asks, another accepts, a gate answers “waived” until the last day, and decisions rest on it."""

from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from registry import gates, policy
from registry.actions import people, releases, reviews, waivers
from registry.errors import BadInput, GateClosed, NotAllowed
from registry.models import AuditEntry, Duty, Release, RoleAssignment, SignOff, Task, Waiver
from registry.policies import reading
from registry.release_gates import preview
from tests import factories
from tests.risk.steps import events

pytestmark = pytest.mark.django_db
REASON = "Read and found bearable for the time given."
CHECK = "fairness.group_metrics"


@pytest.fixture
def failing(cast):
    """A version whose fairness check failed and that lacks nothing else."""
    return factories.make_releasable(cast, verdict="fail")


@pytest.fixture
def at(monkeypatch):
    """Sets the clock of the program, as far as it asks Django for the time."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


def answer(version, slug="evidence") -> gates.GateResult:
    """What the gate says now."""
    return gates.answer(slug, preview(version))


def accepted(cast, version) -> Waiver:
    """A waiver in force."""
    return factories.accept_waiver(cast, factories.make_waiver(cast, version))


# ---- the gate


def test_an_accepted_waiver_lets_the_gate_through_with_reason_owner_and_end(cast, failing):
    """S-025: a closed gate is passed by a logged exception alone, which has an owner and an end."""
    assert answer(failing).result == gates.FAILED
    waiver = factories.make_waiver(cast, failing)
    assert answer(failing).result == gates.FAILED, "asking alone opens nothing"
    factories.accept_waiver(cast, waiver)
    found = answer(failing)
    assert (found.result, found.is_open, found.place) == (gates.WAIVED, True, waiver.get_absolute_url())
    for said in (waiver.reason, cast.owner.name, cast.second_approver.name, str(waiver.expires_on.year)):
        assert said in found.reason
    assert events(waiver) == ["waiver.requested", "waiver.approved"]


def test_on_the_day_after_the_last_the_gate_fails_again_by_itself(cast, failing, at):
    waiver = accepted(cast, failing)
    last = timezone.make_aware(datetime.combine(waiver.expires_on, time.max))
    at(last)
    assert answer(failing).result == gates.WAIVED
    waiver.refresh_from_db()
    assert waiver.status_today == "approved"
    at(last + timedelta(microseconds=1))
    assert answer(failing).result == gates.FAILED
    waiver.refresh_from_db()
    assert (waiver.status, waiver.status_today) == ("approved", "expired")


def test_a_waiver_that_expires_before_the_last_signature_approves_nothing(cast, failing, at):
    """The clock is the one at the decision: what was waived when the first signed is closed when the last does."""
    waiver = accepted(cast, failing)
    review = submitted(cast, failing)
    sign(review, cast.risk_officer, "risk_officer")
    at(timezone.now() + timedelta(days=31))
    with pytest.raises(GateClosed, match="verdict"):
        sign(review, cast.approver, "approver")
    assert SignOff.objects.standing().filter(review=review).count() == 1
    assert waiver.status == Waiver.Status.APPROVED


def test_a_waiver_of_one_check_carries_no_other(cast):
    """Tier high asks for two checks: one waived, the other still closes the gate."""
    version = factories.make_releasable(cast, verdict="fail", risk_tier="high", affects_people=True)
    factories.accept_waiver(cast, factories.make_waiver(cast, version))
    found = answer(version)
    assert found.result == gates.INSUFFICIENT and "Feature attribution" in found.reason
    second = factories.make_waiver(cast, version, check="explain.global_attribution")
    factories.accept_waiver(cast, second)
    found = answer(version)
    assert found.result == gates.WAIVED and CHECK in found.reason and "explain.global_attribution" in found.reason


def test_a_waiver_of_a_whole_gate_carries_that_gate_alone(cast):
    version = factories.make_version(cast)
    factories.accept_waiver(cast, factories.make_waiver(cast, version, gate="card", check=""))
    closed = {found.slug for found in gates.evaluate(preview(version)) if not found.is_open}
    assert answer(version, "card").result == gates.WAIVED
    assert "evidence" in closed and "card" not in closed


def test_a_waiver_that_the_policy_no_longer_allows_carries_nothing(cast):
    """The system was put into a higher tier, whose policy lets no card be waived."""
    version = factories.make_version(cast)
    factories.accept_waiver(cast, factories.make_waiver(cast, version, gate="card", check=""))
    system = version.home_system
    system.risk_tier = "high"
    system.save()
    version = type(version).objects.get(pk=version.pk)
    assert answer(version, "card").result == gates.FAILED


def test_a_waiver_of_one_version_carries_no_other(cast, failing):
    accepted(cast, failing)
    other = factories.make_releasable(cast, verdict="fail")
    assert answer(other).result == gates.FAILED


# ---- who and what


def test_no_policy_lets_owners_or_the_binding_of_signatures_be_waived():
    text = policy.SOURCE.read_text(encoding="utf-8")
    for gate in sorted(policy.NEVER_WAIVED):
        broken = text.replace("waivers: {gates: [", f"waivers: {{gates: [{gate}, ")
        found = reading.read(broken, people=False).problems
        assert len(found) >= 4 and all(f"“{gate}” can never be waived" in problem.reason for problem in found)
    assert not reading.read(text, people=False).problems
    frozen = policy.Policy({"waivers": {"gates": ["owners", "binding", "card"], "most_days": 9}})
    assert frozen.waivable == {"card"}, "a frozen policy is not trusted either"


def test_a_policy_frozen_before_there_were_waivers_allows_none(cast, failing):
    old = policy.Policy({"name": "old"})
    assert (old.waivable, old.waiver_days) == (frozenset(), 0)


@pytest.mark.parametrize(("changes", "field"), [
    ({"gate": "owners", "check": ""}, "gate"), ({"gate": "binding", "check": ""}, "gate"),
    ({"gate": "pia-approved", "check": ""}, "gate"), ({"gate": "nonsense", "check": ""}, "gate"),
    ({"check": ""}, "check"), ({"check": "nonsense"}, "check"), ({"gate": "card", "check": CHECK}, "check"),
    ({"reason": "short"}, "reason"), ({"compensating_controls": "  none  "}, "compensating_controls"),
])  # fmt: skip
def test_what_cannot_be_waived_is_refused_at_its_field(cast, failing, changes, field):
    with pytest.raises(BadInput) as refusal:
        factories.make_waiver(cast, failing, **changes)
    assert refusal.value.field == field
    assert not Waiver.objects.exists()


def test_an_owner_who_may_not_see_the_version_is_refused(cast, failing):
    with pytest.raises(BadInput) as refusal:
        factories.make_waiver(cast, failing, owner=cast.outsider)
    assert refusal.value.field == "owner"


@pytest.mark.parametrize("days", [-1, 0, 91, 4000])
def test_a_waiver_has_an_end_that_lies_ahead_and_within_what_the_policy_allows(cast, failing, days):
    with pytest.raises(BadInput, match="allows 90 days"):
        factories.make_waiver(cast, failing, expires_on=timezone.localdate() + timedelta(days=days))


@pytest.mark.parametrize("ends", ["", "never", "2026-02-31"])
def test_a_waiver_without_an_end_is_refused_at_its_field(cast, failing, client, ends):
    """G, bad input: a waiver without expiry."""
    client.force_login(cast.owner)
    said = {"gate": "evidence", "check": CHECK, "reason": REASON, "compensating_controls": REASON,
            "owner": cast.owner.pk, "expires_on": ends}  # fmt: skip
    answer = client.post(reverse("waiver-new", args=[failing.pk]), said)
    assert answer.status_code == 422 and answer.context["form"].errors["expires_on"]
    assert not Waiver.objects.exists()


def test_what_passes_is_not_waived(cast):
    with pytest.raises(NotAllowed, match="passes"):
        factories.make_waiver(cast, factories.make_releasable(cast))


def test_a_second_waiver_of_the_same_is_refused_while_the_first_stands(cast, failing):
    waiver = factories.make_waiver(cast, failing)
    with pytest.raises(NotAllowed, match="already"):
        factories.make_waiver(cast, failing)
    waivers.refuse_waiver(waiver, reason=REASON, actor=cast.approver)
    assert factories.make_waiver(cast, failing).status == "requested"


def accept(waiver, person) -> Waiver:
    """Accept it."""
    return waivers.accept_waiver(waiver, reason=REASON, actor=person)


def test_whoever_asked_does_not_accept(cast, failing):
    """R8: two pairs of eyes, in the action and in the database."""
    waiver = factories.make_waiver(cast, failing, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="You asked for this waiver"):
        accept(waiver, cast.risk_officer)
    waiver.accepted_by = cast.risk_officer
    with pytest.raises(IntegrityError), transaction.atomic():
        waiver.save()


def test_whoever_asked_for_a_run_does_not_accept(cast, failing):
    """R8: the risk officer ran the check again, so somebody else takes the responsibility for its verdict."""
    factories.make_evidence(cast, failing, verdict="fail", requested_by=cast.risk_officer)
    waiver = factories.make_waiver(cast, failing)
    with pytest.raises(NotAllowed, match="You asked for a check"):
        accept(waiver, cast.risk_officer)
    assert accept(waiver, cast.approver).accepted_by == cast.approver


def test_whoever_helped_to_make_the_version_does_not_accept(cast, at):
    """R1, with a second duty in the owner's hand; nobody ran anything on this version."""
    waiver = factories.make_waiver(cast, factories.make_version(cast), gate="card", check="", actor=cast.risk_officer)
    factories.grant(cast, cast.owner, Duty.APPROVER)
    at(timezone.now() + timedelta(days=2))
    with pytest.raises(NotAllowed, match="helped to make"):
        accept(waiver, cast.owner)


@pytest.mark.parametrize("part", ["owner", "privacy_officer", "publisher", "auditor", "administrator", "outsider"])
def test_nobody_else_accepts_refuses_or_ends(cast, failing, part):
    person, waiver = getattr(cast, part), factories.make_waiver(cast, failing)
    for act in (waivers.accept_waiver, waivers.refuse_waiver):
        with pytest.raises(NotAllowed):
            act(waiver, reason=REASON, actor=person)
    factories.accept_waiver(cast, waiver)
    with pytest.raises(NotAllowed):
        waivers.end_waiver(waiver, reason=REASON, actor=person)


def test_a_duty_given_after_the_waiver_was_asked_for_does_not_accept_it_on_the_same_day(cast, failing):
    """R11."""
    waiver = factories.make_waiver(cast, failing)
    fresh = factories.invite("fresh", "Frida Fresh", Duty.RISK_OFFICER, cast.unit, cast.administrator)
    with pytest.raises(NotAllowed, match="less than 24 hours"):
        accept(waiver, fresh)


def test_a_duty_that_ended_accepts_nothing_and_what_it_accepted_stays(cast, failing):
    """R12."""
    waiver = accepted(cast, failing)
    other = factories.make_waiver(cast, factories.make_releasable(cast, verdict="fail"))
    people.end_duty(RoleAssignment.objects.get(person=cast.second_approver), actor=cast.administrator)
    assert answer(failing).result == gates.WAIVED
    with pytest.raises(NotAllowed):
        accept(other, cast.second_approver)
    assert waiver.is_in_force


def test_a_waiver_whose_last_day_passed_while_it_waited_is_not_accepted(cast, failing, at):
    waiver = factories.make_waiver(cast, failing)
    at(timezone.now() + timedelta(days=31))
    with pytest.raises(NotAllowed, match="is over"):
        accept(waiver, cast.approver)


# ---- what decisions rest on


def submitted(cast, version):
    """The review of a version."""
    return releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)


def sign(review, person, duty):
    """An approval of what is frozen now."""
    review.refresh_from_db()
    return reviews.sign_off(
        review, duty=duty, decision="approve", reason=REASON, seen_digest=review.subject_digest, actor=person
    )


def test_a_release_goes_through_on_a_waiver_and_its_decision_carries_it(cast, failing):
    waiver = accepted(cast, failing)
    review = submitted(cast, failing)
    sign(review, cast.risk_officer, "risk_officer")
    sign(review, cast.approver, "approver")
    review.refresh_from_db()
    assert review.release.status == Release.Status.APPROVED
    assert review.material["waivers"][0]["id"] == str(waiver.pk)
    stored = {row["gate"]: row["result"] for row in review.gates_at_decision}
    assert stored["evidence"] == "waived"


def test_accepting_a_waiver_in_mid_review_voids_what_was_signed_before(cast):
    version = factories.make_releasable(cast)
    review = submitted(cast, version)
    sign(review, cast.risk_officer, "risk_officer")
    evidence = version.evidence.get()
    evidence.withdrawn_at = timezone.now()
    evidence.save()
    waiver = factories.make_waiver(cast, version)
    before = SignOff.objects.standing().filter(review=review).count()
    factories.accept_waiver(cast, waiver)
    assert (before, SignOff.objects.standing().filter(review=review).count()) == (1, 0)
    voided = SignOff.objects.filter(review=review, voided_at__isnull=False).exclude(decision="").get()
    assert "waivers" in voided.void_reason and "was accepted" in voided.void_reason


def test_ending_a_waiver_early_closes_the_gate_and_suspends_what_was_published_on_it(cast, failing):
    waiver = accepted(cast, failing)
    review = submitted(cast, failing)
    sign(review, cast.risk_officer, "risk_officer")
    sign(review, cast.approver, "approver")
    releases.publish(Release.objects.get(version=failing), reason=REASON, actor=cast.publisher)
    waivers.end_waiver(waiver, reason="The list was posted unread.", actor=cast.risk_officer)
    failing.refresh_from_db()
    assert failing.status == "suspended"
    assert answer(failing).result == gates.FAILED
    assert events(waiver) == ["waiver.requested", "waiver.approved", "waiver.ended"]


def test_a_waiver_of_a_published_version_leaves_its_decisions_standing(cast):
    """Nobody has decided on it: it keeps the gates of today open until the evidence is renewed."""
    version = factories.make_releasable(cast)
    review = submitted(cast, version)
    sign(review, cast.risk_officer, "risk_officer")
    sign(review, cast.approver, "approver")
    release = Release.objects.get(version=version)
    releases.publish(release, reason=REASON, actor=cast.publisher)
    evidence = version.evidence.get()
    evidence.valid_until = timezone.now() - timedelta(days=1)
    evidence.save()
    waiver = accepted(cast, version)
    version.refresh_from_db()
    assert (version.status, answer(version).result) == ("published", gates.WAIVED)
    assert SignOff.objects.standing().filter(review=review).count() == 2
    waivers.end_waiver(waiver, reason=REASON, actor=cast.risk_officer)
    version.refresh_from_db()
    assert (version.status, answer(version).result) == ("published", gates.FAILED)


def test_a_review_frozen_before_there_were_waivers_is_not_changed_by_their_absence(cast):
    """Rows of an earlier release keep their columns: no waiver reads as nothing at all."""
    from registry.material import changed_parts

    review = submitted(cast, factories.make_releasable(cast))
    old = {name: value for name, value in review.material.items() if name != "waivers"}
    assert changed_parts(review.release, old) == []


# ---- work and pages


def test_a_waiver_waits_in_the_work_of_those_who_decide_and_then_of_its_owner(cast, failing):
    waiver = factories.make_waiver(cast, failing)
    for person in (cast.risk_officer, cast.approver):
        assert Task.objects.visible_to(person).waiting().filter(object_id=waiver.pk).count() == 1
    factories.accept_waiver(cast, waiver)
    assert not Task.objects.visible_to(cast.risk_officer).waiting().filter(object_id=waiver.pk).exists()
    reminder = Task.objects.visible_to(cast.owner).waiting().get(object_id=waiver.pk)
    assert (reminder.kind, reminder.due_on) == (Task.Kind.WAIVER_ENDS, waiver.expires_on)
    waivers.end_waiver(waiver, reason=REASON, actor=cast.approver)
    assert not Task.objects.waiting().filter(object_id=waiver.pk).exists()


def test_a_waiver_is_asked_for_and_accepted_by_pages(cast, failing, client):
    client.force_login(cast.owner)
    assert "Ask for a waiver of a closed gate" in client.get(failing.get_absolute_url()).content.decode()
    data = {"gate": "evidence", "check": CHECK, "reason": REASON, "compensating_controls": REASON, "owner": cast.owner.pk,
            "expires_on": str(timezone.localdate() + timedelta(days=20))}  # fmt: skip
    answered = client.post(reverse("waiver-new", args=[failing.pk]), data)
    waiver = Waiver.objects.get()
    assert answered["Location"] == waiver.get_absolute_url()
    page = client.get(waiver.get_absolute_url()).content.decode()
    assert "Waiting for a risk officer or an approver" in page and "Accept the waiver" not in page
    client.force_login(cast.approver)
    assert "Accept the waiver" in client.get(waiver.get_absolute_url()).content.decode()
    assert client.post(reverse("waiver-accept", args=[waiver.pk]), {"reason": REASON}).status_code == 302
    for url in (failing.get_absolute_url(), reverse("version-decisions", args=[failing.pk]), reverse("waivers")):
        assert "Checks that the policy asks for: Group fairness" in client.get(url).content.decode()
    assert "See the waiver" in client.get(failing.get_absolute_url()).content.decode()
    review = submitted(cast, failing)
    page = client.get(review.get_absolute_url()).content.decode()
    assert "Checks that the policy asks for: Group fairness" in page


def test_a_refused_act_says_why_and_keeps_what_was_typed(cast, failing, client):
    waiver = factories.make_waiver(cast, failing, actor=cast.risk_officer)
    client.force_login(cast.risk_officer)
    page = client.get(waiver.get_absolute_url()).content.decode()
    assert "You asked for this waiver" in page and "Accept the waiver" not in page
    before = AuditEntry.objects.count()
    answered = client.post(reverse("waiver-accept", args=[waiver.pk]), {"reason": REASON})
    assert (answered.status_code, AuditEntry.objects.count()) == (422, before)
    assert "You asked for this waiver" in answered.content.decode()
    short = client.post(reverse("waiver-refuse", args=[waiver.pk]), {"reason": "no"}).content.decode()
    assert "at least 10 characters" in short and ">no</textarea>" in short.replace("\n", "").replace("\r", "")


def test_the_list_needs_no_more_queries_for_more_waivers(cast, client, django_assert_max_num_queries):
    for _number in range(6):
        accepted(cast, factories.make_releasable(cast, verdict="fail"))
    client.force_login(cast.approver)
    client.get(reverse("waivers"))
    with django_assert_max_num_queries(9):
        client.get(reverse("waivers"))


def test_empty_lists_say_what_belongs_there(cast, client):
    client.force_login(cast.owner)
    assert "Nothing is waived" in client.get(reverse("waivers")).content.decode()
    assert "No waiver has ended" in client.get(reverse("waivers") + "?show=closed").content.decode()
    open_version = factories.make_releasable(cast)
    assert "Nothing is to be waived" in client.get(reverse("waiver-new", args=[open_version.pk])).content.decode()


def test_a_pipeline_asks_for_a_waiver_and_never_accepts_one(cast, failing):
    """By REST: the scope of versions asks; no address accepts."""
    from django.test import Client

    from registry.actions import tokens

    _row, secret = tokens.create_token(
        cast.owner, name="p", scopes=["models:read", "models:write"], unit=cast.unit, days=1
    )
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    data = {"version": str(failing.pk), "gate": "evidence", "check": CHECK, "reason": REASON, "owner": cast.owner.email,
            "compensating_controls": REASON, "expires_on": str(timezone.localdate() + timedelta(days=9))}  # fmt: skip
    made = client.post("/api/v1/waivers/", data, content_type="application/json")
    assert (made.status_code, made.json()["status"]) == (201, "requested")
    assert client.get("/api/v1/waivers/").json()["results"][0]["id"] == made.json()["id"]
    assert client.post(f"/api/v1/waivers/{made.json()['id']}/accept/", {}).status_code in {404, 405}
