"""The REST API as a script uses it: the release path, what a token may do, strict payloads, and its schema."""

import re
import time

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from rest_framework.test import APIClient

from rai.models import CheckRun, Predictions
from registry import cards, jobs
from registry.actions import inventory, people, releases, tokens
from registry.models import AISystem, AuditEntry, Evidence, JobStatus, ModelVersion, Release, Review, SignOff
from tests import factories
from tests.authz.world import make_world
from tests.rai.uploads import COLUMNS, CSV

ROOT = "/api/v1/"
# The scope that reads each noun; None for what no token reads at all.
NEEDED = {
    "units": "models:read", "systems": "models:read", "models": "models:read", "versions": "models:read",
    "reviews": "models:read", "releases": "models:read", "audit": "audit:read", "predictions": "evidence:read",
    "checks": "evidence:read", "evidence": "evidence:read", "assessments": "models:read", "opinions": None,
    "risks": "models:read", "incidents": "models:read", "waivers": "models:read", "reports": "reports:read",
    "packs": "reports:read", "board-packs": "reports:read", "desk-items": "audit:read",
    "plans": "evidence:read", "artifacts": "models:read", "artifact-versions": "models:read",
    "components": "models:read", "comparisons": "models:read", "vendors": "models:read", "datasets": "models:read",
    "dataset-versions": "models:read", "data-uses": "models:read", "data-accesses": "models:read",
    "deployments": "models:read", "policies": "models:read", "conditions": "models:read", "meetings": "models:read",
    "entries": "models:read", "later-runs": "models:read", "frameworks": "reports:read",
    "framework-editions": "reports:read",
}  # fmt: skip
NOUNS = tuple(NEEDED)
GOOD = "Read and found sound."
ASKED = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}


def session(person) -> APIClient:
    """A client with the person's own session."""
    client = APIClient()
    client.force_login(person)
    return client


def bearer(person, unit, *scopes: str) -> APIClient:
    """A client that carries a token of the person with these scopes."""
    _token, secret = tokens.create_token(person, name="Pipeline", scopes=list(scopes or tokens.SCOPES), unit=unit)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture(params=["session", "token"])
def owner(request, cast) -> APIClient:
    """The owner, once with a session and once with a token of all scopes."""
    return session(cast.owner) if request.param == "session" else bearer(cast.owner, cast.unit)


def system_of(cast, **changes) -> dict:
    """A payload that registers a system."""
    return {
        "unit": str(cast.unit.pk), "name": "Card offer", "purpose": "Chooses who receives a card offer by post.",
        "business_owner": cast.owner.email, "technical_owner": cast.owner.email, "risk_tier": "limited", **changes,
    }  # fmt: skip


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """A file as multipart form data carries it."""
    return SimpleUploadedFile(name, content)


