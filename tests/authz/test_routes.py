"""Every address and method stands in `routes.csv` with the action it is for, and the pages keep to it.

The file is written by hand. `open_to` says to whom the address is open: `open` to everybody, `self` and `signed-in` to
whoever is signed in (about oneself, or the same for all), `scoped` to whoever is signed in with what the duties show,
`anywhere` to whoever may do the action in some unit, `thing` to whoever may do it on the thing of the address.
"""

import csv
import itertools
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import URLPattern, get_resolver

from registry.models import AuditEntry, Duty
from reports.models import BoardPack
from tests import factories
from tests.authz.test_addresses import THINGS, WORDS, address_of
from tests.authz.test_matrix import MEANING, expected
from tests.authz.world import addresses, make_world
from tests.conftest import is_full
from tests.registry import ending
from tests.registry.test_intake import ANSWERS

FILE = Path(__file__).parent / "routes.csv"
OPEN_TO = {"open", "self", "signed-in", "scoped", "anywhere", "thing"}
ROLES = {
    "owner": "DEV", "author": "DEV", "risk_officer": "RISK", "privacy_officer": "PRIV", "approver": "APPR",
    "publisher": "PUB", "auditor": "AUD", "administrator": "ADM",
}  # fmt: skip
REASON = "Read and found sound; nothing stands against it."


@dataclass(frozen=True)
class Route:
    """A line of the file."""

    name: str
    method: str
    open_to: str
    action: str


def routes() -> list[Route]:
    """The file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Route(**row) for row in csv.DictReader(file)]


def patterns(resolver=None):
    """Every pattern of the resolver."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from patterns(one)


def test_every_route_of_the_resolver_stands_in_the_file_and_no_other():
    """B.3: a new address is mapped to an action, or this test is red."""
    assert {one.name for one in patterns()} == {one.name for one in routes()}


def test_every_method_of_the_api_stands_in_the_file_and_no_other():
    acts = {"get", "post", "put", "patch", "delete"}  # a view that was called once answers HEAD too, as GET
    there = {
        (one.name, method.upper())
        for one in patterns()
        for method in acts & set(getattr(one.callback, "actions", None) or ())
    }
    assert there - {(one.name, one.method) for one in routes()} == set()
    api = {(one.name, one.method) for one in routes() if one.name.startswith("api-")} - {("api-schema", "GET")}
    assert api - there == set()


def test_every_line_of_the_file_makes_sense():
    """Known words, actions of the permission document, no line twice; a thing and an act always name their action."""
    lines = routes()
    assert {one.open_to for one in lines} == OPEN_TO
    assert {one.action for one in lines} - {""} <= set(expected())
    assert len({(one.name, one.method) for one in lines}) == len(lines)
    assert [one for one in lines if one.open_to in {"thing", "anywhere"} and not one.action] == []


# ---- the pages keep to it


@pytest.fixture
def world(cast):
    """A row of every kind in the lending unit."""
    return make_world(cast)


@pytest.fixture
def principals(cast):
    """The people of the unit, and somebody of the unit who owns nothing of it."""
    author = factories.invite("author", "Arne Author", Duty.AUTHOR, cast.unit, cast.administrator)
    return {**{name: getattr(cast, name) for name in ROLES if name != "author"}, "author": author}


def where() -> dict[str, object]:
    """The HTML addresses by name."""
    return {one.name: one for one in addresses() if not one.route.startswith("api/")}


def url_of(route, world) -> str:
    """The address with the thing of the world in it, where it needs one."""
    one = where()[route.name]
    return address_of(one, world) if one.arguments else one.url({})


def in_the_table(route, role, thing, *, own) -> bool:
    """What the permission document says."""
    cell = expected()[route.action][role]
    if route.open_to == "anywhere":
        return cell not in {"-", "F"}
    # A board pack tells of a whole unit, so that it is nobody's own.
    return MEANING[cell](own and not isinstance(thing, BoardPack), bool(getattr(thing, "is_draft", False)))


def thing_of(route, world):
    """What the address is about."""
    return world.get(THINGS.get(where()[route.name].route.split("/")[0], ""))


