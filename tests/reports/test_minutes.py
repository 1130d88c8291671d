"""Minutes as a PDF: what was fixed, in the reader's language, with its digest and whoever approved it."""

import io
import os
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pypdf import PdfReader

from config.company.evidence import waited
from registry.actions import minutes, releases
from registry.canonical import digest
from registry.errors import NotAllowed
from registry.meetings.minutes import items_of
from registry.models import AuditEntry
from reports.minutes import minutes_facts, request_minutes
from reports.models import Minutes
from reports.sources import DjangoFacts
from tests import factories
from tests.registry.meeting import closed, invited, item, planned, recorded, there

PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")


@pytest.fixture
def meeting(cast):
    """A meeting whose minutes are approved."""
    return held_meeting(cast)


def held_meeting(cast):
    """About a review and two other items, with regrets, conditions and dissent; the chair has approved the minutes."""
    review = releases.submit_for_review(factories.make_releasable(cast), notes="First release.", actor=cast.owner)
    found = planned(cast, title="AI board of spring")
    item(cast, found, review=review, note="May it go live before the spring offers are sent?")
    item(cast, found, title="Suspend the chat about accounts", note="Three complaints in a week.")
    item(cast, found, title="What the auditor read", for_information=True)
    for person in (cast.owner, cast.privacy_officer):
        invited(cast, found, person)
    minutes.start(found, actor=cast.risk_officer)
    there(cast, found, cast.approver, cast.risk_officer, cast.owner, regrets=(cast.privacy_officer,))
    first, second, third = items_of(found)
    recorded(cast, first, "go_with_conditions", conditions="Fewer groups below fifty by June; Olga Owner.",
             dissent="Ada Approver would wait for a second look at the smallest group.")  # fmt: skip
    recorded(cast, second, "halt")
    recorded(cast, third, "", rationale="Nothing to mend this quarter.")
    found = minutes.close(found, actor=cast.risk_officer)
    return minutes.approve(found, seen_digest=found.minutes_digest, actor=cast.approver)


@pytest.mark.parametrize(("language", "words"), [
    ("en", ("Go with conditions", "Halt", "For information", "Sent regrets")),
    ("zh-hans", ("有条件通过", "叫停", "供了解", "已请假")),
])  # fmt: skip
def test_outcomes_and_presence_are_told_in_the_readers_language_under_one_digest(meeting, language, words):
    """S-034, S-035: the digest is of what was fixed, whatever language it is printed in."""
    with override(language):
        found = minutes_facts(meeting, as_of=timezone.now())
    assert [row["outcome"] for row in found["items"]] == list(words[:3])
    assert [group["label"] for group in found["attendance"]][1] == words[3]
    assert [len(group["people"]) for group in found["attendance"]] == [3, 1, 0]
    assert found["digest"] == digest(meeting.minutes)


@pytest.mark.real
@pytest.mark.django_db(transaction=True)
def test_a_worker_prints_the_minutes_in_both_languages(worker, client):
    """S-034, S-035: outcomes, reasons and dissent stand in the file that is downloaded; others find nothing."""
    cast = factories.make_cast()
    held = held_meeting(cast)
    client.force_login(cast.auditor)
    for language in ("en", "zh-hans"):
        client.post(reverse("meeting-minutes", args=[held.pk]), {"language": language})
    for asked in Minutes.objects.all():
        job = waited(asked)
        content = job.blob.read()
        if PICTURES:
            (Path(PICTURES) / f"minutes-{job.language}.pdf").write_bytes(content)
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")
        assert "Ada Approver would wait" in text.replace("\xa0", " ")
        assert ("Go with conditions" if job.language == "en" else "有条件通过") in text
        assert client.get(reverse("verify", args=[job.code])).status_code == 200
    file = client.get(reverse("minutes-file", args=[job.pk]))
    assert b"".join(file.streaming_content)[:5] == b"%PDF-"
    assert AuditEntry.objects.filter(object_id=job.pk, action="minutes.downloaded").exists()
    client.force_login(cast.outsider)
    assert client.get(reverse("meeting-minutes", args=[held.pk])).status_code == 404
    assert client.get(reverse("minutes-file", args=[job.pk])).status_code == 404


def test_minutes_that_are_not_fixed_are_not_printed(cast):
    with pytest.raises(NotAllowed, match="not fixed yet"):
        request_minutes(planned(cast), actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="may see the meeting"):
        request_minutes(closed(cast), actor=cast.outsider)


def test_approved_minutes_are_facts_of_the_frameworks_and_others_are_not(cast, meeting):
    """S-034, S-035: a rule that asks for a decision of the board finds it at the system of the review."""
    closed(cast)  # waits for approval: no fact yet
    facts = DjangoFacts(user=None, system=None, as_of=timezone.now())
    [held] = facts.records("board_meeting")
    assert held.fields["business_units_present"] == ["Lending"]
    assert held.fields["decisions"] == ["go_with_conditions", "halt"]
    about = {row.fields["decision"]: row.subject for row in facts.records("board_decision")}
    system = items_of(meeting)[0].review.release.system
    assert about == {"go_with_conditions": ("system", str(system.pk)), "halt": ("organisation", "")}