def problem_of(answer, status: int) -> dict:
    """The problem document of a refusal."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    return body


# ---- the path


def test_the_path_from_registration_to_review_by_rest(owner, cast):
    """Register, upload, check, gate and submit; jobs are accepted with 202 and wait for a worker."""
    system = owner.post(ROOT + "systems/", system_of(cast), format="json")
    assert system.status_code == 201, system.content
    model = owner.post(ROOT + "models/", {"system": system.json()["id"], "name": "Offer model"}, format="json").json()
    sent = {
        "model": model["id"],
        "version": "1.0.0",
        "artifact": upload("model.txt", b"tree\n"),
        "retirement_date": "2030-01-01",
    }
    version = owner.post(ROOT + "versions/", sent, format="multipart")
    assert version.status_code == 201, version.content
    version = version.json()
    assert version["artifact_hash"].startswith("sha256:")
    assert version["status"] == "draft"

    table = owner.post(
        ROOT + "predictions/", {"version": version["id"], "file": upload("p.csv", CSV)}, format="multipart"
    )
    assert (table.status_code, table.json()["status"]) == (202, "queued")
    read(table.json()["id"])
    asked = {
        "version": version["id"],
        "check_type": "group_fairness",
        "predictions": table.json()["id"],
        "parameters": ASKED,
    }
    run = owner.post(ROOT + "checks/", asked, format="json")
    assert (run.status_code, run.json()["status"]) == (202, "queued")
    assert owner.get(f"{ROOT}checks/{run.json()['id']}/").json()["parameters"]["sensitive"] == ["sex"]

    place = f"{ROOT}versions/{version['id']}/"
    gate = owner.get(place + "gate/").json()
    assert gate["open"] is False
    assert {row["result"] for row in gate["gates"]} <= {"passed", "failed", "insufficient", "waived"}
    refused = problem_of(owner.post(place + "submit/", {"notes": "First release of it."}, format="json"), 400)
    assert "required fields" in refused["detail"]

    text = "Written by a script, long enough to count as filled in whatever field of the card it stands."
    row = ModelVersion.objects.get(pk=version["id"])
    card = owner.put(place + "card/", {f.id: text for f in cards.schema() if f.is_required(row)}, format="json")
    assert card.json()["share"] >= 0.8
    review = owner.post(place + "submit/", {"notes": "First release of it."}, format="json")
    assert review.status_code == 201, review.content
    assert Review.objects.get().subject_digest == review.json()["subject_digest"]
    assert owner.get(place).json()["status"] == "in_review"
    assert AuditEntry.objects.filter(action="version.submitted", actor=cast.owner).count() == 1


def read(pk) -> None:
    """End the reading of the columns as a worker does."""
    job = jobs.claim(Predictions, pk)
    job.rows, job.columns = 2, COLUMNS
    jobs.finish(job)


@pytest.mark.real
@pytest.mark.django_db(transaction=True)
def test_a_check_asked_for_by_rest_ends_with_evidence(start_worker):
    """The whole of it with a real worker: 202, then a verdict and the evidence behind it."""
    cast = factories.make_cast()
    client = bearer(cast.owner, cast.unit, "models:read", "checks:run", "evidence:read")
    version = factories.make_version(cast)
    factories.make_limit(cast, version.home_system, rule="selection_rate_difference<=0.5")
    start_worker()
    rows = "group,label,prediction\n" + "".join(f"{'ab'[n % 2]},{n % 3 == 0:d},{n % 5 == 0:d}\n" for n in range(600))
    table = client.post(
        ROOT + "predictions/", {"version": version.pk, "file": upload("p.csv", rows.encode())}, format="multipart"
    )

    def ended(place: str) -> dict:
        until = time.monotonic() + 60
        while (found := client.get(place).json())["status"] in {"queued", "running"} and time.monotonic() < until:
            time.sleep(0.1)
        return found

    columns = ended(f"{ROOT}predictions/{table.json()['id']}/")
    assert [column["name"] for column in columns["columns"]] == ["group", "label", "prediction"], columns
    asked = {"version": version.pk, "check_type": "group_fairness", "predictions": columns["id"],
             "parameters": {"target": "label", "prediction": "prediction", "sensitive": ["group"]}}  # fmt: skip
    run = ended(f"{ROOT}checks/{client.post(ROOT + 'checks/', asked, format='json').json()['id']}/")
    assert (run["status"], run["verdict"]) == ("finished", "pass"), run
    evidence = client.get(f"{ROOT}evidence/{run['evidence']}/").json()
    assert evidence["outcome"]["thresholds"][0]["rule"] == "selection_rate_difference<=0.5"
    assert evidence["digest"] == evidence["outcome"]["digest"]


# ---- who may what


@pytest.fixture
def review(cast) -> Review:
    """A review that waits for its first sign-off."""
    return releases.submit_for_review(factories.make_releasable(cast), notes="First release.", actor=cast.owner)


def decision(review: Review, duty: str = "risk_officer") -> dict:
    """An approval bound to what is up for decision."""
    return {"duty": duty, "decision": "approve", "reason": GOOD, "subject_digest": review.subject_digest}


def test_the_authors_own_approval_is_refused_in_a_sentence_and_not_recorded(review, cast):
    """P3, R1: also for an owner who holds the duty of a risk officer."""
    people.grant_duty(cast.owner, duty="risk_officer", unit=cast.unit, actor=cast.administrator)
    answer = session(cast.owner).post(f"{ROOT}reviews/{review.pk}/sign-offs/", decision(review), format="json")
    assert "somebody else must decide" in problem_of(answer, 403)["detail"]
    assert not SignOff.objects.exclude(decision="").exists()


def test_two_people_sign_off_and_a_third_publishes_by_session(review, cast):
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.approver, "approver")):
        answer = session(person).post(f"{ROOT}reviews/{review.pk}/sign-offs/", decision(review, duty), format="json")
        assert answer.status_code == 201, answer.content
    place = f"{ROOT}releases/{review.release_id}/"
    why = {"reason": GOOD}
    refused = grant_publisher(cast).post(place + "publish/", why, format="json")
    assert "must publish" in problem_of(refused, 403)["detail"]
    assert "reason" in problem_of(session(cast.publisher).post(place + "publish/"), 400)["errors"]
    published = session(cast.publisher).post(place + "publish/", why, format="json")
    assert published.json()["status"] == "published"
    started = session(cast.publisher).post(
        place + "deployments/", {"environment": "pilot", "region": "eu"}, format="json"
    )
    assert started.status_code == 201


def grant_publisher(cast) -> APIClient:
    """The approver, who now may publish too."""
    factories.grant(cast, cast.approver, "publisher")
    return session(cast.approver)


def test_a_token_never_signs_off(review, cast):
    """A token of all scopes, of the very person whose turn it is."""
    client = bearer(cast.risk_officer, cast.unit)
    problem_of(client.post(f"{ROOT}reviews/{review.pk}/sign-offs/", decision(review), format="json"), 403)
    assert not SignOff.objects.exclude(decision="").exists()


def test_a_token_never_publishes_or_deploys(review, cast):
    client = bearer(cast.publisher, cast.unit)
    for act in ("publish", "deployments"):
        problem_of(client.post(f"{ROOT}releases/{review.release_id}/{act}/", {}, format="json"), 403)
    assert not Release.objects.filter(published_at__isnull=False).exists()


def test_a_token_never_signs_an_assessment(cast):
    world = make_world(cast)
    client = bearer(cast.privacy_officer, cast.unit)
    sent = {"decision": "approve", "opinion": GOOD * 2, "answers_digest": world["assessment"].answers_digest}
    problem_of(client.post(f"{ROOT}opinions/{world['assessment'].pk}/sign/", sent, format="json"), 403)
    assert session(cast.privacy_officer).post(
        f"{ROOT}opinions/{world['assessment'].pk}/sign/", sent, format="json"
    ).json()["status"] == "approved"  # fmt: skip


def test_a_closed_gate_is_a_conflict_that_names_it(cast):
    version = factories.make_releasable(cast, verdict="fail")
    review = releases.submit_for_review(version, notes="First release.", actor=cast.owner)
    answer = session(cast.risk_officer).post(f"{ROOT}reviews/{review.pk}/sign-offs/", decision(review), format="json")
    assert "Checks that the policy asks for" in problem_of(answer, 409)["detail"]


@pytest.mark.parametrize("noun", NOUNS)
def test_a_token_reads_with_its_scope_and_not_with_all_the_others(noun, cast):
    wrong = bearer(cast.auditor, cast.unit, *(set(tokens.SCOPES) - {NEEDED[noun]}))
    if NEEDED[noun]:
        assert bearer(cast.auditor, cast.unit, NEEDED[noun]).get(f"{ROOT}{noun}/").status_code == 200
    problem_of(wrong.get(f"{ROOT}{noun}/"), 403)


def test_a_token_that_reads_does_not_write(cast):
    client = bearer(cast.owner, cast.unit, "models:read")
    problem_of(client.post(ROOT + "systems/", system_of(cast), format="json"), 403)
    assert not AISystem.objects.exists()


def test_a_token_gives_no_more_than_its_owner_may(cast):
    client = bearer(cast.auditor, cast.unit)
    assert "model.create" in problem_of(client.post(ROOT + "systems/", system_of(cast), format="json"), 403)["detail"]


def test_a_token_reaches_nothing_outside_its_unit(cast):
    """Bound to a unit below, it does not see the unit above, whatever its owner sees."""
    below = people.add_unit("Cards", parent=cast.unit, actor=cast.administrator)
    system = factories.make_system(cast)
    client = bearer(cast.owner, below)
    assert client.get(ROOT + "systems/").json()["count"] == 0
    problem_of(client.get(f"{ROOT}systems/{system.pk}/"), 404)
    refused = problem_of(client.post(ROOT + "models/", {"system": system.pk, "name": "M"}, format="json"), 400)
    assert "no such" in refused["errors"]["system"][0]


def test_a_revoked_token_ends_at_once(cast):
    token, secret = tokens.create_token(cast.owner, name="Pipeline", scopes=["models:read"], unit=cast.unit)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.get(ROOT + "systems/").status_code == 200
    tokens.revoke_token(token, actor=cast.owner)
    problem_of(client.get(ROOT + "systems/"), 401)


def test_a_token_is_worth_nothing_once_its_owner_holds_no_duty(cast):
    client = bearer(cast.owner, cast.unit)
    factories.make_system(cast)
    people.end_duty(cast.owner.role_assignments.get(), actor=cast.administrator)
    assert client.get(ROOT + "systems/").json()["count"] == 0


# ---- strangers


def test_an_outsider_finds_nothing_by_any_id(cast):
    """P11: 404 at every address with an id, and nothing in any list."""
    world, client = make_world(cast), session(cast.outsider)
    for noun, name in (("units", "unit"), ("systems", "system"), ("models", "model"), ("versions", "version"),
                       ("reviews", "review"), ("releases", "release"), ("predictions", "predictions"), ("checks", "check"),
                       ("evidence", "evidence"), ("assessments", "assessment"), ("opinions", "assessment"), ("risks", "risk"),
                       ("reports", "report"), ("packs", "pack")):  # fmt: skip
        place = f"{ROOT}{noun}/{world[name].pk}/"
        problem_of(client.get(place), 404)
        for act in ("gate", "card", "file"):
            assert client.get(place + act + "/").status_code == 404, (noun, act)
        for act in ("submit", "sign-offs", "publish", "deployments", "sign", "rate"):
            assert client.post(place + act + "/", {}, format="json").status_code == 404, (noun, act)
        ids = [row["id"] for row in client.get(f"{ROOT}{noun}/?page_size=200").json()["results"]]
        assert str(world[name].pk) not in ids


def test_a_payload_cannot_name_a_thing_of_another_unit(cast):
    """Attack 14: a foreign key leads no further than a page does; the sentence is that of an id of nothing."""
    world, client = make_world(cast), session(cast.outsider)
    before = AuditEntry.objects.count()
    nothing = "00000000-0000-4000-8000-000000000000"
    tries = [
        ("systems/", "unit", cast.unit.pk, system_of(cast), "json"),
        ("models/", "system", world["system"].pk, {"name": "Mine now"}, "json"),
        ("versions/", "model", world["model"].pk, {"version": "9", "artifact": upload("m.txt", b"x")}, "multipart"),
        ("predictions/", "version", world["version"].pk, {"file": upload("p.csv", CSV)}, "multipart"),
        ("checks/", "version", world["version"].pk,
         {"check_type": "group_fairness", "predictions": world["predictions"].pk, "parameters": ASKED}, "json"),
        ("assessments/", "system", world["system"].pk, {}, "json"),
        ("risks/", "system", world["system"].pk,
         {"title": "T", "component": "output", "category": "fairness", "likelihood": 3, "impact": 2}, "json"),
        ("reports/", "version", world["version"].pk, {}, "json"),
        ("packs/", "version", world["version"].pk, {}, "json"),
    ]  # fmt: skip
    for place, field, pk, rest, form in tries:
        answers = []
        for named in (pk, nothing):
            for file in (value for value in rest.values() if hasattr(value, "seek")):
                file.seek(0)
            answers.append(problem_of(client.post(ROOT + place, {**rest, field: named}, format=form), 400))
        assert "no such" in answers[0]["detail"]
        assert field in answers[0]["errors"]
        assert answers[0] == answers[1]
    assert AuditEntry.objects.count() == before


def test_a_check_cannot_run_on_the_predictions_of_another_unit(cast):
    """Own version, somebody else's table."""
    world = make_world(cast)
    people.grant_duty(cast.outsider, duty="author", unit=cast.other_unit, actor=cast.administrator)
    system = inventory.register_system(
        cast.other_unit, name="Claims", purpose="Sorts claims by urgency.", business_owner=cast.outsider,
        technical_owner=cast.outsider, risk_tier="limited", actor=cast.outsider,
    )  # fmt: skip
    own = inventory.register_version(
        inventory.register_model(system, name="Triage", actor=cast.outsider), version="1", artifact=b"x",
        artifact_name="m.txt", actor=cast.outsider,
    )  # fmt: skip
    asked = {
        "version": own.pk,
        "check_type": "group_fairness",
        "predictions": world["predictions"].pk,
        "parameters": ASKED,
    }
    refused = problem_of(session(cast.outsider).post(ROOT + "checks/", asked, format="json"), 400)
    assert "predictions" in refused["errors"]
    assert CheckRun.objects.filter(version=own).count() == 0


