"""Packs of a system, a unit and an engagement: what they hold, for whom, over which period, under which names."""

import json
import random
import resource
from base64 import b64decode
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from rai.models import CheckRun, Predictions
from registry import blobs, jobs
from registry.actions import people
from registry.audit import checkpoints, log, merkle
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Duty, JobStatus, RoleAssignment
from reports import desk, pack as container
from reports.models import Pack
from reports.packs import building
from reports.packs.actions import may_take, request_wide_pack
from reports.verifier import verify
from risk import actions as risks
from tests import factories
from tests.reports.sample_packs import unpacked
from tests.risk import steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(settings, tmp_path):
    """A key of the test's own."""
    settings.KEY_DIR = tmp_path / "keys"


def built(row: Pack) -> dict[str, bytes]:
    """The members of a pack, built as a worker builds it and accepted by its verifier."""
    job = jobs.claim(Pack, row.pk)
    building.build_pack(job)
    job.refresh_from_db()
    content = job.blob.read()
    assert job.status == JobStatus.FINISHED and verify.problems(content, job.key_fingerprint) == []
    return unpacked(content)


def rows_of(members: dict[str, bytes], table: str) -> list[dict]:
    """The rows of a table in a pack."""
    return [json.loads(line) for line in members.get(f"rows/{table}.jsonl", b"").splitlines()]


@pytest.fixture
def story(cast, keys):
    """A version with evidence and a review, a risk and an incident; and a system of another unit."""
    version = factories.make_releasable(cast)
    factories.make_risk(cast, version.home_system)
    incident = steps.reported(cast, version.home_system, version=version)
    risks.manage_incident(incident, note="Rita Risk called the vendor.", actor=cast.risk_officer)
    return version


@pytest.mark.both
def test_a_pack_of_a_system_holds_every_row_that_the_log_tells_of_it(story, cast):
    """S-186, P4: records, results, decisions and log, each row with the digest that its last entry has."""
    members = built(request_wide_pack(story.home_system, actor=cast.risk_officer, shows_people=True))
    for table in ("registry.AISystem", "registry.ModelVersion", "registry.Evidence", "registry.ModelCard", "risk.Risk",
                  "risk.Incident", "registry.Model"):  # fmt: skip
        assert rows_of(members, table), table
    digests = {
        line["seq"]: json.loads(__import__("base64").b64decode(line["header"]))["object_digest"]
        for line in map(json.loads, members["audit.jsonl"].splitlines())
    }
    for table in [name for name in members if name.startswith("rows/")]:
        for line in map(json.loads, members[table].splitlines()):
            assert line["digest"] == digests[line["entry"]]
    index = json.loads(members["pack.json"])
    assert index["format"] == 2 and index["counts"]["entries"] == len(digests)
    assert json.loads(members[f"frameworks/{story.home_system.pk}/nist_ai_rmf.json"])["framework"]


def predictions(version, cast, number):
    """Rows that a check would read; nobody reads them here."""
    row = Predictions(version=version, blob=blobs.store(b"a,b\n%d,1\n" % number, "text/csv"), requested_by=cast.owner)
    row.save()
    log.record(cast.owner, "predictions.uploaded", row)
    return row


