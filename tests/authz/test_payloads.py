"""Payloads: a key that is not known is refused, and an id of another unit is as good as none, in forms and by REST."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from rest_framework import serializers

from registry.actions import comparisons, datasets, hearing, inventory, people, pipeline_steps
from registry.models import AuditEntry, Deployment, Duty, Release, User
from registry.rest import Strict
from reports.forms import ScopeForm
from reports.imported import actions as frameworks
from risk.actions import assessments
from tests import factories
from tests.authz.test_addresses import THINGS
from tests.authz.test_routes import REASON, patterns, routes
from tests.authz.world import make_world
from tests.policies.writing import governors
from tests.rai import plans
from tests.rai.test_reported import posted as reported
from tests.rai.uploads import read_table
from tests.registry import ending, supply
from tests.registry.test_intake import ANSWERS
from tests.reports import catalogues
from tests.risk import steps

OWN = ("registry", "risk", "rai", "reports")


def below(kind: type) -> list[type]:
    """Every class of the product that derives from this one."""
    found = [one for sub in kind.__subclasses__() for one in (sub, *below(sub))]
    return [one for one in dict.fromkeys(found) if one.__module__.split(".")[0] in OWN]


# ---- keys that are not known


@pytest.fixture
def world(cast):
    """A row of every kind in the lending unit."""
    return make_world(cast)


# Who may do the act of each address that takes a payload; the lending unit's owner where nobody is named.
ACTORS = {
    "api-reviews-sign-offs": "risk_officer", "api-releases-publish": "publisher", "api-packs-list": "auditor",
    "api-incidents-manage": "risk_officer", "api-incidents-close": "risk_officer",
    "api-later-runs-decide": "risk_officer", "api-deployments-step": "publisher",
    "api-deployments-redeploy": "publisher", "api-incidents-reopen": "risk_officer", "api-releases-deployments": "publisher", "api-opinions-sign": "privacy_officer", "api-audit-witness": "administrator",
}  # fmt: skip
AS_FORM = {"api-predictions-list", "api-versions-list"}  # they carry files
THING_OF_NOUN = {**THINGS, "opinions": "assessment", "artifact": "artifact_version", "framework-editions": "edition"}


def brought(cast):
    """A framework that somebody brought; it binds every unit, so that the world of one has none."""
    given = {"file": "house.json", "slug": "house_controls", "reason": REASON, "actor": governors(cast)["author"]}
    return frameworks.bring(content=catalogues.text(catalogues.OSCAL), **given)


def test_every_payload_of_the_api_refuses_a_key_that_it_does_not_know(world, cast, client):
    """B, bad input: 400 that names the key, not ignored; and nothing is changed."""
    wrong, tried, world = [], 0, {**world, "edition": brought(cast)}
    for one in patterns():
        for method in set(getattr(one.callback, "actions", None) or ()) & {"post", "put", "patch"}:
            first, *rest = one.name.split("-")[1:]
            noun = next((word for word in ("-".join((first, *rest[:1])), first) if word in THING_OF_NOUN), first)
            pk = world[THING_OF_NOUN[noun]].pk if noun in THING_OF_NOUN else ""
            url = "/api/v1/" + str(one.pattern).strip("^").replace("/?$", "/").replace("(?P<pk>[^/.]+)", str(pk))
            client.force_login(getattr(cast, ACTORS.get(one.name, "owner")))
            before = AuditEntry.objects.count()
            as_json = {} if one.name in AS_FORM else {"content_type": "application/json"}
            answer = getattr(client, method)(url, {"nonsense": 1}, **as_json)
            tried += 1
            told = answer.status_code == 400 and "nonsense" in answer.json().get("errors", {})
            if not told or AuditEntry.objects.count() != before:
                wrong.append((one.name, method, answer.status_code, answer.content[:200]))
    assert wrong == []
    assert tried == sum(route.name.startswith("api-") and route.method != "GET" for route in routes())


def test_every_serializer_that_takes_a_payload_is_strict():
    """One that is not would ignore what it does not know."""
    lax = [
        one for one in below(serializers.Serializer)
        if not issubclass(one, Strict | serializers.ModelSerializer) and one.__name__.endswith(("Payload", "Query"))
    ]  # fmt: skip
    assert lax == []
    writable = [
        f"{one.__name__}.{name}" for one in below(serializers.ModelSerializer)
        for name, field in one().fields.items() if not field.read_only
    ]  # fmt: skip
    assert writable == [], "rows are shown by these and never made"


# ---- ids of another unit


@dataclass(frozen=True)
class Two:
    """The same kinds of rows in two units, and somebody with every duty that makes things in one of them."""

    person: User
    officer: User
    administrator: User
    here: dict[str, Any]
    there: dict[str, Any]


def rows_of(cast, unit, owner: User) -> dict[str, Any]:
    """A system, a model, a version, a table, data, an assessment, and what comes from others, in a unit."""
    system = inventory.register_system(
        unit, name=f"System of {unit}", purpose="Sorts letters by the department that answers them.",
        business_owner=owner, technical_owner=owner, risk_tier="limited", processes_personal_data=True, actor=owner,
    )  # fmt: skip
    model = inventory.register_model(system, name=f"Model of {unit}", actor=owner)
    version = inventory.register_version(
        model, version="1", artifact=f"bytes of {unit}".encode(), artifact_name="m.txt", actor=owner
    )
    dataset = datasets.register_dataset(unit, name=f"Data of {unit}", actor=owner)
    data = datasets.register_dataset_version(
        dataset, version="1", hash="sha256:" + "e" * 64, use="training", actor=owner
    )
    local = factories.Cast(**{**vars(cast), "unit": unit, "owner": owner})
    plan = plans.in_force(local, version, role="test", cadence="half_yearly")
    return {"plan": plan, "unit": unit, "system": system, "model": model, "version": version, "data": data,
            "step": pipeline_steps.add_step(data, name="Store", code_digest=data.hash, output_digest=data.hash, actor=owner),
            "dataset": dataset, "predictions": read_table(local, version), "risk": steps.registered(local, system, title=f"Risk of {unit}"),
            "deployment": running(version, owner), "incident": steps.reported(local, system), "of_unit": unit,
            "outside_report": hearing.receive(sort="incident", place="Letters", text="One went astray.", system=system, actor=owner),
            "successor": inventory.register_version(model, version="1.1", artifact=b"next", artifact_name="m.txt", actor=owner),
            **supplied(local, version)}  # fmt: skip


def supplied(local: factories.Cast, version: Any) -> dict[str, Any]:
    """A vendor, a component, a comparison of two others for another system, and a version of that system."""
    elsewhere = factories.make_version(local)
    comparison = comparisons.start_comparison(
        version.home_system, title="Model for letters", need="Drafts of letters.", criteria=["price"], actor=local.owner
    )
    first, _second = (
        comparisons.add_candidate(comparison, thing=thing, values={}, actor=local.owner)
        for thing in (supply.proposed_component(local), elsewhere)
    )
    return {"vendor": supply.proposed_vendor(local), "component": supply.proposed_component(local),
            "comparison": comparison, "candidate": first, "elsewhere": elsewhere}  # fmt: skip


def running(version: Any, owner: User) -> Deployment:
    """A deployment, put there as rows of a test: how it came to be is not what these tests are about."""
    release = Release(system=version.home_system, version=version, author=owner, status=Release.Status.PUBLISHED)
    release.save()
    row = Deployment(release=release, environment="pilot", region="eu")
    row.save()
    return row


@pytest.fixture
def two(cast, settings) -> Two:
    """Lending and insurance."""
    settings.WEBHOOK_HOSTS = ["hooks.bank.example"]
    here = factories.invite("here", "Hanna Here", Duty.TECHNICAL_OWNER, cast.unit, cast.administrator)
    there = factories.invite("there", "Theo There", Duty.TECHNICAL_OWNER, cast.other_unit, cast.administrator)
    local = people.invite("local@bank.example", name="Lars Local", unit=cast.unit, duty=Duty.ADMINISTRATOR,
                          actor=cast.administrator)  # fmt: skip
    people.confirm_duty(local.role_assignments.get(), actor=cast.risk_officer)
    cast_there = factories.Cast(**{**vars(cast), "risk_officer": cast.outsider})
    return Two(
        here, cast.risk_officer, local, rows_of(cast, cast.unit, here), rows_of(cast_there, cast.other_unit, there)
    )


@dataclass(frozen=True)
class Posted:
    """A payload: where, what, which of its keys name rows of a unit, and who sends it."""

    url: str
    data: dict[str, Any]
    keys: tuple[str, ...]
    person: User
    names: str  # the forms or payloads and their fields that this tries


def api(two: Two, rows: dict[str, Any], noun: str, data: dict[str, Any], *names: str) -> Posted:
    """A POST to a noun of the API."""
    keys = tuple(name for name in data if name in rows)
    values = {name: str(getattr(value, "pk", value)) if name in rows else value for name, value in data.items()}
    return Posted(f"/api/v1/{noun}/", values, keys, two.person, " ".join(names))


def happened() -> dict[str, Any]:
    """What a report of an incident says besides with which system it happened."""
    return {"title": "Outage", "kind": "outage", "severity": "low", "description": REASON,
            "detected_at": "2026-01-02T03:04:00Z"}  # fmt: skip


def soon() -> str:
    """A day of the next month, as payloads carry it."""
    return str(timezone.localdate() + timedelta(days=20))


def api_payloads(two: Two, rows: dict[str, Any]) -> list[Posted]:
    """Every payload of the API that names rows by their ids."""
    r = rows
    asked = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
    mails = {"business_owner": two.person.email, "technical_owner": two.person.email}
    risk = {"title": "Something", "component": "output", "category": "fairness", "likelihood": 2, "impact": 2}
    return [
        api(two, r, "systems", {"unit": r["unit"], "name": "New", "purpose": REASON, "risk_tier": "limited", **mails}, "SystemPayload.unit"),
        api(two, r, "models", {"system": r["system"], "name": "New"}, "ModelPayload.system"),
        api(two, r, "artifacts", {"unit": r["unit"], "name": "New", "artifact_type": "prompt"}, "ArtifactPayload.unit"),
        api(two, r, "checks", {"version": r["version"], "check_type": "group_fairness", "predictions": r["predictions"],
                               "parameters": asked}, "CheckPayload.version", "CheckPayload.predictions"),
        api(two, r, f"plans/{two.here['plan'].pk}/runs", {"predictions": r["predictions"]}, "PlanRunPayload.predictions"),
        api(two, r, "reports", {"version": r["version"], "kind": "compliance"}, "ReportPayload.version"),
        api(two, r, "reports", {"incident": r["incident"]}, "ReportPayload.incident"),
        replace(api(two, r, "reports", {"unit": r["unit"]}, "ReportPayload.unit"), person=two.officer),
        replace(api(two, r, "board-packs", {"unit": r["unit"]}, "BoardPackPayload.unit"), person=two.officer),
        api(two, r, "packs", {"version": r["version"]}, "PackPayload.version"),
        api(two, r, "assessments", {"system": r["system"]}, "AssessmentPayload.system"),
        *(api(two, r, "incidents", {**happened(), **{key: r[key] for key in ("system", *more)}}, *names)
          for more, names in ((("version",), ("IncidentPayload.system", "IncidentPayload.version")),
                              (("deployment",), ("IncidentPayload.deployment",)))),
        replace(api(two, r, f"incidents/{two.here['incident'].pk}/manage", {"risk": r["risk"], "note": REASON},
                    "IncidentChanges.risk"), person=two.officer),
        api(two, r, "waivers", {"version": r["version"], "gate": "card", "owner": two.person.email, "reason": REASON,
                                "compensating_controls": REASON, "expires_on": soon()}, "WaiverPayload.version"),
        replace(api(two, r, "risks", {"system": r["system"], **risk}, "RiskPayload.system"), keys=("system",)),
        api(two, r, "datasets", {"unit": r["unit"], "name": "New data"}, "DatasetPayload.unit"),
        Posted("/api/v1/dataset-versions/", {"dataset": str(r["dataset"].pk), "version": "2", "use": "test",
               "hash": "sha256:" + "1" * 64}, ("dataset",), two.person, "DatasetVersionPayload.dataset"),
        api(two, r, "data-accesses", {"dataset": r["dataset"], "system": r["system"], "environment": "test",
            "people": "The letters team", "purpose": "To try new letters.", "ends_on": soon()},
            "DataAccessPayload.dataset", "DataAccessPayload.system"),
        api(two, r, "evidence", {"version": r["version"], "check": "doc.lineage_completeness"},
            "RecordCheckPayload.version"),
        api(two, r, "evidence/reported", {**reported(r["version"]), "version": r["version"]}, "ReportedPayload.version"),
        *supply_payloads(two, r),
    ]  # fmt: skip


def supply_payloads(two: Two, rows: dict[str, Any]) -> list[Posted]:
    """Those about what comes from others."""
    r, here = rows, f"comparisons/{two.here['comparison'].pk}"
    component = {"component_type": "model", "provider": "Aurora", "name": "aurora-new", "version": "4"}
    return [
        api(two, r, "vendors", {"unit": r["unit"], "name": "New", "services": "A model", "criticality": "low"},
            "VendorPayload.unit"),
        replace(api(two, r, "components", {"unit": r["unit"], "vendor": r["vendor"], **component},
                    "ComponentPayload.unit", "ComponentPayload.vendor"), keys=("unit", "vendor")),
        api(two, r, f"versions/{two.here['version'].pk}/components",
            {"component": r["component"], "use": "internal", "data_class": "internal"}, "UsePayload.component"),
        api(two, r, "comparisons", {"system": r["system"], "title": "New", "need": "Letters", "criteria": ["price"]},
            "ComparisonPayload.system"),
        *(api(two, r, f"{here}/candidates", {key: r[key]}, f"CandidatePayload.{key}") for key in ("component", "version")),
        api(two, r, f"{here}/choose", {"candidate": r["candidate"], "reason": REASON}, "ChoicePayload.candidate"),
    ]  # fmt: skip


# Sent as forms, or of a row that can be there once only: tried below.
APART_FROM_THOSE = {"VersionPayload.model", "PredictionsPayload.version", "ReportPayload.assessment"}
ELSEWHERE = {
    "PackPayload.system", "PackPayload.unit", "PackPayload.engagement",  # tests/reports/packs/test_wide_packs.py
    "FactsPayload.agreement", "DatasetVersionPayload.agreement",  # tests/registry/test_data_terms_of_sources.py
    "PublishPayload.rollback_to",  # tests/registry/test_running.py
    "QuestionPayload.parent", "AnswerPayload.question",  # tests/registry/reviews/test_api.py
}  # fmt: skip


def test_every_id_in_a_payload_of_the_api_is_tried_here(two):
    tried = {name for one in api_payloads(two, two.here) for name in one.names.split()} | APART_FROM_THOSE | ELSEWHERE
    there = {
        f"{one.__name__}.{name}" for one in below(Strict) for name, field in one().fields.items()
        if isinstance(field, serializers.UUIDField | serializers.RelatedField)
    }  # fmt: skip
    assert tried == there


def sent(posted: Posted, **swapped: Any) -> tuple[int, str, int]:
    """Status, text and number of entries that a payload led to; bytes are sent as a file."""
    client, before = Client(), AuditEntry.objects.count()
    client.force_login(posted.person)
    data = {
        name: SimpleUploadedFile("f.csv", value) if isinstance(value, bytes) else value
        for name, value in {**posted.data, **swapped}.items()
    }
    if posted.url.startswith("/api/"):
        answer = client.post(posted.url, data, content_type="application/json")
    else:
        answer = client.post(posted.url, data)
    return answer.status_code, answer.content.decode(), AuditEntry.objects.count() - before


def test_an_id_of_another_unit_in_a_payload_of_the_api_is_refused_like_one_that_is_not_there(two):
    """Attack 14: each id swapped for one of the other unit; the same sentence as for an id of nothing, and no change."""
    nothing = "00000000-0000-4000-8000-000000000000"
    for posted in api_payloads(two, two.here):
        for key in posted.keys:
            foreign = sent(posted, **{key: str(two.there[key].pk)})
            assert foreign == sent(posted, **{key: nothing}), (posted.url, key)
            assert (foreign[0], foreign[2]) == (400, 0), (posted.url, key, foreign)
            assert f'"{key}"' in foreign[1]
    for posted in api_payloads(two, two.here):
        if not posted.url.endswith("/packs/"):  # an owner takes no packs
            assert sent(posted)[0] in {200, 201, 202}, posted.url


def test_a_report_on_an_assessment_of_another_unit_is_refused(two):
    """Attack 14: like one on an assessment that is not there; an own one is taken."""
    rows = [assessments.start_assessment(rows["system"], actor=rows["system"].technical_owner)
            for rows in (two.here, two.there)]  # fmt: skip
    own = Posted("/api/v1/reports/", {"assessment": str(rows[0].pk)}, ("assessment",), two.person, "")
    foreign = sent(own, assessment=str(rows[1].pk))
    assert foreign == sent(own, assessment="00000000-0000-4000-8000-000000000000")
    assert (foreign[0], foreign[2]) == (400, 0)
    assert sent(own)[0] == 202


def test_a_file_for_something_of_another_unit_is_refused(two, client):
    client.force_login(two.person)
    for url, key, data in (
        ("/api/v1/versions/", "model", {"version": "2", "artifact": b"bytes two"}),
        ("/api/v1/predictions/", "version", {"file": b"y,yhat\n1,1\n", "role": "test"}),
    ):
        for rows, status in ((two.there, 400), (two.here, 201)):
            files = {
                name: SimpleUploadedFile("f.csv", value) if isinstance(value, bytes) else value
                for name, value in data.items()
            }
            before = AuditEntry.objects.count()
            answer = client.post(url, {**files, key: str(rows[key].pk)})
            assert answer.status_code in {status, 202}, answer.content
            assert (AuditEntry.objects.count() > before) == (rows is two.here)


def form(url: str, sender: User, keys: dict[str, Any], names: str, /, **data: Any) -> Posted:
    """A form of a page."""
    return Posted(url, {**data, **{name: value.pk for name, value in keys.items()}}, tuple(keys), sender, names)


def form_payloads(two: Two) -> list[Posted]:
    """Every form that names rows of a unit by their ids."""
    here, me, boss = two.here, two.person, two.administrator
    version, system = here["version"], here["system"]
    owners = {"business_owner": me.pk, "technical_owner": me.pk, "risk_tier": "limited"}
    risk = {"title": "Something", "component": "output", "category": "fairness", "likelihood": 2, "impact": 2}
    day = "2030-01-01"
    return [
        form("/systems/new/", me, {"unit": here["unit"]}, "NewSystemForm.unit", name="New", purpose=REASON, **owners),
        form("/artifacts/new/", me, {"unit": here["unit"]}, "ArtifactForm.unit", name="New", artifact_type="prompt"),
        form("/datasets/new/", me, {"unit": here["unit"]}, "DatasetForm.unit", name="New"),
        form("/intake/", me, {"unit": here["unit"]}, "IntakeForm.unit Named.unit", name="New", purpose="Plans lorries.",
             **owners, **ANSWERS),
        form("/found-uses/", me, {"unit": here["unit"]}, "NoteForm.unit", names="Chat by a vendor", source="import"),
        form("/people/invite/", boss, {"unit": here["unit"]}, "InviteForm.unit DutyForm.unit", email="n@bank.example",
             name="Nia New", duty="author"),
        form(f"/people/{me.pk}/grant/", boss, {"unit": here["unit"]}, "GrantForm.unit", duty="author"),
        form("/auditors/engage/", boss, {"unit": here["unit"]}, "EngagementForm.unit", person=me.pk, ends_on=day),
        form("/units/add/", boss, {"parent": here["unit"]}, "UnitForm.parent", name="Newest"),
        form("/tokens/create/", me, {"unit": here["unit"]}, "TokenForm.unit", name="T", scopes=["models:read"], days=9),
        form(f"/systems/{system.pk}/assess/", me, {"version": version}, "StartForm.version"),
        form("/risks/new/", me, {"system": system}, "RiskForm.system", owner=me.pk, source="audit", measurable="on",
             **risk),
        *(form(f"/systems/{system.pk}/report-incident/", me, {key: here[key]}, f"IncidentForm.{key}",
               **{**happened(), "detected_at": "2026-01-02T03:04"}) for key in ("version", "deployment")),
        *(form(f"/outside-reports/{here['outside_report'].pk}/take-up/", two.officer, {key: here[key]}, f"TakeUpForm.{key}",
               **{**happened(), "system": system.pk, "detected_at": "2026-01-02T03:04"})
          for key in ("system", "version", "deployment")),
        form(f"/incidents/{here['incident'].pk}/manage/", two.officer, {"risk": here["risk"]}, "ManageForm.risk",
             status="contained", severity="low", note=REASON),
        form(f"/incidents/{here['incident'].pk}/manage/", two.officer, {"version": version}, "ManageForm.version",
             status="contained", severity="low", note=REASON),
        form("/maturity/new/", two.officer, {"unit": here["unit"]}, "UnitForm.unit"),
        form("/report/", me, {"system": system}, "ReportForm.system", sort="flag", text=REASON),
        form("/unit-reports/", two.officer, {"unit": two.here["unit"]}, "UnitReportForm.unit", kind="unit_compliance",
             language="en"),
        form("/board-packs/", two.officer, {"unit": two.here["unit"]}, "BoardPackForm.unit", language="en"),
        form("/reports/", me, {"version": version}, "ReportOnForm.version", kind="compliance", language="en"),
        form(f"/versions/{version.pk}/checks/", me, {"predictions": here["predictions"]}, "CheckForm.predictions",
             check="group_fairness", target="y", prediction="yhat", sensitive="sex", positive="1", intersections="1",
             min_group="30"),
        *ending_forms(two), *supply_forms(two), *data_forms(two),
        form("/webhooks/add/", boss, {"unit": here["unit"]}, "WebhookForm.unit", name="Chat",
             url="https://hooks.bank.example/"),
    ]  # fmt: skip


def ending_forms(two: Two) -> list[Posted]:
    """Forms about ends and about who uses what ends."""
    here, me = two.here, two.person
    version, users = here["version"], "/versions/{}/retirement/users/new/"
    return [
        form(f"/versions/{version.pk}/retirement/dates/", me, {"successor": here["successor"]}, "EndDatesForm.successor",
             retirement_date="2030-01-01"),
        form(users.format(version.pk), me, {"of_unit": here["of_unit"]}, "ConsumerForm.of_unit", person=me.pk),
        form(users.format(here["elsewhere"].pk), me, {"system": here["system"]}, "ConsumerForm.system"),
        form("/vendor-ends/import/", me, {"unit": here["unit"]}, "ListForm.unit", file=ending.vendor_list(here["elsewhere"])),
    ]  # fmt: skip


def data_forms(two: Two) -> list[Posted]:
    """Forms about the use of data."""
    here, me = two.here, two.person
    asks = {"environment": "test", "people": "The letters team", "purpose": "To try new letters.", "ends_on": soon()}
    return [
        form("/data-accesses/new/", me, {"dataset": here["dataset"]}, "RequestAccessForm.dataset",
             system=here["system"].pk, **asks),
        form("/data-accesses/new/", me, {"system": here["system"]}, "RequestAccessForm.system",
             dataset=here["dataset"].pk, **asks),
        form(f"/dataset-versions/{here['data'].pk}/check/", me, {"step": here["step"]}, "StepCheckForm.step",
             check_name="Totals", verdict="pass", source="Run 81"),
    ]  # fmt: skip


def supply_forms(two: Two) -> list[Posted]:
    """Forms about what comes from others."""
    here, me = two.here, two.person
    component = {"component_type": "model", "provider": "Aurora", "name": "aurora-new", "version": "4",
                 "criticality": "low"}  # fmt: skip
    return [
        form("/vendors/new/", me, {"unit": here["unit"]}, "NewVendorForm.unit", name="New", services="A model",
             criticality="low", owner=me.pk),
        form("/components/new/", me, {"unit": here["unit"]}, "NewComponentForm.unit", **component),
        form("/components/new/", me, {"vendor": here["vendor"]}, "NewComponentForm.vendor", unit=here["unit"].pk,
             **component),
        form(f"/components/{here['component'].pk}/edit/", me, {"vendor": here["vendor"]}, "ComponentForm.vendor",
             **component),
        form(f"/versions/{here['version'].pk}/components/add/", me, {"component": here["component"]},
             "UseForm.component", scope="version", use="internal", data_class="internal"),
        form(f"/comparisons/{here['comparison'].pk}/choose/", me, {"candidate": here["candidate"]},
             "ChooseForm.candidate", reason=REASON),
    ]  # fmt: skip


# Choices of people, who are the same for everybody; of a filter that only reads; and of somebody who sees no system.
ABOUT_PEOPLE = {
    "RiskForm.owner", "TreatForm.owner",
    "WaiverForm.owner", "ManageForm.owner", "PlanForm.owner",
    *(f"{name}.{side}_{who}" for name in ("Named", "NewSystemForm", "IntakeForm")
      for side in ("business", "technical") for who in ("owner", "deputy")),
    "AssignForm.person", "DeputyForm.person", "ConsumerForm.person",
    "EngagementForm.person", "StewardForm.steward", "AskApprovalForm.approver", "QuestionForm.asked_of",
    "MeetingForm.chair", "MeetingForm.secretary", "NewMeetingForm.chair", "NewMeetingForm.secretary",
    "DelegationForm.to_person", "FollowedForm.owner",
}  # fmt: skip
APART = {
    "UnitSheet.parent",  # tests/registry/records
    "ScopeForm.system", "ScopeForm.unit", "GrantForm.system", "RestForm.rests_on",
    "NewMeetingForm.unit", "ItemForm.review", "InviteForm.seat_of", "DelegationForm.held",  # tests/registry/test_meetings.py
    "DeskForm.engagement", "DeskNoteForm.engagement", "FollowedForm.engagement", "SampleForm.engagement",  # tests/reports/audits
    "DeskNoteForm.system", "FollowedForm.system",
    "ContentsForm.artifact_versions", "ContentsForm.dataset_versions", "FallbackForm.rollback_to",  # tests/registry/
}  # fmt: skip


def test_every_choice_of_a_row_in_a_form_is_tried_here(two):
    tried = {name for one in form_payloads(two) for name in one.names.split()}
    there = {
        f"{one.__name__}.{name}" for one in below(forms.BaseForm) for name, field in one.base_fields.items()
        if isinstance(field, forms.ModelChoiceField)
    }  # fmt: skip
    assert there - tried == ABOUT_PEOPLE | APART


@pytest.mark.parametrize("number", range(39))
def test_an_id_of_another_unit_in_a_form_is_refused_and_its_own_is_taken(two, number):
    """Attack 14, in pages: swapped, nothing changes and the name of the other unit's row is not told."""
    payloads = form_payloads(two)
    assert len(payloads) == 39, "one test for each"
    posted = payloads[number]
    (key,) = posted.keys
    foreign = two.there["unit" if key == "parent" else key]
    status, text, made = sent(posted, **{key: foreign.pk})
    assert (made, status in {200, 404, 409, 422}) == (0, True), (posted.url, status)
    assert str(foreign) not in text
    status, text, made = sent(posted)
    assert made and status in {200, 302}, (posted.url, status, text)


def test_the_status_of_a_framework_is_asked_only_of_units_and_systems_that_one_may_see(two):
    for key in ("unit", "system"):
        own, foreign = (ScopeForm({key: rows[key].pk}, person=two.person) for rows in (two.here, two.there))
        assert (own.is_valid(), foreign.is_valid()) == (True, False), key


def test_a_link_to_a_version_or_data_of_another_unit_is_refused(two):
    url = f"/versions/{two.here['version'].pk}/lineage/add/"
    for kind, key in (("version", "version"), ("dataset", "data")):
        posted = form(
            url, two.person, {}, "", relation="trained_on", purpose=REASON, target=f"{kind}:{two.there[key].pk}"
        )
        assert sent(posted)[::2] == (422, 0)
    own = form(url, two.person, {}, "", relation="trained_on", purpose=REASON, target=f"dataset:{two.here['data'].pk}")
    assert sent(own)[0] == 302
