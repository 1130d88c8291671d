"""Every address of the product: closed to whoever is not signed in, and a stranger's thing is as good as none."""

import random
import re

import pytest

from config.api import router
from registry.actions import inventory, people
from registry.models import AuditEntry
from tests.authz.world import SOMEWHERE, addresses, make_world

OPEN = {
    "login",
    "livez",
    "readyz",
    "set_language",
    "password_reset",
    "password_reset_confirm",
    "password_reset_complete",
    "calendar-feed",
    "signing-keys",  # strangers verify packs with these three
    "verifier",
    "verifier-page",
    "verify-ask",  # the code of a PDF leads here; tests/reports/test_codes.py says what is told
    "verify",
    "hear-answer",
}
# Addresses of things that belong to no unit: everybody of the installation may read them, or each has his or her own.
OF_NO_UNIT = {
    "password_reset_confirm",
    "person",
    "person-link",
    "person-grant",
    "person-deactivate",
    "second-factor-remove",
    "token-revoke",
    "list-export",
    "filter-keep",
    "hear-answer",
    "import-new",
    "register",
    "register-new",
    "custom-field-end",
    "calendar-feed",
    "framework",
    "framework-table",
    # A release policy binds every unit, so that people of every unit read it.
    "policy",
    "policy-edit",
    "policy-tier",
    "policy-compare",
    "desk-new",
    "policy-dry-run",
    "policy-propose",
    "policy-approve",
    "policy-reject",
    "policy-audit",
    # So does a framework that was brought.
    "framework-edition",
    "framework-edition-approve",
    "framework-edition-reject",
    "requirement",
    "verify",
}
# Which thing of the lending unit each address is about, by the first word of its route.
THINGS = {
    "systems": "system", "models": "model", "versions": "version", "datasets": "dataset",
    "dataset-versions": "data", "data-uses": "data_use", "data-accesses": "data_access", "reclassifications": "reclassification", "affected-versions": "affected", "erasure-requests": "erasure_request", "erasure-steps": "erasure_step", "outside-reports": "outside_report", "warnings": "warning",
    "reviews": "review", "questions": "question", "conditions": "condition", "artifacts": "artifact", "artifact-versions": "artifact_version",
    "releases": "release", "deployments": "deployment", "later-runs": "later_run", "duties": "duty", "units": "unit", "assessments": "assessment",
    "risks": "risk", "treatments": "treatment", "predictions": "predictions", "checks": "check", "evidence": "evidence",
    "limits": "limit", "plans": "plan", "waivers": "waiver", "consumers": "consumer", "past": "version", "vendor-ends": "vendor_match", "incidents": "incident", "reports": "report", "packs": "pack", "board-packs": "board_pack", "desk": "desk_item", "report-schedules": "report_schedule", "lineage": "version",
    "vendors": "vendor", "agreements": "agreement", "components": "component", "component-uses": "component_use",
    "comparisons": "comparison", "candidates": "candidate", "vendor-assessments": "vendor_assessment", "maturity": "maturity",
    "labels": "version", "audit": "entry", "erasures": "erasure", "webhooks": "webhook", "found-uses": "found_use", "dependences": "dependence",
    "imports": "import", "meetings": "meeting", "agenda-items": "agenda_item", "attendances": "attendance", "minutes": "minutes", "delegations": "delegation", "entries": "register_entry", "kept-filters": "kept_filter",
}  # fmt: skip
WORDS = {
    "slug": "risk_tiering",
    "question": "PIA-G-03",
    "form": "json",
    "section": "general",
    "kind": "version",
    "line": "records_kept",
    "noun": "registry.ModelVersion",
}
METHODS = ("get", "post")


def pages():
    """The HTML addresses."""
    return [one for one in addresses() if not one.route.startswith("api/")]


def things():
    """The HTML addresses that lead to a thing of a unit."""
    return [one for one in pages() if one.arguments and one.name not in OF_NO_UNIT]


@pytest.fixture
def world(cast):
    """A row of every kind in the lending unit."""
    return make_world(cast)


def address_of(one, world):
    """The address of a thing of the lending unit."""
    thing = world[THINGS[one.route.split("/")[0]]]
    return one.url({name: WORDS.get(name, thing.pk) for name in one.arguments})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("one", pages(), ids=lambda one: one.name)
def test_no_page_is_open_without_signing_in(one, method, client, db):
    """Attack 27: the resolver is walked, so that a new address is closed or this test is red."""
    answer = getattr(client, method)(one.anywhere)
    if one.name in OPEN:
        assert not answer.headers.get("Location", "").startswith("/login/")
    else:
        assert (answer.status_code, answer.headers.get("Location", "")[:7]) == (302, "/login/")


def test_the_list_of_open_pages_is_no_longer_than_it_says():
    assert {one.name for one in pages()} >= OPEN
    assert len(OPEN) == 14