# ---- strictness


@pytest.mark.parametrize("key", ["status", "slug", "id", "lifecycle_stage", "created_at", "is_staff", "approved_by"])
def test_a_key_that_is_not_asked_for_is_refused_by_name(key, cast):
    """Attack 16: nothing is assigned by accident."""
    answer = session(cast.owner).post(ROOT + "systems/", system_of(cast, **{key: "x"}), format="json")
    assert list(problem_of(answer, 400)["errors"]) == [key]
    assert not AISystem.objects.exists()


def test_every_writing_address_refuses_a_key_that_it_does_not_know(cast):
    world = make_world(cast)
    version, review, release = world["version"], world["review"], world["release"]
    for person, place in (
        (cast.owner, "systems/"), (cast.owner, "models/"), (cast.owner, "checks/"), (cast.owner, f"versions/{version.pk}/submit/"),
        (cast.owner, "reports/"), (cast.auditor, "packs/"), (cast.risk_officer, f"reviews/{review.pk}/sign-offs/"),
        (cast.publisher, f"releases/{release.pk}/deployments/"), (cast.owner, "versions/"), (cast.owner, "assessments/"),
        (cast.owner, "risks/"), (cast.risk_officer, f"risks/{world['risk'].pk}/rate/"),
        (cast.privacy_officer, f"opinions/{world['assessment'].pk}/sign/"),
    ):  # fmt: skip
        answer = session(person).post(ROOT + place, {"surprise": 1}, format="json")
        assert "surprise" in problem_of(answer, 400)["errors"], place


