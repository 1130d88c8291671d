"""The auditor's desk: who asks whom, who answers, who says that it suffices, and samples that anybody draws again."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from registry.actions import people
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import Duty, RoleAssignment, Task
from reports.audits import actions, sampling
from reports.models import DeskItem
from reports.packs.actions import request_wide_pack
from tests import factories
from tests.reports.packs.test_wide_packs import built, keys, rows_of  # noqa: F401

pytestmark = pytest.mark.django_db
DUE = timedelta(days=14)


@pytest.fixture
def engagement(cast):
    """What the auditor of the cast was engaged for."""
    return RoleAssignment.objects.get(person=cast.auditor, duty=Duty.AUDITOR)


@pytest.fixture
def version(cast):
    """A version of a system of the unit."""
    return factories.make_version(cast)


def asked(cast, engagement, system, **changes):
    """A request of the auditor to the owner."""
    given = {"kind": "request", "title": "Show the test set", "owner": cast.owner, "due_on": timezone.localdate() + DUE}
    return actions.add_item(engagement, system=system, actor=cast.auditor, **{**given, **changes})


def test_a_request_is_answered_with_evidence_and_closed_by_the_auditor(cast, engagement, version):
    """S-111: the owner has a task with the day, then the auditor has one."""
    row = asked(cast, engagement, version.home_system, framework="nist_ai_rmf", requirement="MEASURE 2.3")
    task = Task.objects.waiting().get(object_id=row.pk)
    assert (task.person, task.due_on, task.kind) == (cast.owner, row.due_on, Task.Kind.ANSWER_AUDITOR)
    actions.attach_evidence(row, file=SimpleUploadedFile("set.csv", b"a,b\n1,2\n"), actor=cast.owner)
    actions.answer_item(row, answer="It lies in the attached file.", actor=cast.owner)
    task = Task.objects.waiting().get(object_id=row.pk)
    assert (task.person, task.kind) == (cast.auditor, Task.Kind.VERIFY_ANSWER)
    row = actions.close_item(row, reason="Read and compared.", actor=cast.auditor)
    assert row.status == "closed" and not Task.objects.waiting().filter(object_id=row.pk).exists()
    assert list(verification.findings()) == []


def test_a_finding_is_verified_by_somebody_else_than_who_put_it_right(cast, engagement, version):
    """S-111: even where the owner of the finding may verify others'."""
    row = asked(cast, engagement, version.home_system, kind="finding", title="No drill", owner=cast.risk_officer)
    actions.answer_item(row, answer="The drill was held today.", actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="somebody else does"):
        actions.close_item(row, reason="I was there myself.", actor=cast.risk_officer)
    assert actions.close_item(row, reason="I was there, too.", actor=cast.auditor).closed_by == cast.auditor


def test_an_answer_that_does_not_suffice_goes_back_to_who_was_asked(cast, engagement, version):
    row = asked(cast, engagement, version.home_system)
    actions.answer_item(row, answer="Somewhere on the drive.", actor=cast.owner)
    row = actions.return_item(row, reason="Where exactly is it?", actor=cast.auditor)
    assert row.status == "open" and Task.objects.waiting().get(object_id=row.pk).person == cast.owner


@pytest.mark.parametrize("who", ["owner", "publisher", "approver", "outsider", "administrator", "risk_officer"])
def test_nobody_but_the_engaged_auditor_fills_the_desk(cast, engagement, version, who):
    """S-111: a risk officer has the right to judge answers, and no engagement."""
    with pytest.raises(NotAllowed):
        actions.add_item(engagement, kind="note", title="x", actor=getattr(cast, who))


def test_nobody_but_who_was_asked_answers(cast, engagement, version):
    row = asked(cast, engagement, version.home_system)
    for other in (cast.auditor, cast.risk_officer):
        with pytest.raises(NotAllowed, match="was asked"):
            actions.answer_item(row, answer="I answer for him.", actor=other)