def html_routes(method: str, *open_to: str) -> list[Route]:
    """Lines about pages whose one thing, if any, lies in the world."""
    return [
        one for one in routes()
        if one.method == method and one.open_to in open_to and one.name in where()
        and (not where()[one.name].arguments or where()[one.name].route.split("/")[0] in THINGS)
    ]  # fmt: skip


# Files that a worker or a checkpoint would have made; 404 until then.
NOT_BUILT_HERE = {
    "minutes-file",
    "audit-entry-proof",
    "board-pack-file",
    "board-pack-data",
    "report-file",
    "report-data",
    "report-html",
    "report-docx",
    "report-csv",
    "board-pack-html",
    "board-pack-docx",
    "board-pack-csv",
    "check-chart",
    "check-figures",
    "entry-file",
    "desk-file",
    "assessment-file",
}


@pytest.mark.long
def test_a_page_opens_for_those_whose_cell_says_so_and_for_nobody_else(world, principals, client, amount, seed, capsys):
    """A sample over HTTP of pages × people; with --full the product."""
    product = list(itertools.product(html_routes("GET", "thing", "anywhere"), principals.items()))
    sample = random.Random(seed).sample(product, max(200, amount(len(product))))
    wrong = []
    for route, (name, person) in sample:
        client.force_login(person)
        status = client.get(url_of(route, world)).status_code
        may = in_the_table(route, ROLES[name], thing_of(route, world), own=name == "owner")
        fine = {200, 302, 404, 409} if may else {404, 409}
        if may and route.action.endswith(".view") and route.name not in NOT_BUILT_HERE:
            fine = {200}
        if status not in fine:
            wrong.append((route.name, route.action, name, status))
    assert wrong == []
    with capsys.disabled():
        print(f"\npages over HTTP: {len(sample)} of {len(product)} cases, all right")


def payload(route, world, cast) -> dict:
    """Something that every act of the unit can work with; what a form does not know, it leaves alone."""
    review = world["review"]
    seen = world["assessment"].answers_digest if route.name == "assessment-sign" else review.subject_digest
    return {
        "reason": REASON, "notes": REASON, "opinion": REASON, "note": REASON, "name": "Something new", "purpose": REASON,
        "decision": "approve", "seen_digest": seen, "unit": cast.unit.pk, "parent": cast.unit.pk,
        "system": world["system"].pk, "business_owner": cast.owner.pk, "technical_owner": cast.owner.pk,
        "risk_tier": "limited", "owner": cast.owner.pk, "title": "Something could go wrong", "component": "output",
        "category": "fairness", "likelihood": 2, "impact": 2, "residual_likelihood": 2, "residual_impact": 2,
        "environment": "pilot", "region": "eu", "relation": "evaluated_on", "source": "audit", "principle": "fairness",
        "choice": "retrain", "option": "mitigate", "plan": REASON, "priority": "medium", "outcome_note": REASON, "target": f"dataset:{world['data'].pk}",
        "slug": "group_fairness", "rule": "selection_rate_difference<=0.3", "rationale": REASON,
        "kind": {"incident-report": "outage", "report-take-up": "outage", "supply-upload": "advisories"}.get(route.name, "compliance"),
        "language": "en", "version": "" if route.name in {"assessment-start", "assessment-start-as", "incident-report", "report-take-up", "incident-manage"} else "9.9", "hash": "sha256:" + "d" * 64, "use": "training", "email": "n@bank.example",
        "duty": "risk_officer" if route.name == "review-sign-off" else "author", "person": cast.approver.pk,
        "ends_on": "2030-01-01", "retirement_date": "2030-01-01", "response": "reduce", "description": REASON,
        "due_on": "2030-01-01", "text": REASON, "answer": REASON, "artifact": SimpleUploadedFile("m.txt", b"some bytes"), "change_note": REASON,
        "file": SimpleUploadedFile("p.csv", b"a,b\n1,2\n"), "role": "test", "key": "group_fairness-1", "cadence": "monthly",
        "detected_at": "2026-01-02T03:04", "severity": "high", "status": "contained", "root_cause": REASON,
        "remedy": REASON, "evidence": REASON, "user_communication": REASON, "data_disposition": REASON,
        "services": REASON, "criticality": "low", "component_type": "library", "provider": "Somebody", "terms_date": "2026-03-01",
        "review_due": "2030-01-01", "uses": ["internal"], "data_classes": ["internal"], "valid_until": "2030-01-01",
        "conditions": REASON, "need": REASON, "criteria": "price", "candidate": world["candidate"].pk, "result": "accepted",
        "digests": "sha256:" + "d" * 64, "artifact_type": "prompt", "scenario": REASON, "fallback": REASON,
        "thing": f"version:{world['deployment'].release.version_id}", "scope": "version", "data_class": "internal",
        **supplied(route, world), **about_data(route, world, cast), **about_systems(route, world, cast),
    }  # fmt: skip


