"""Reviews and conditions over REST."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from registry.actions import questions
from registry.models import Condition, Question, SignOff
from tests.registry.reviews.scenes import decide, opened

REASON = "Read the card, the limits and the run; nothing stands against it."


@pytest.fixture
def review(cast):
    """A submitted release of the limited tier."""
    return opened(cast)


def sent(client, person, address, body, **headers):
    """A POST of JSON by a person's session."""
    client.force_login(person)
    return client.post(f"/api/v1/{address}/", body, content_type="application/json", headers=headers)


def conditional(cast, review):
    """An approval with one condition, as a payload."""
    due = timezone.localdate() + timedelta(days=20)
    asked = {"text": "Publish the list of groups.", "owner": cast.owner.email, "due_on": due.isoformat()}
    return {"duty": "risk_officer", "decision": "approve_with_conditions", "reason": REASON,
            "subject_digest": review.subject_digest, "conditions": [asked]}  # fmt: skip


def test_a_condition_goes_its_whole_way_over_rest(cast, client, review):
    given = sent(client, cast.risk_officer, f"reviews/{review.pk}/sign-offs", conditional(cast, review))
    assert given.status_code == 201, given.json()
    condition = Condition.objects.get(sign_off=given.json()["id"])
    met = sent(client, cast.owner, f"conditions/{condition.pk}/meet", {"reason": "It stands on our pages."})
    assert met.json()["status"] == "met"
    back = sent(
        client, cast.risk_officer, f"conditions/{condition.pk}/send-back", {"reason": "Two groups are missing."}
    )
    assert back.json()["status"] == "open"
    sent(client, cast.owner, f"conditions/{condition.pk}/meet", {"reason": "Now all of them are there."})
    done = sent(client, cast.risk_officer, f"conditions/{condition.pk}/verify", {"reason": "Seen there today."})
    assert (done.json()["status"], done.json()["verified_by"]) == ("verified", str(cast.risk_officer.pk))


def test_a_decision_sent_twice_under_one_key_is_taken_once(cast, client, review):
    key = {"Idempotency-Key": "decide-1"}
    first, second = (
        sent(client, cast.risk_officer, f"reviews/{review.pk}/sign-offs", conditional(cast, review), **key)
        for _time in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert SignOff.objects.exclude(decision="").count() == Condition.objects.count() == 1


def test_a_question_is_asked_and_answered_over_rest(cast, client, review):
    asked = sent(client, cast.risk_officer, f"reviews/{review.pk}/questions",
                 {"text": "Why is it needed?", "asked_of": cast.owner.email})  # fmt: skip
    assert asked.status_code == 201
    told = sent(client, cast.owner, f"reviews/{review.pk}/answers",
                {"question": asked.json()["id"], "answer": "The old one misses tenure."})  # fmt: skip
    assert told.json()["answered_by"] == str(cast.owner.pk)
    assert Question.objects.get().answer == "The old one misses tenure."


def test_a_stale_decision_over_rest_names_the_difference(cast, client, review):
    from registry.actions import inventory

    inventory.edit_system(review.release.system, purpose="Sets the credit limit, too.", actor=cast.owner)
    body = {"duty": "risk_officer", "decision": "approve", "reason": REASON, "subject_digest": review.subject_digest}
    refused = sent(client, cast.risk_officer, f"reviews/{review.pk}/sign-offs", body)
    assert refused.status_code == 403
    assert "to “Sets the credit limit, too.”" in refused.json()["detail"]
    assert f"by {cast.owner}" in refused.json()["detail"]


def test_an_owner_that_nobody_knows_is_refused_by_the_key(cast, client, review):
    body = conditional(cast, review)
    body["conditions"][0]["owner"] = "nobody@bank.example"
    refused = sent(client, cast.risk_officer, f"reviews/{review.pk}/sign-offs", body)
    assert refused.status_code == 400
    assert "conditions" in refused.json()["errors"]


def test_conditions_of_other_units_are_not_listed(cast, client, review):
    sent(client, cast.risk_officer, f"reviews/{review.pk}/sign-offs", conditional(cast, review))
    decide(review, cast.approver, "approver")
    assert client.get("/api/v1/conditions/").json()["count"] == 1
    client.force_login(cast.outsider)
    assert client.get("/api/v1/conditions/").json()["count"] == 0


@pytest.mark.parametrize(("path", "key"), [("questions", "parent"), ("answers", "question")])
def test_a_question_of_another_review_is_refused_like_one_that_is_not_there(cast, client, review, path, key):
    """Attack 14: an id of somewhere else tells nothing and changes nothing."""
    other = questions.say(opened(cast), text="Why is it needed?", asked_of=cast.owner, actor=cast.risk_officer)
    body = {"text": "I wonder, too."} if path == "questions" else {"answer": "It is not."}
    told = [
        sent(client, cast.owner, f"reviews/{review.pk}/{path}", body | {key: str(pk)}).json()
        for pk in (other.pk, uuid4())
    ]
    assert told[0] == told[1]
    assert told[0]["errors"] == {key: ["This review has no such question."]}
    assert Question.objects.count() == 1
    assert not Question.objects.get().answer
