"""Pages and REST of vendors, components and bills of materials, and what depends on what."""

import json
from datetime import date

import pytest
from django.urls import reverse

from registry.actions import inventory, tokens
from registry.models import Agreement, Component, ComponentUse, Vendor
from registry.supply.dependants import depends_on
from tests import factories
from tests.registry.supply import (
    NEXT_YEAR,
    REASON,
    agreement,
    approved_component,
    approved_vendor,
    assessed,
    proposed_component,
    proposed_vendor,
    used,
)

pytestmark = pytest.mark.django_db


def bearer(cast, person, scope="models:write"):
    """The header of a token of the person."""
    text = tokens.create_token(person, name="t", scopes=["models:read", scope], unit=cast.unit, days=5)[1]
    return {"HTTP_AUTHORIZATION": f"Bearer {text}"}


def test_a_vendor_is_entered_and_approved_on_pages(client, cast):
    client.force_login(cast.owner)
    sent = {
        "unit": cast.unit.pk,
        "name": "Aurora",
        "services": "A language model",
        "criticality": "high",
        "owner": cast.owner.pk,
    }
    assert client.post(reverse("vendor-new"), sent).status_code == 302
    vendor = Vendor.objects.get()
    assert "Aurora" in client.get(reverse("vendors")).content.decode()
    assert client.post(reverse("vendor-approve", args=[vendor.pk]), {"reason": REASON}).status_code == 409
    assessed(cast, vendor)
    client.force_login(cast.risk_officer)
    refused = client.post(reverse("vendor-approve", args=[vendor.pk]), {"reason": ""})
    assert refused.status_code == 422 and '<details class="panel" open>' in refused.content.decode()
    assert client.post(reverse("vendor-approve", args=[vendor.pk]), {"reason": REASON}).status_code == 302
    vendor.refresh_from_db()
    assert vendor.status == "approved"


def test_terms_are_filed_and_read_on_pages(client, cast):
    """S-160"""
    vendor = approved_vendor(cast)
    factories.make_version(cast)
    client.force_login(cast.owner)
    sent = {"title": "Terms", "kind": "contract", "terms_date": "2026-03-01", "liability": "A year's fees"}
    assert client.post(reverse("agreement-new", args=[vendor.pk]), sent).status_code == 302
    row = Agreement.objects.get()
    page = client.get(row.get_absolute_url()).content.decode()
    assert "A year&#x27;s fees" in page and "Nothing is filed about" in page
    read = reverse("agreement-read", args=[row.pk])
    assert client.post(read, {"reason": REASON, "review_due": date.today()}).status_code == 422
    assert client.post(read, {"reason": REASON, "review_due": NEXT_YEAR}).status_code == 302
    edit = reverse("agreement-edit", args=[row.pk])
    assert client.post(edit, {**sent, "terms_version": "2"}).status_code == 302
    assert "not read as it is now" in client.get(row.get_absolute_url()).content.decode()
    assert "Read the terms of a vendor" in client.get("/").content.decode()


def test_a_component_is_proposed_decided_and_named_on_pages(client, cast):
    """S-009, S-010: from the proposal to the version that uses it."""
    version = factories.make_version(cast)
    client.force_login(cast.owner)
    sent = {
        "unit": cast.unit.pk, "component_type": "model", "provider": "Aurora", "name": "aurora-chat", "version": "4",
        "uses": ["internal"], "data_classes": ["internal"], "regions": "eu, us, eu", "licence": "MIT",
    }  # fmt: skip
    assert client.post(reverse("component-new"), sent).status_code == 302
    row = Component.objects.get()
    assert row.regions == ["eu", "us"]
    add = reverse("version-component-add", args=[version.pk])
    named = {"component": row.pk, "scope": "version", "use": "internal", "data_class": "internal", "region": "eu"}
    assert client.post(add, named).status_code == 302
    assert "proposed in the catalogue" in client.get(reverse("version-components", args=[version.pk])).content.decode()
    client.force_login(cast.risk_officer)
    decided = {
        "reason": REASON,
        "uses": ["internal"],
        "data_classes": ["internal"],
        "regions": "eu",
        "valid_until": NEXT_YEAR,
    }
    assert client.post(reverse("component-approve", args=[row.pk]), decided).status_code == 302
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Support of the organisation" in page and str(version.home_system) in page
    assert "verdict-pass" in client.get(reverse("version-components", args=[version.pk])).content.decode()
    client.force_login(cast.owner)
    end = reverse("component-use-end", args=[ComponentUse.objects.get().pk])
    client.post(end, {"reason": "Replaced by one of our own."})
    assert not ComponentUse.objects.live().exists()


def test_a_page_of_a_component_says_whether_a_newer_version_exists(client, cast):
    """S-163"""
    old, new = approved_component(cast), proposed_component(cast, version="5.1", released_on=date(2026, 10, 1))
    client.force_login(cast.auditor)
    page = client.get(old.get_absolute_url()).content.decode()
    assert f'<a href="{new.get_absolute_url()}">5.1</a>' in page
    assert "none known of" in client.get(new.get_absolute_url()).content.decode()