def test_every_address_of_a_thing_has_a_thing_here():
    """A new kind of page is tried by an outsider, or this test is red."""
    assert [one.route for one in things() if one.route.split("/")[0] not in THINGS] == []


def test_an_outsider_finds_nothing_at_any_address_of_another_unit(world, cast, client):
    """Promise P11, attack 14: 404 (or 405 before anything is looked up), read or posted, and nothing is changed."""
    client.force_login(cast.outsider)
    before, wrong = AuditEntry.objects.count(), []
    for one in things():
        url = address_of(one, world)
        answers = [getattr(client, method)(url).status_code for method in METHODS]
        if not set(answers) <= {404, 405} or answers == [405, 405]:
            wrong.append((url, answers))
    assert wrong == []
    assert AuditEntry.objects.count() == before


def test_a_strangers_thing_looks_exactly_like_no_thing(world, cast, client):
    """The page of 404 tells nothing of what is there."""
    client.force_login(cast.outsider)
    for one in things():
        nothing = one.url({name: WORDS.get(name, SOMEWHERE[kind]) for name, kind in one.arguments.items()})
        there = address_of(one, world)
        answers = {blank(client.get(url), url) for url in (there, nothing)}
        assert len(answers) == 1, one.route


@pytest.mark.long
def test_whoever_may_see_the_unit_meets_no_error_of_the_program(world, cast, client, amount, seed):
    """Every address with a thing behind it, read by the owner, and a draw of them (with --full all) by all others."""
    others = (cast.risk_officer, cast.privacy_officer, cast.approver, cast.publisher, cast.auditor, cast.administrator)
    every, draw = things(), random.Random(seed)
    for person in (cast.owner, *others):
        client.force_login(person)
        for one in every if person == cast.owner else draw.sample(every, amount(len(every))):
            status = client.get(address_of(one, world)).status_code
            assert status in {200, 302, 404, 405, 409}, (one.name, person, status)


@pytest.mark.parametrize("name", ["person-link", "person-grant"])
def test_only_an_administrator_manages_people(name, cast, client):
    client.force_login(cast.outsider)
    one = next(one for one in pages() if one.name == name)
    answer = client.post(one.url({"pk": cast.owner.pk}), {"duty": "approver", "unit": cast.other_unit.pk})
    assert answer.status_code == 409
    assert "You hold no duty that permits this" in answer.content.decode()


def blank(answer, url: str = "") -> str:
    """The answer without what differs by design: tokens against forgery, how long ago, and the address itself."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    apart = r'"X-CSRFToken": "[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"|>[^<]+</time>'
    text = re.sub(apart, "", content.decode())
    return f"{answer.status_code} " + (text.replace(url, "ADDRESS") if url else text)


# ---- what a reader sees does not depend on rows that he or she may not see

NOUNS = tuple(re.sub(r"\(\?P<entity>.*\)", "risk", noun) for noun, _view, _name in router.registry)
QUERIES = ("", "?q=Offer", "?status=finished", "?show=closed", "?tier=limited")


def lists() -> list[str]:
    """Every address without arguments that a signed-in person reads, pages and REST alike, with filters."""
    apart = OPEN | {"logout", "api-schema"}
    plain = [one.url({}) for one in pages() if not one.arguments and one.name not in apart]
    rest = [f"/api/v1/{noun}/{query}" for noun in NOUNS for query in ("", "?page_size=200")]
    return [url + query for url in plain for query in QUERIES] + rest


def drawn_lists(amount, seed) -> list[str]:
    """Each list as it stands, and a draw of the filtered ones; with --full all."""
    plain, filtered = [url for url in lists() if "?" not in url], [url for url in lists() if "?" in url]
    return [*plain, "/search/?q=Offer", *random.Random(seed).sample(filtered, amount(len(filtered)))]


def make_own(cast):
    """Something of the outsider's own unit, so that his or her lists are not empty."""
    people.grant_duty(cast.outsider, duty="auditor", unit=cast.other_unit, actor=cast.administrator)
    system = inventory.register_system(
        cast.other_unit, name="Claims triage Offer", purpose="Sorts claims by how soon somebody must look at them.",
        business_owner=cast.outsider, technical_owner=cast.outsider, risk_tier="limited", actor=cast.outsider,
    )  # fmt: skip
    inventory.register_model(system, name="Triage", actor=cast.outsider)


@pytest.mark.long
def test_no_list_depends_on_rows_of_another_unit(cast, client, amount, seed):
    """Promise P11, attack 15: byte-equal with and without the other unit's rows, filters and counts included."""
    make_own(cast)
    client.force_login(cast.outsider)
    before = {url: blank(client.get(url)) for url in drawn_lists(amount, seed)}
    make_world(cast)
    assert [url for url, page in before.items() if blank(client.get(url)) != page] == []
    assert sum(page.startswith("200 ") for page in before.values()) > len(before) / 2
    assert "Claims triage Offer" in before["/search/?q=Offer"]