@pytest.mark.parametrize(
    "body", ["[]", "1", '"text"', "null", "{", '{"unit": {"a": 1}}', '{"unit": "' + "9" * 5000 + '"}', "[" * 500]
)
def test_a_body_of_the_wrong_form_is_a_problem_and_no_error_of_the_program(body, cast):
    answer = session(cast.owner).post(ROOT + "systems/", body, content_type="application/json")
    assert problem_of(answer, 400)["detail"]


@pytest.mark.parametrize("value", [5, ["a"], {"a": 1}, None, "nul \x00 byte"])
def test_a_card_takes_texts_only(value, cast):
    version = factories.make_version(cast)
    answer = session(cast.owner).put(f"{ROOT}versions/{version.pk}/card/", {"overview": value}, format="json")
    problem_of(answer, 400)
    assert version.card is None


def test_a_card_takes_no_field_that_its_schema_lacks(cast):
    version = factories.make_version(cast)
    answer = session(cast.owner).put(f"{ROOT}versions/{version.pk}/card/", {"surprise": "x"}, format="json")
    assert "surprise" in problem_of(answer, 400)["detail"]


@pytest.mark.parametrize("noun", NOUNS)
def test_an_id_of_the_wrong_form_leads_to_nothing(noun, cast):
    problem_of(session(cast.auditor).get(f"{ROOT}{noun}/no-such-thing/"), 404)