def test_contacts_and_agreements_are_not_shown_to_everybody(client, cast):
    row = agreement(cast)
    for person, sees in ((cast.risk_officer, True), (cast.owner, True), (cast.publisher, False)):
        client.force_login(person)
        page = client.get(row.vendor.get_absolute_url()).content.decode()
        assert (("ada@aurora.example" in page), ("Terms of the supplier" in page)) == (sees, sees)


@pytest.mark.parametrize("name", ["vendors", "components", "comparisons"])
def test_a_list_asks_no_more_of_the_database_for_more_rows(client, cast, name, django_assert_max_num_queries):
    client.force_login(cast.owner)
    make = {"vendors": proposed_vendor, "components": proposed_component, "comparisons": begun}[name]
    for _row in range(2):
        make(cast)
    client.get(reverse(name))
    with django_assert_max_num_queries(40) as two:
        client.get(reverse(name))
    for _row in range(6):
        make(cast)
    with django_assert_max_num_queries(len(two)):
        assert client.get(reverse(name)).status_code == 200


def begun(cast):
    """A comparison."""
    from tests.registry.test_comparisons import started

    return started(cast)


@pytest.mark.both
def test_what_depends_on_a_vendor_is_answered_with_paths(cast):
    """From the vendor by its component and the version that uses it to what was tuned from that version."""
    vendor = approved_vendor(cast)
    component = approved_component(cast, vendor=vendor)
    first, second, other = (factories.make_version(cast) for _each in range(3))
    used(cast, first, component)
    used(cast, other.home_system, component)
    inventory.add_link(second, relation="fine_tuned_from", target=first, actor=cast.owner)
    found = {each.id: each for each in depends_on(vendor, cast.owner)}
    assert set(found) == {first.pk, second.pk, other.home_system.pk}
    assert found[second.pk].path == (
        f"{component} is supplied by {vendor}", f"{first} uses {component}", f"{second} was fine-tuned from {first}",
    )  # fmt: skip
    assert [each.distance for each in depends_on(component, cast.owner)] == [1, 1, 2]
    assert depends_on(vendor, cast.outsider) == []


def test_the_api_answers_what_depends_on_a_vendor(client, cast):
    vendor = approved_vendor(cast)
    version = factories.make_version(cast)
    used(cast, version, approved_component(cast, vendor=vendor))
    answer = client.get(f"/api/v1/vendors/{vendor.pk}/dependants", **bearer(cast, cast.owner))
    assert [row["id"] for row in answer.json()] == [str(version.pk)]


def test_the_api_proposes_and_names_components_and_gives_the_bill(client, cast):
    """A pipeline names what a version uses, asks the gate and takes the bill."""
    version, token = factories.make_version(cast), bearer(cast, cast.owner)
    sent = {
        "unit": str(cast.unit.pk),
        "component_type": "library",
        "provider": "PyPI",
        "name": "numpy",
        "version": "2.1",
    }
    row = client.post("/api/v1/components", json.dumps(sent), content_type="application/json", **token)
    assert row.status_code == 201, row.content
    named = {"component": row.json()["id"], "use": "internal", "data_class": "internal"}
    url = f"/api/v1/versions/{version.pk}/components"
    assert client.post(url, json.dumps(named), content_type="application/json", **token).status_code == 201
    assert len(client.get(url, **token).json()) == 1
    gates = {each["gate"]: each for each in client.get(f"/api/v1/versions/{version.pk}/gate", **token).json()["gates"]}
    assert gates["components"]["result"] == "failed" and "numpy 2.1 is proposed" in gates["components"]["reason"]
    bill = client.get(f"/api/v1/versions/{version.pk}/ml-bom", **token)
    assert bill.json()["specVersion"] == "1.6"
    page = client.get(reverse("version-ml-bom", args=[version.pk]))
    assert page.status_code == 302
    client.force_login(cast.owner)
    page = client.get(reverse("version-ml-bom", args=[version.pk]))
    assert page.content == bill.content and "attachment" in page["Content-Disposition"]


def test_the_api_enters_vendors_and_compares_candidates(client, cast):
    token, system = bearer(cast, cast.owner), factories.make_system(cast)
    sent = {"unit": str(cast.unit.pk), "name": "Aurora", "services": "A model", "criticality": "low"}
    assert client.post("/api/v1/vendors", json.dumps(sent), content_type="application/json", **token).status_code == 201
    begin = {"system": str(system.pk), "title": "Which", "need": "Letters", "criteria": ["price"]}
    row = client.post("/api/v1/comparisons", json.dumps(begin), content_type="application/json", **token).json()
    url = f"/api/v1/comparisons/{row['id']}"
    for thing in ({"component": str(approved_component(cast).pk)}, {"version": str(factories.make_version(cast).pk)}):
        body = json.dumps({**thing, "values": {"price": {"value": "12", "source": "Offer"}}})
        answer = client.post(f"{url}/candidates", body, content_type="application/json", **token)
        assert answer.status_code == 201, answer.content
    chosen = answer.json()["candidates"][0]["id"]
    body = json.dumps({"candidate": chosen, "reason": "Half the price."})
    done = client.post(f"{url}/choose", body, content_type="application/json", **token)
    assert done.status_code == 200 and done.json()["chosen"] == chosen
    assert client.get(f"{url}", **token).json()["status"] == "decided"
