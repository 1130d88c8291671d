"""Looking back: what was approved on a day, answered by a page and by REST from the log alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from registry.actions import cards, inventory, releases, reviews
from registry.audit import as_of
from registry.models import AuditBody
from tests import append_only, factories
from tests.api.test_rest import bearer, problem_of, session
from tests.registry.test_log_pages import text_of

FIRST = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
GOOD = "Read the card, the limits and the run; nothing stands against it."


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told the day of March 2026."""
    at = [FIRST]
    monkeypatch.setattr(timezone, "now", lambda: at[0])

    def to(day: int) -> None:
        at[0] = FIRST + timedelta(days=day - 1)

    return to


@pytest.fixture
def version(clock, cast):
    """Registered on 1 March, submitted on the 2nd, approved on the 3rd, its system renamed on the 20th; now it is the 25th."""
    clock(1)
    version = factories.make_releasable(cast)
    clock(2)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    clock(3)
    sign(review, cast.risk_officer, "risk_officer")
    sign(review, cast.approver, "approver")
    clock(20)
    inventory.edit_system(version.home_system, name="A newer name", actor=cast.owner)
    clock(25)
    return version


def sign(review, person, duty: str) -> None:
    """An approval of what is up for decision now."""
    review.refresh_from_db()
    reviews.sign_off(
        review, duty=duty, decision="approve", reason=GOOD, seen_digest=review.subject_digest, actor=person
    )


def look(client, version, day: str) -> str:
    """The page of a day, as text."""
    answer = client.get(reverse("version-as-of", args=[version.pk]), {"day": day})
    assert answer.status_code == 200
    return text_of(answer)


@pytest.fixture
def auditor(cast, client, version):
    """The auditor's browser, on the last day."""
    client.force_login(cast.auditor)
    return client


def test_what_was_approved_on_3_march_is_answered(version, auditor):
    """B.1: state, people, policy and card on day D."""
    page = look(auditor, version, "2026-03-03")
    assert "It was approved." in page
    assert "Approved by Rita Risk (Risk officer), Aron Approver (Approver)" in page
    assert "Default release policy, version 3" in page
    assert GOOD in page
    assert "Olga Owner" in page
    assert f"Artefact {version.artifact_hash}" in page


def test_the_day_before_it_was_not_approved_and_says_who_was_waited_for(version, auditor):
    page = look(auditor, version, "2026-03-02")
    assert "It was not approved; sign-offs were still waited for." in page
    assert "Approved by nobody" in page


def test_a_draft_had_no_policy_yet(version, auditor):
    page = look(auditor, version, "2026-03-01")
    assert "It was not approved." in page
    assert "None was frozen" in page


def test_before_it_was_registered_the_page_says_so(version, auditor):
    assert "Not registered yet" in look(auditor, version, "2026-02-28")


def test_names_are_those_of_the_day_and_not_of_today(version, auditor):
    assert "A newer name" not in look(auditor, version, "2026-03-19").split("At the end of")[1]
    assert "A newer name" in look(auditor, version, "2026-03-20").split("At the end of")[1]


def test_the_card_is_the_one_of_the_day(clock, cast, client):
    clock(1)
    version = factories.make_version(cast)
    cards.save_card(version, fields={"overview": "What was written first."}, actor=cast.owner)
    clock(5)
    cards.save_card(version, fields={"overview": "What was written later."}, actor=cast.owner)
    client.force_login(cast.owner)
    assert "What was written first." in look(client, version, "2026-03-04")
    assert "What was written later." in look(client, version, "2026-03-05")


def test_a_row_changed_outside_the_log_does_not_change_the_past(version, auditor):
    """It is read from the log, not from the tables."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_signoff SET reason = 'Put in by the owner of the database.'")
        cursor.execute("UPDATE registry_modelversion SET status = 'draft'")
    page = look(auditor, version, "2026-03-03")
    assert "It was approved." in page
    assert "owner of the database" not in page


def test_without_a_day_it_is_today(version, auditor):
    page = auditor.get(reverse("version-as-of", args=[version.pk]))
    assert page.context["day"] == timezone.localdate()
    assert "It was approved." in text_of(page)


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-03-26", "That day has not begun yet"), ("yesterday", "Enter a valid date"), ("", "This field is required"),
        ("2026-02-30", "Enter a valid date"), ("0001-01-01", "Not registered yet"), ("9999-12-31", "not begun yet"),
    ],
)  # fmt: skip
def test_every_wrong_day_gets_a_sentence(day, says, version, auditor):
    assert says in look(auditor, version, day)


def test_what_was_erased_says_so_instead_of_looking_empty(version, auditor):
    """P13."""
    entry = as_of.recorded(version, FIRST + timedelta(days=24)).entry
    append_only.drop(connection)
    AuditBody.objects.filter(pk=entry).update(body=None, salt=None, erased_at=timezone.now())
    assert "has been erased" in look(auditor, version, "2026-03-25")
    assert "has been erased" not in look(auditor, version, "2026-03-01")


def test_the_history_leads_there(version, auditor):
    page = auditor.get(reverse("version-history", args=[version.pk])).content.decode()
    assert reverse("version-as-of", args=[version.pk]) in page


def test_a_stranger_learns_nothing_of_the_past(version, cast, client):
    """P11."""
    client.force_login(cast.outsider)
    assert client.get(reverse("version-as-of", args=[version.pk]), {"day": "2026-03-03"}).status_code == 404
    assert session(cast.outsider).get(f"/api/v1/versions/{version.pk}/as-of/?day=2026-03-03").status_code == 404


# ---- the same by REST


def past(client, version, **query):
    """The past of a version."""
    return client.get(f"/api/v1/versions/{version.pk}/as-of/", query)


def test_rest_gives_status_owners_approvals_card_and_policy_of_the_day(version, cast):
    said = past(bearer(cast.auditor, cast.unit, "models:read"), version, day="2026-03-03").json()
    assert said["version"]["snapshot"]["status"] == "approved"
    assert [(row["person"]["name"], row["decision"]) for row in said["approvals"]] == [
        ("Rita Risk", "approve"), ("Aron Approver", "approve"),
    ]  # fmt: skip
    assert said["policy"]["name"] == "Default release policy"
    assert said["technical_owner"]["email"] == cast.owner.email
    assert said["card"]["snapshot"]["status"] == "approved"
    assert said["system"]["snapshot"]["name"] != "A newer name"


def test_rest_on_a_day_before_registration_is_not_found_with_a_sentence(version, cast):
    assert (
        "no entry about this version" in problem_of(past(session(cast.owner), version, day="2026-02-01"), 404)["detail"]
    )


@pytest.mark.parametrize("query", [{}, {"day": "x"}, {"day": "2026-03-26"}, {"day": "2026-03-03", "surprise": "1"}])
def test_rest_refuses_a_wrong_day_at_its_place(query, version, cast):
    said = problem_of(past(session(cast.owner), version, **query), 400)
    assert list(said["errors"]) == ["surprise" if "surprise" in query else "day"]