@pytest.mark.parametrize("size", ["201", "100000", "200"])
def test_a_page_holds_two_hundred_rows_at_most(size, cast):
    system = factories.make_system(cast)
    for number in range(203):
        inventory.register_model(system, name=f"Model {number}", actor=cast.owner)
    page = session(cast.owner).get(f"{ROOT}models/?page_size={size}").json()
    assert (len(page["results"]), page["count"]) == (200, 203)


@pytest.mark.parametrize("query", ["page_size=0", "page_size=-1", "page_size=x", "page_size=" + "9" * 400])
def test_a_page_size_that_is_none_falls_back(query, cast):
    factories.make_system(cast)
    assert session(cast.owner).get(f"{ROOT}systems/?{query}").json()["count"] == 1


# ---- the schema, and nobody


@pytest.fixture(scope="module")
def schema(tmp_path_factory) -> dict:
    """The schema as its command writes it, any warning of which is an error."""
    file = tmp_path_factory.mktemp("schema") / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def test_the_schema_is_valid_openapi_3_1(schema):
    assert schema["openapi"].startswith("3.1")
    assert {"bearer", "cookieAuth"} <= set(schema["components"]["securitySchemes"])


def test_the_schema_is_handed_out_to_whoever_is_signed_in(cast):
    answer = session(cast.auditor).get(reverse("api-schema"))
    assert answer.status_code == 200
    assert b"openapi: 3.1" in answer.content