def supplied(route, world) -> dict:
    """What addresses of vendors and components call otherwise than the rest."""
    if route.name in {"agreement-new", "agreement-edit"}:
        return {"kind": "contract"}
    if route.name in {"artifact-version-edit", "artifact-version-new"}:
        return {"file": "", "text": "Answer briefly."}
    return {"component": world["component"].pk, "use": "internal"} if route.name == "version-component-add" else {}


def about_systems(route, world, cast) -> dict:
    """What acts on systems, their owners and proposed uses want."""
    told = {
        "owner-deputy": {"side": "technical", "person": cast.auditor.pk}, "system-stage": {"verb": "validate"},
        "system-rest": {"rests_on": world["deployment"].release.system_id},
        "found-uses": {"names": "Something found", "source": "import"}, "intake": {**ANSWERS, "is_none_of_these": "on"},
        "meeting-new": {"held_on": "2030-01-01", "chair": cast.approver.pk, "secretary": cast.risk_officer.pk},
        "meeting-edit": {"held_on": "2030-01-01", "chair": cast.approver.pk, "secretary": cast.risk_officer.pk},
        "meeting-invite": {"seat_of": cast.publisher.role_assignments.get().pk},
        "meeting-presence": {f"seat_{seat.pk}": "regrets" for seat in world["meeting"].attendances.all()},
        "owner-assign": {"side": "technical", "person": cast.auditor.pk},
        "letterhead": {"colour": "#1e40af"},
        "custom-field-add": {"kind": "systems", "type": "text"}, "version-consumer-new": {"system": "", "person": cast.administrator.pk},
        "vendor-ends-import": {"file": SimpleUploadedFile("e.csv", ending.vendor_list(world["version"], "2027-04-30"))},
    }  # fmt: skip
    return told.get(route.name, {})


def about_data(route, world, cast) -> dict:
    """What acts on data, their classes and their uses want."""
    told = {
        "dataset-reclassify": {"new_class": "restricted"},
        "dataset-edit": {"kind": "business"},
        "dataset-version-ask": {"uses": ["training"], "approver": cast.privacy_officer.pk},
        "dataset-version-edit": {"obtained": "collected"},
        "dataset-version-step": {"name": "Store", "check_name": "Totals", "verdict": "pass", "source": "Run 81",
                                 "code_digest": world["data"].hash, "output_digest": world["data"].hash},
        "dataset-version-check": {"step": world["step"].pk, "check_name": "Totals", "verdict": "pass", "source": "Run 81"},
        "data-access-new": {"dataset": world["dataset"].pk, "system": world["system"].pk, "environment": "development",
                            "people": "The offers team", "ends_on": str(date.today() + timedelta(days=9))},
        "affected-decide": {"disposition": "accept"},
        "erasure-step-decide": {"disposition": "restrict"},
        "erasure-step-verify": {"finding": REASON},
        "risk-estimate": {"per_year": 1, "least": 1, "likely": 2, "most": 3, "currency": "EUR", "assumptions": REASON},
        "record-check-run": {"check": "doc.lineage_completeness"},
        "system-clear": {"clearance": "restricted"},
        "system-opinion": {"verb": "develop", "duty": "risk_officer", "is_favourable": "yes"},
        "system-output": {"output_class": "restricted", "output_protection": REASON, "output_retention_days": 30,
                          "distribution": "internal"},
    }  # fmt: skip
    return told.get(route.name, {})


class Undone(Exception):
    """Takes back what an act of the test did."""


def entries_made(client, url, data) -> tuple[int, int]:
    """The status of a POST and how many entries it made; everything is taken back."""
    try:
        with transaction.atomic():
            before = AuditEntry.objects.count()
            status = client.post(url, data).status_code
            made = AuditEntry.objects.count() - before
            raise Undone
    except Undone:
        return status, made


