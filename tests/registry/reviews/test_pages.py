"""The decision page, the stale page, the queue and the page of a condition, as people get them."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import gates, material, waivers
from registry.actions import inventory, people, releases
from registry.decision import difference
from registry.errors import GateClosed, NotAllowed
from registry.models import Condition, SignOff
from tests import factories
from tests.registry.releasing import next_version, published
from tests.registry.reviews.scenes import decide, opened

LONG = "I read all twelve pages of the report and compared the intervals by hand with those of last spring."


@pytest.fixture
def review(cast):
    """A submitted release of the limited tier."""
    return opened(cast)


def posted(client, review, **more):
    """A decision by the page."""
    data = {"duty": "risk_officer", "decision": "approve", "reason": LONG, "seen_digest": review.subject_digest} | more
    return client.post(reverse("review-sign-off", args=[review.pk]), data)


def shown(client, person, review):
    """The panels of the page by slug."""
    client.force_login(person)
    return {panel.slug: panel for panel in client.get(review.get_absolute_url()).context["panels"]}


def test_the_page_asks_one_question_and_shows_every_panel(cast, client, review):
    """S-026: what stands beside the decision of people before anything runs."""
    panels = shown(client, cast.risk_officer, review)
    assert list(panels) == [
        "changed", "worst-numbers", "verdicts", "gates", "fitness", "open-risks", "pia", "waivers", "conditions", "questions",
        "decisions", "dissent", "lineage", "if-nothing",
    ]  # fmt: skip
    page = client.get(review.get_absolute_url()).content.decode()
    assert f"May {review.release.version} be released for {review.release.system}, whose risk tier is limited?" in page
    assert [line.text for line in panels["if-nothing"].lines] == [
        f"It is due on {timezone.localdate() + timedelta(days=14):%b. %d, %Y}; until then nothing changes.".replace(
            " 0", " "
        ),
        "No version of this model serves, and none will.",
    ]
    assert "Offers reach some groups less often" in panels["open-risks"].lines[0].text


def test_the_page_asks_each_gate_once_and_reads_what_several_panels_need_once(
    cast, client, monkeypatch, django_assert_max_num_queries
):
    """The gates, the last approval, what runs today and the frozen policy; a second reading would be a second answer."""
    review = releases.submit_for_review(
        next_version(cast, published(cast)), notes="The next one of it.", actor=cast.owner
    )
    counted = Counter()
    for slug, question in gates.GATES.items():
        counting = partial(lambda slug, question, release: counted.update([slug]) or question(release), slug, question)
        monkeypatch.setitem(gates.GATES, slug, counting)
    client.force_login(cast.risk_officer)
    with django_assert_max_num_queries(100) as asked:
        client.get(review.get_absolute_url())
    assert set(counted.values()) == {1} and counted.keys() == gates.GATES.keys()
    reviews = [query["sql"] for query in asked.captured_queries if 'FROM "registry_review"' in query["sql"]]
    assert len(reviews) == len(set(reviews)) and len(reviews) <= 4, "the page, its last approval, a count"


def test_a_new_version_is_held_against_the_one_that_was_approved_before(cast, client):
    """S-033: bytes, card and verdicts, then and now, before anybody approves."""
    old = published(cast)
    version = next_version(cast, old)
    factories.cards.save_card(version, fields={"overview": "It now reads the tenure, too. " * 4}, actor=cast.owner)
    review = releases.submit_for_review(version, notes="It reads the tenure, too.", actor=cast.owner)
    panels = shown(client, cast.risk_officer, review)
    places = {line.text: line.aside for line in panels["changed"].lines}
    assert f"Compared with {old.version}." in places
    assert places["Version: artifact"] == f"from “{old.version.artifact_hash}” to “{version.artifact_hash}”"
    assert any(text.startswith("Card: ") and "tenure" in aside for text, aside in places.items())
    assert panels["verdicts"].lines[0].aside == "before: pass"
    assert f"{old.version} keeps running" in panels["if-nothing"].lines[1].text


def test_a_version_that_waits_to_be_decided_on_anew_is_still_what_was_approved_last(cast, client):
    old = published(cast)
    version = next_version(cast, old)
    review = releases.submit_for_review(version, notes="It reads the tenure, too.", actor=cast.owner)
    inventory.edit_system(old.system, purpose="Sets the credit limit, too.", actor=cast.owner)
    review.refresh_from_db()
    lines = {line.text: line.aside for line in shown(client, cast.risk_officer, review)["changed"].lines}
    assert f"Compared with {old.version}." in lines
    assert lines["Context: purpose"].endswith("to “Sets the credit limit, too.”")


def test_the_three_worst_numbers_come_with_intervals_the_missed_ones_first(cast, client):
    rule = "selection_rate_difference<=0.1"
    entries = [
        {"rule": rule, "value": value, "low": value - 0.02, "high": value + 0.02, "verdict": verdict, "by": [by]}
        for by, value, verdict in (
            ("age", 0.02, "pass"),
            ("sex", 0.07, "pass"),
            ("race", 0.2, "fail"),
            ("region", 0.01, "pass"),
        )
    ]
    version = factories.make_releasable(cast)
    factories.make_evidence(cast, version, verdict="fail", outcome={"verdict": "fail", "thresholds": entries})
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    lines = shown(client, cast.risk_officer, review)["worst-numbers"].lines
    assert [line.text for line in lines] == [
        "Selection rates · race: 0.200 (0.180–0.220)", "Selection rates · sex: 0.070 (0.050–0.090)",
        "Selection rates · age: 0.020 (0.000–0.040)",
    ]  # fmt: skip
    assert lines[0].verdict == "fail"


def test_a_stale_decision_is_refused_with_the_difference_and_the_reason_is_kept(cast, client, review):
    """P3: which part changed, from what to what, by whom."""
    inventory.edit_system(review.release.system, purpose="Sets the credit limit, too.", actor=cast.owner)
    client.force_login(cast.risk_officer)
    page = posted(client, review)
    text = page.content.decode()
    assert page.status_code == 422
    assert not SignOff.objects.exclude(decision="").exists()
    found = page.context["stale"].differences
    assert [(one.part, one.place) for one in found] == [("context", "purpose")]
    assert found[0].before.startswith("Chooses which existing customers")
    assert found[0].after == "Sets the credit limit, too."
    assert f"by {cast.owner}" in text
    assert LONG in text
    review.refresh_from_db()
    assert page.context["form"]["seen_digest"].value() == review.subject_digest
    assert posted(client, review).status_code == 302, "who has read the difference may decide"


def test_a_decision_after_the_withdrawal_says_so_and_keeps_the_reason(cast, client, review):
    releases.withdraw(review.release, reason="The data were wrong.", actor=cast.owner)
    client.force_login(cast.risk_officer)
    page = posted(client, review)
    assert page.status_code == 422
    assert "This review is closed (Withdrawn)." in page.content.decode()
    with pytest.raises(NotAllowed, match="closed"):
        decide(review, cast.risk_officer, "risk_officer")


def test_a_duty_that_ended_in_the_middle_of_the_review_is_named(cast, review):
    people.end_duty(cast.risk_officer.role_assignments.get(), actor=cast.administrator)
    with pytest.raises(NotAllowed, match=r"Your duty as Risk officer ended on .* Whoever holds it now decides"):
        decide(review, cast.risk_officer, "risk_officer")


def test_a_waiver_that_ends_in_the_minute_of_the_decision_is_named(cast, monkeypatch):
    version = factories.make_releasable(cast, verdict="fail")
    waiver = factories.accept_waiver(cast, factories.make_waiver(cast, version))
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    assert waivers.covering(review.release, "evidence", "fairness.group_metrics")
    midnight = waiver.expires_on + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *_args: midnight)
    with pytest.raises(GateClosed, match="The waiver of it ended with"):
        decide(review, cast.risk_officer, "risk_officer")


def test_the_difference_speaks_of_cards_by_field_and_of_lists_by_key():
    before = {"card": {"number": 1, "fields": {"overview": "A"}}, "evidence": [{"check": "drift", "verdict": "pass"}]}
    after = {"card": {"number": 2, "fields": {"overview": "B"}}, "evidence": [{"check": "drift", "verdict": "fail"}]}
    found = [(one.part, one.place, one.before, one.after) for one in difference.differences(before, after)]
    assert ("evidence", "drift › verdict", "pass", "fail") in found
    assert ("card", "number", "1", "2") in found
    assert any(part == "card" and (old, new) == ("A", "B") for part, _place, old, new in found)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("0.7", "0.9", "from “0.7” to “0.9”"),
        ("", "new", "from “–” to “new”"),
        ("It advises. " * 20, "It advises. " * 19 + "It decides. ", "from “…ses. It advises. It advises. ” to “"),
        ("A" * 500, "B" * 500, f"from “{'A' * 80}…” to “{'B' * 80}…”"),
    ],
)
def test_what_changed_is_seen_at_a_glance_however_long_both_texts_are(before, after, shown):
    """E.3: the line shows both sides of the change, not the beginning that they share."""
    said = difference.Difference("context", "purpose", before, after).in_short
    assert said.startswith(shown) and len(said) < 200
    if len(before) > 100 and before[0] == after[0]:
        assert "It decides" in said


def test_a_condition_is_set_and_closed_by_the_pages_by_whom_it_obeys(cast, client, review):
    """S-035: each button only before the person whom it obeys."""
    client.force_login(cast.risk_officer)
    due = timezone.localdate() + timedelta(days=20)
    rows = {"condition_1": "Publish the list of groups.", "owner_1": cast.owner.pk, "due_1": due.isoformat()}
    assert posted(client, review, decision="approve_with_conditions", **rows).status_code == 302
    condition = Condition.objects.get()
    decide(review, cast.approver, "approver")
    for page in (review.release, review.release.version, review.release.system):
        assert "Publish the list of groups." in client.get(page.get_absolute_url()).content.decode()
    address, meet = condition.get_absolute_url(), reverse("condition-meet", args=[condition.pk])
    assert meet not in client.get(address).content.decode()
    client.force_login(cast.owner)
    assert meet in client.get(address).content.decode()
    client.post(meet, {"reason": "It stands on our pages."})
    assert reverse("condition-verify", args=[condition.pk]) not in client.get(address).content.decode()
    client.force_login(cast.risk_officer)
    assert (
        client.post(reverse("condition-verify", args=[condition.pk]), {"reason": "Seen there today."}).status_code
        == 302
    )
    condition.refresh_from_db()
    assert (condition.status, condition.verified_by) == ("verified", cast.risk_officer)


def test_half_a_condition_is_refused_at_its_field(cast, client, review):
    client.force_login(cast.risk_officer)
    page = posted(client, review, decision="approve_with_conditions", condition_2="Publish the list of groups.")
    assert page.status_code == 422
    assert page.context["form"].errors["condition_2"] == ["A condition needs a text, an owner and a day."]


def test_the_queue_tells_what_waits_for_me_for_others_and_what_is_late(cast, client, review, monkeypatch):
    late = opened(cast)
    decide(late, cast.risk_officer, "risk_officer")
    client.force_login(cast.risk_officer)

    def listed(show):
        return [row.pk for row in client.get(reverse("reviews"), {"show": show}).context["page"].objects]

    assert listed("open") == [review.pk, late.pk]
    assert (listed("mine"), listed("others"), listed("overdue")) == ([review.pk], [late.pk], [])
    client.force_login(cast.approver)
    assert (listed("mine"), listed("others")) == ([late.pk], [review.pk])
    day = timezone.localdate() + timedelta(days=15)
    monkeypatch.setattr(timezone, "localdate", lambda *_args: day)
    assert listed("overdue") == [review.pk, late.pk]


def test_what_the_dissenters_said_stands_beside_the_next_decision(cast, client, review):
    decide(review, cast.risk_officer, "risk_officer", "request_changes", reason="Say more about seasonal effects.")
    again = releases.submit_for_review(review.release.version, notes="Seasonal effects described.", actor=cast.owner)
    lines = shown(client, cast.approver, again)["dissent"].lines
    assert [(line.text, line.aside) for line in lines] == [
        (f"{cast.risk_officer}: Request changes", "Say more about seasonal effects.")
    ]


def test_every_part_of_the_material_has_a_name_in_the_difference(cast, review):
    found = difference.differences({}, review.material)
    assert {one.part for one in found} <= set(material.MATERIAL)
    assert all(one.part_name for one in found)


@pytest.mark.parametrize(("findings", "verdict"), [("Fifty letters drafted, nine sent unchanged.", ""), ("", "failed")])
def test_what_a_prototype_showed_stands_beside_the_decision_on_what_generates(cast, client, findings, verdict):
    """S-047: or that nobody has said it, and then the gate is closed."""
    review = opened(cast, is_generative=True, prototype_findings=findings)
    line = shown(client, cast.risk_officer, review)["fitness"].lines[0]
    assert (line.text == findings, line.verdict) == (bool(findings), verdict)
    if not findings:
        with pytest.raises(GateClosed, match="prototype"):
            decide(review, cast.risk_officer, "risk_officer")