def operations(schema: dict) -> list[tuple[str, str]]:
    """Every address and method of the schema, with ids of nothing."""
    return [
        (re.sub(r"\{[^}]+\}", "00000000-0000-4000-8000-000000000000", path), method)
        for path, methods in schema["paths"].items()
        for method in methods
    ]


def test_no_address_answers_who_is_not_known(schema, db):
    """Attack 27: 401 or 403 for nobody and for a made-up token, at every address and method."""
    nobody, forged = APIClient(), APIClient()
    forged.credentials(HTTP_AUTHORIZATION="Bearer gov_" + "0" * 60)
    tried = [*operations(schema), (reverse("api-schema"), "get")]
    assert len(tried) > 40
    for place, method in tried:
        for client in (nobody, forged):
            assert getattr(client, method)(place).status_code in {401, 403}, (place, method)


def test_every_noun_of_the_api_is_in_the_schema(schema):
    assert {path.split("/")[3] for path in schema["paths"]} == {*NOUNS, "lineage", "records"}


def test_a_session_needs_the_token_against_forgery(cast):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    problem_of(client.post(ROOT + "systems/", system_of(cast), format="json"), 403)
    assert not AISystem.objects.exists()


def test_evidence_cannot_be_written_or_deleted_by_rest(cast):
    """Evidence is computed and withdrawn with a reason: a POST asks for a computation and takes no verdict."""
    version = factories.make_submittable(cast)
    client, row = session(cast.owner), Evidence.objects.get(version=version)
    place = f"{ROOT}evidence/{row.pk}/"
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(place, {"verdict": "pass"}, format="json").status_code in {403, 405}
    refused = client.post(ROOT + "evidence/", {"verdict": "pass"}, format="json")
    assert "not known here" in str(problem_of(refused, 400))
    assert Evidence.objects.count() == 1


def test_a_job_that_waits_hands_out_no_file(cast):
    world = make_world(cast)
    answer = session(cast.auditor).get(f"{ROOT}packs/{world['pack'].pk}/file/")
    assert world["pack"].status == JobStatus.QUEUED
    assert "queued" in str(answer.json())
    assert answer.status_code in {400, 409}