def test_every_check_run_of_the_log_is_in_the_pack_whatever_became_of_it(story, cast, seed, amount):
    """P9: failed, cancelled and replaced ones among them; the pack and the log name the same rows."""
    draw = random.Random(seed)
    for number in range(amount(300) // 10 + 2):
        run = CheckRun(
            version=story, slug="group_fairness", predictions=predictions(story, cast, number), requested_by=cast.owner
        )
        run.save()
        log.record(cast.owner, "check.requested", run)
        claimed = jobs.claim(CheckRun, run.pk)
        if draw.random() < 0.5:
            jobs.fail(claimed, "The rows could not be read.")
    members = built(request_wide_pack(story.home_system, actor=cast.auditor))
    logged = AuditEntry.objects.filter(object_type="rai.CheckRun").values_list("object_id", flat=True)
    assert {row["id"] for row in rows_of(members, "rai.CheckRun")} == {str(pk) for pk in logged}


def test_a_pack_of_a_unit_holds_all_below_it_and_nothing_beside_it(story, cast):
    elsewhere = people.invite("o2@bank.example", name="O", unit=cast.other_unit, duty=Duty.TECHNICAL_OWNER,
                              actor=cast.administrator)  # fmt: skip
    members = built(request_wide_pack(cast.unit, actor=cast.auditor))
    assert [row["id"] for row in rows_of(members, "registry.AISystem")] == [str(story.home_system.pk)]
    whole = b"".join(members.values())
    assert str(elsewhere.pk).encode() not in whole and str(cast.other_unit.pk).encode() not in whole


def test_a_period_leaves_out_what_happened_outside_it(story, cast):
    tomorrow = timezone.localdate() + timedelta(days=1)
    row = request_wide_pack(story.home_system, actor=cast.auditor, until=timezone.localdate())
    assert rows_of(built(row), "registry.Evidence")
    row = request_wide_pack(story.home_system, actor=cast.auditor)
    row.since = tomorrow  # as if today lay before the period
    row.save()
    members = built(row)
    assert rows_of(members, "registry.AISystem") and not rows_of(members, "registry.Evidence")
    assert members["audit.jsonl"] == b""


def test_people_have_other_names_in_each_pack_and_their_words_in_the_log_are_left_out(story, cast):
    """S-177: an export masks people; the map is the salt, which stays in the database."""
    first, second = (built(request_wide_pack(cast.unit, actor=cast.auditor)) for _ in range(2))
    whole = b"".join(content for name, content in first.items() if name != "verify.py")
    for person in cast.everyone().values():
        assert person.name.encode() not in whole and person.email.encode() not in whole
    assert b"person-" in first["rows/risk.IncidentNote.jsonl"]
    assert all("body" not in json.loads(line) for line in first["audit.jsonl"].splitlines())

    def owner(members):
        return rows_of(members, "registry.AISystem")[0]["values"]["technical_owner"]

    assert owner(first).startswith("person-") and owner(first) != owner(second)
    assert Pack.objects.first().salt.encode() not in whole


def test_an_auditor_gets_names_only_where_the_engagement_says_so(story, cast):
    """S-177"""
    with pytest.raises(NotAllowed, match="only where the engagement says so"):
        request_wide_pack(cast.unit, actor=cast.auditor, shows_people=True)
    named = request_wide_pack(cast.unit, actor=cast.risk_officer, shows_people=True)
    assert may_take(cast.risk_officer, named) and not may_take(cast.auditor, named)


@pytest.mark.parametrize("raw", [True, False])
def test_a_pack_of_an_engagement_has_its_unit_its_days_and_its_rule_about_names(story, cast, raw):
    """S-111"""
    person = people.invite("ext@audit.example", name="Eva Extern", unit=cast.other_unit, duty=Duty.TECHNICAL_OWNER,
                           actor=cast.administrator)  # fmt: skip
    end = timezone.localdate() + timedelta(days=30)
    duty = people.engage_auditor(person, unit=cast.unit, ends_on=end, include_raw_data=raw, actor=cast.administrator)
    row = request_wide_pack(duty, actor=person)
    assert (row.of_unit, row.since, row.until, row.shows_people) == (cast.unit, duty.starts_on, end, raw)
    index = json.loads(built(row)["pack.json"])
    assert index["scope"].startswith("engagement in unit") and (index["people"] == "named") is raw


@pytest.mark.parametrize("who", ["owner", "publisher", "outsider", "approver", "privacy_officer"])
def test_who_may_not_read_all_that_it_tells_gets_no_wide_pack(story, cast, who):
    """P11: a publisher packs a version, and reads no incidents."""
    with pytest.raises(NotAllowed):
        request_wide_pack(cast.unit, actor=getattr(cast, who))


def test_a_period_that_ends_before_it_begins_or_lies_ahead_is_refused(story, cast):
    today = timezone.localdate()
    with pytest.raises(BadInput, match="ends before it begins"):
        request_wide_pack(cast.unit, actor=cast.auditor, since=today, until=today - timedelta(days=1))
    with pytest.raises(BadInput, match="future"):
        request_wide_pack(cast.unit, actor=cast.auditor, since=today + timedelta(days=2))


@pytest.mark.both
def test_the_proofs_lead_from_each_entry_to_the_root_of_the_checkpoint(story, cast):
    """P1, P4, S-175: the note is the newest checkpoint; every entry that it holds is proved to be in the chained log."""
    note = checkpoints.make()
    members = built(request_wide_pack(story.home_system, actor=cast.auditor))
    assert members["checkpoint.note"] == note.note.encode()
    entries = {
        line["seq"]: bytes.fromhex(line["leaf"]) for line in map(json.loads, members["audit.jsonl"].splitlines())
    }
    proved = [json.loads(line) for line in members["proofs.jsonl"].splitlines()]
    assert {line["seq"] for line in proved} == {seq for seq in entries if seq <= note.size} and proved
    for line in proved:
        path = [b64decode(step) for step in line["path"]]
        assert merkle.proves_inclusion(entries[line["seq"]], line["seq"] - 1, note.size, path, bytes(note.root))


def test_the_crate_lists_every_file_by_the_rules_of_ro_crate(story, cast):
    """RO-Crate 1.1: descriptor, root data set, flat graph of unique ids, every part described."""
    members = built(request_wide_pack(story.home_system, actor=cast.auditor))
    crate = json.loads(members["ro-crate-metadata.json"])
    graph = {item["@id"]: item for item in crate["@graph"]}
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context" and len(graph) == len(crate["@graph"])
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert descriptor["conformsTo"]["@id"] == "https://w3id.org/ro/crate/1.1" and descriptor["about"]["@id"] == "./"
    assert {"name", "description", "datePublished", "license", "hasPart"} <= root.keys()
    outside = {verify.MANIFEST, "HOWTO.txt", "verify.py", "ro-crate-metadata.json", *verify.SIGNATURE_MEMBERS}
    assert {part["@id"] for part in root["hasPart"]} == {name for name in members if name not in outside}
    for part in root["hasPart"]:
        file = graph[part["@id"]]
        assert file["@type"] == "File" and int(file["contentSize"]) == len(members[file["name"]])


def test_a_draft_larger_than_memory_lies_on_the_disk(tmp_path):
    """P14: 300 MB go through a pack in less than 60 MB of memory."""
    key = desk.signing.ensure_key(tmp_path / "keys")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with container.Draft(tmp_path) as draft, (tmp_path / "pack.zip").open("w+b") as file:
        draft.put("large.bin", (bytes(1 << 20) for _ in range(300)))
        container.write_draft(draft, file, key=key, predicate={}, verifier_source=b"")
        assert file.tell() > 300 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


@pytest.mark.parametrize("key", ["system", "unit", "engagement"])
def test_the_api_takes_one_subject_and_none_of_another_unit(story, cast, client, key):
    """P11: a stranger's id is as good as none."""
    held = RoleAssignment.objects.get(person=cast.auditor)
    own = {"system": story.home_system, "unit": cast.unit, "engagement": held}
    factories.grant(cast, cast.outsider, Duty.AUDITOR, unit=cast.other_unit)
    for person, status in ((cast.outsider, 400), (cast.auditor, 202)):
        client.force_login(person)
        sent = {key: str(own[key].pk), "until": "2030-01-01"}
        answer = client.post("/api/v1/packs/", sent, content_type="application/json")
        assert answer.status_code == status, answer.content
    both = {"system": str(story.home_system.pk), "unit": str(cast.unit.pk)}
    assert client.post("/api/v1/packs/", both, content_type="application/json").status_code == 400


def test_the_page_and_the_api_ask_for_wide_packs_and_hand_them_out(story, cast, client):
    client.force_login(cast.auditor)
    assert "Ask for a pack of more" in client.get(reverse("packs")).content.decode()
    asked = client.post(reverse("packs"), {"subject": f"unit:{cast.unit.pk}", "language": "en"})
    row = Pack.objects.get()
    assert asked.status_code == 302 and row.of_unit == cast.unit
    built(row)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "under names of this pack alone" in page
    assert client.get(reverse("pack-file", args=[row.pk])).status_code == 200
    client.force_login(cast.outsider)
    assert client.get(row.get_absolute_url()).status_code == 404