# Acts whose objects are in another state in this world, or that need more than one form can carry.
WITHOUT_EFFECT_HERE = {
    "entry-submit", "entry-accept", "entry-move",  # tests/registry/registers/
    "owner-accept", "owner-decline",  # tests/registry/test_owners.py
    "condition-verify", "condition-send-back",  # tests/registry/reviews/test_decisions.py
    "desk-new", "desk-close", "desk-return", "pack-stamp",  # tests/reports/audits, tests/reports/packs
    "assessment-assign", "assessment-upgrade", "maturity-new", "assessment-start", "assessment-again", "check-request", "assessment-submit", "risk-reopen", "release-publish", "release-deploy",
    "plans", "plan-check", "plan-guidance", "plan-retraining", "plan-run", "alarm-answer", "note-check", "duty-confirm", "duty-decline", "check-cancel", "version-submit", "version-suspend", "version-deprecate", "version-retire",
    "meeting-close", "meeting-approve", "meeting-return", "meeting-minutes", "agenda-item-record",  # tests/registry/test_meetings.py
    "policy-new",  # tests/policies
    "framework-bring",  # tests/reports/test_imported_frameworks.py
    "waiver-new", "waiver-end", "webhook-add", "webhook-resume",
    "release-renew", "release-roll-back", "deployment-step", "deployment-halt",  # tests/registry/release_life
    "deployment-roll-back", "deployment-store-verified", "release-fallback", "version-known-good",
    "dataset-version-decide", "affected-finish", "incident-reopen", "vendor-assess", "vendor-assessment-submit", "version-card-import",
    "version-card-begin",  # tests/registry/cards/test_beginning.py
}  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(400)
def test_an_act_changes_something_only_for_those_whose_cell_says_so(
    world, principals, cast, client, capsys, amount, seed
):
    """Every act of a page, posted with a payload that works: whoever changes anything may do it.

    By those whose cell allows it until one has effect, and by two others, drawn; with --full by everybody.
    """
    acts, wrong, effective, cases = html_routes("POST", "thing", "anywhere"), [], set(), 0
    draw = random.Random(seed)
    for route in acts:
        may = {
            name: in_the_table(route, ROLES[name], thing_of(route, world), own=name == "owner") for name in principals
        }
        denied = [name for name in principals if not may[name]]
        for name in [*(name for name in may if may[name]), *draw.sample(denied, min(len(denied), amount(20)))]:
            if may[name] and route.name in effective and not is_full():
                continue
            cases += 1
            client.force_login(principals[name])
            status, made = entries_made(client, url_of(route, world), payload(route, world, cast))
            if made and not may[name]:
                wrong.append((route.name, route.action, name, status))
            if made:
                effective.add(route.name)
    assert wrong == []
    idle = {route.name for route in acts} - effective
    assert idle == WITHOUT_EFFECT_HERE, "payload() no longer reaches the acts"
    with capsys.disabled():
        print(f"\nacts over HTTP: {cases} cases of {len(acts)} acts, {len(effective)} of which had effect")


def test_a_page_that_only_reads_changes_nothing_when_it_is_posted_to(world, cast, client):
    """An address without a POST in the file is none by the back door."""
    listed = {one.name for one in routes() if one.method == "POST"}
    reading = [one for one in html_routes("GET", "thing", "anywhere", "scoped", "self") if one.name not in listed]
    client.force_login(cast.owner)
    changed = [
        route.name for route in reading if entries_made(client, url_of(route, world), payload(route, world, cast))[1]
    ]
    assert changed == []
    assert len(reading) > 30


def test_an_outsider_changes_nothing_by_any_act_on_a_thing_of_the_unit(world, cast, client):
    client.force_login(cast.outsider)
    for route in html_routes("POST", "thing"):
        status, made = entries_made(client, url_of(route, world), payload(route, world, cast))
        assert (status, made) == (404, 0), route.name


def test_words_of_addresses_are_those_of_the_other_walk():
    """Both walks fill the same arguments."""
    assert set(WORDS) == {"section", "kind", "line", "noun", "slug", "question", "form"}
