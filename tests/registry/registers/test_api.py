"""The registers by REST: what kinds there are, and entries that are written, changed and submitted by programs."""

import pytest
from django.test import Client

from registry.actions import tokens
from registry.models import Duty, RegisterEntry
from registry.registers import kind_named, kinds
from tests import factories
from tests.registry.registers import samples

COST = {"period": "2026", "phase": "operation", "amount": 12.5, "tokens": 1000, "source": "meter"}


@pytest.fixture
def api(cast):
    """Requests with a token of the owner."""
    _row, secret = tokens.create_token(
        cast.owner, name="meter", scopes=["models:read", "models:write"], unit=cast.unit, days=1
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


def send(api, url, data, method="post"):
    """A JSON request."""
    return getattr(api, method)(url, data, content_type="application/json")


def test_a_program_reads_what_kinds_there_are(api):
    told = {kind["name"]: kind for kind in api.get("/api/v1/entries/kinds/").json()}
    assert told.keys() == kinds().keys()
    assert {"period", "amount"} <= set(told["cost_entry"]["required"])


def test_a_pipeline_reports_cost_tokens_and_requests(api, cast):
    answer = send(api, "/api/v1/entries/", {"kind": "cost_entry", "about": "lending", "values": COST})
    assert answer.status_code == 201, answer.content
    row = RegisterEntry.objects.get()
    assert (row.unit, row.owner, row.fields["amount"]) == (cast.unit, cast.owner, 12.5)
    listed = api.get("/api/v1/entries/?kind=cost_entry").json()["results"]
    assert [(one["id"], one["values"]["tokens"]) for one in listed] == [(str(row.pk), 1000)]
    assert api.get("/api/v1/entries/?kind=goal").json()["results"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "nothing"}, "kind"), ({"about": "insurance"}, "about"), ({"values": {**COST, "amount": "much"}}, "amount"),
        ({"values": {**COST, "colour": "red"}}, "colour"), ({"values": {}}, "period"), ({"status": "approved"}, "status"),
        ({"owner": "nobody@bank.example"}, "owner"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_written(api, changes, field):
    answer = send(api, "/api/v1/entries/", {"kind": "cost_entry", "about": "lending", "values": COST, **changes})
    assert answer.status_code == 400 and field in answer.json()["errors"]
    assert not RegisterEntry.objects.exists()


def test_a_program_changes_one_value_and_submits_and_cannot_approve(api, cast):
    factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator)
    row = samples.written(kind_named("policy_document"), cast, cast.unit, actor=cast.owner)
    url = f"/api/v1/entries/{row.pk}/"
    changed = send(api, url, {"values": {"text": "Another text."}}, "patch")
    assert (changed.status_code, changed.json()["values"]["text"]) == (200, "Another text.")
    assert changed.json()["values"]["policy_type"] == row.fields["policy_type"]
    assert send(api, f"{url}submit/", {}).json()["status"] == "in_review"
    assert send(api, url, {"status": "approved"}, "patch").status_code == 400
    assert send(api, f"{url}approve/", {}).status_code == 404