def test_a_desk_reaches_no_further_than_the_engagement(cast, engagement):
    """P11, S-111: of two engagements, each reaches its own unit."""
    other = people.invite("o3@bank.example", name="O", unit=cast.other_unit, duty=Duty.TECHNICAL_OWNER,
                          actor=cast.administrator)  # fmt: skip
    from registry.actions import inventory

    there = inventory.register_system(
        cast.other_unit, actor=other, name="Claims", business_owner=other, technical_owner=other, risk_tier="limited",
        purpose="x",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.add_item(engagement, kind="note", title="x", system=there, actor=cast.auditor)
    end = timezone.localdate() + DUE
    people.engage_auditor(cast.auditor, unit=cast.other_unit, ends_on=end, include_raw_data=False,
                          actor=cast.administrator)  # fmt: skip
    with pytest.raises(NotAllowed, match="outside the engagement"):
        actions.add_item(engagement, kind="note", title="x", system=there, actor=cast.auditor)


def test_an_engagement_that_is_over_asks_no_more(cast, engagement, version):
    people.end_duty(engagement, actor=cast.administrator)
    with pytest.raises(NotAllowed):
        asked(cast, engagement, version.home_system)


@pytest.mark.parametrize(("changes", "field"), [({"owner": None}, "owner"), ({"due_on": None}, "due_on")])
def test_a_request_says_who_answers_until_when(cast, engagement, version, changes, field):
    with pytest.raises(BadInput) as refused:
        asked(cast, engagement, version.home_system, **changes)
    assert refused.value.field == field


def test_a_stranger_to_the_unit_is_not_asked(cast, engagement, version):
    with pytest.raises(BadInput, match="not one who can answer"):
        asked(cast, engagement, version.home_system, owner=cast.outsider)


def test_a_sample_is_drawn_by_its_seed_and_can_be_drawn_again_by_any_tool(cast, engagement, version):
    """S-111: the first by SHA-256 of seed, colon, id; with the digest of the population."""
    versions = [version, *(factories.make_version(cast, version.model) for _ in range(7))]
    row = sampling.draw_sample(engagement, population="versions", size=3, seed="2026-11", title="S", actor=cast.auditor)
    ids = sorted(str(one.pk) for one in versions)
    ranked = sorted(ids, key=lambda pk: hashlib.sha256(b"2026-11:" + pk.encode()).hexdigest())
    assert row.sample["ids"] == ranked[:3] and row.sample["count"] == 8
    assert (
        row.sample["digest"] == "sha256:" + hashlib.sha256(json.dumps(ids, separators=(",", ":")).encode()).hexdigest()
    )
    factories.make_version(cast, version.model)  # what comes later is no part of it
    assert sampling.is_repeated(row, cast.auditor)
    assert [str(one.pk) for one in sampling.sampled(row, cast.auditor)] == ranked[:3]


@pytest.mark.parametrize("size", [0, 2, 10_000])
def test_a_sample_is_no_larger_than_its_population(cast, engagement, version, size):
    with pytest.raises(BadInput, match="draw between 1 and 1"):
        sampling.draw_sample(engagement, population="versions", size=size, seed="x", title="S", actor=cast.auditor)


def test_a_sample_that_was_changed_is_not_drawn_again(cast, engagement, version):
    factories.make_version(cast, version.model)
    row = sampling.draw_sample(engagement, population="versions", size=1, seed="x", title="S", actor=cast.auditor)
    row.sample["ids"] = [
        pk for pk in (str(one.pk) for one in version.model.versions.all()) if pk not in row.sample["ids"]
    ]
    assert not sampling.is_repeated(row, cast.auditor)


def test_the_desk_is_in_the_pack_of_the_engagement(cast, engagement, version, keys):  # noqa: F811
    """S-186: with the digest of each file of evidence."""
    row = asked(cast, engagement, version.home_system)
    kept = actions.attach_evidence(row, file=SimpleUploadedFile("set.csv", b"a,b\n1,2\n"), actor=cast.owner)
    members = built(request_wide_pack(engagement, actor=cast.auditor))
    assert [found["id"] for found in rows_of(members, "reports.DeskItem")] == [str(row.pk)]
    files = [json.loads(line) for line in members["files.jsonl"].splitlines()]
    assert [(one["row"], one["sha256"]) for one in files if one["role"] == "desk"] == [(str(row.pk), kept.blob.sha256)]


def test_the_pages_lead_from_a_request_to_its_end(cast, engagement, version, client):
    client.force_login(cast.auditor)
    assert "Nothing on the desk yet" in client.get(reverse("desk")).content.decode()
    sent = {
        "engagement": engagement.pk, "title": "Show the drills", "owner": cast.owner.pk, "system": version.home_system.pk,
        "due_on": timezone.localdate() + DUE, "framework": "nist_ai_rmf", "requirement": "GOVERN 1.1",
    }  # fmt: skip
    assert client.post(reverse("desk-new", args=["request"]), {**sent, "requirement": "GOVERN 99"}).status_code == 422
    assert client.post(reverse("desk-new", args=["request"]), sent).status_code == 302
    row = DeskItem.objects.get()
    client.force_login(cast.owner)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "GOVERN 1.1" in page and "Keep the file" in page
    file = SimpleUploadedFile("drill.txt", b"held")
    assert client.post(reverse("desk-attach", args=[row.pk]), {"file": file}).status_code == 302
    assert client.post(reverse("desk-answer", args=[row.pk]), {"answer": "See the file."}).status_code == 302
    client.force_login(cast.auditor)
    assert "drill.txt" in client.get(row.get_absolute_url()).content.decode()
    assert client.post(reverse("desk-close", args=[row.pk]), {"reason": "Seen and read."}).status_code == 302
    assert "Closed" in client.get(reverse("desk")).content.decode()
    client.force_login(cast.outsider)
    assert client.get(row.get_absolute_url()).status_code == 404


def test_a_sample_is_drawn_on_its_page(cast, engagement, version, client):
    client.force_login(cast.auditor)
    sent = {"engagement": engagement.pk, "title": "One", "population": "versions", "size": 1, "seed": "1"}
    page = client.post(reverse("desk-new", args=["sample"]), sent, follow=True).content.decode()
    assert "Drawn again just now, it is the same." in page and str(version) in page


def test_the_form_takes_no_system_and_no_engagement_of_another_unit(cast, engagement, version, client):
    """P11: an id that one may not see is as good as none."""
    there = people.grant_duty(cast.outsider, duty=Duty.AUDITOR, unit=cast.other_unit, actor=cast.administrator)
    client.force_login(cast.auditor)
    sent = {"title": "x", "engagement": engagement.pk, "system": version.home_system.pk}
    for wrong in ({"engagement": there.pk}, {"system": engagement.pk}):
        assert client.post(reverse("desk-new", args=["note"]), {**sent, **wrong}).status_code == 422
    assert not DeskItem.objects.exists()
