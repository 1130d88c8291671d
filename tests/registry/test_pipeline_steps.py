"""Steps of the pipeline behind a version of data: each with its check, joined by their digests."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from registry import gates, release_gates
from registry.actions import data_use, inventory, pipeline_steps
from registry.datasets import pipelines
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, DataUse
from tests import factories
from tests.registry import data as steps
from tests.registry.data import REASON

CHECKED = {"check_name": "Row counts and totals", "verdict": "pass", "source": "https://ci.example/runs/81"}


def digest(letter: str) -> str:
    """A digest that reads like its letter."""
    return "sha256:" + letter * 64


def step(cast, data, reads, writes, **changes):
    """A step that the steward reports, checked unless it says otherwise."""
    fields = {
        "name": f"Step to {writes[7:9]}", "code_digest": digest("c"), "input_digests": [reads], "output_digest": writes,
        **CHECKED, **changes,
    }  # fmt: skip
    return pipeline_steps.add_step(data, actor=cast.owner, **fields)


def piped(cast, **last):
    """A version of data whose pipeline collects, cleans and stores."""
    data = steps.version_of(steps.described(cast))
    step(cast, data, digest("0"), digest("a"))
    step(cast, data, digest("a"), digest("b"))
    step(cast, data, **{"reads": digest("b"), "writes": data.hash, **last})
    return data


def problems(data):
    """Number of the step and what is wrong with it."""
    return [(one.step.ordinal, one.problem) for one in pipelines.findings(data)]


def test_steps_that_are_checked_and_join_from_collection_to_storage_are_in_order(cast):
    """S-079: each step has its check, and the last wrote the bytes of this version."""
    data = piped(cast)
    assert problems(data) == []
    assert AuditEntry.objects.filter(action="pipeline_step.added", about_id=data.pk).count() == 3


@pytest.mark.parametrize(
    ("last", "problem"),
    [
        ({"check_name": "", "verdict": "", "source": ""}, "It has no check."),
        ({"verdict": "fail"}, "Its check “Row counts and totals” says: Fail."),
        ({"verdict": "insufficient"}, "Its check “Row counts and totals” says: Insufficient."),
        ({"reads": digest("d")}, "It read nothing that an earlier step wrote."),
        ({"writes": digest("e")}, "It wrote other bytes than those of this version."),
    ],
)
def test_a_step_without_a_check_or_that_does_not_join_is_listed(cast, client, last, problem):
    """S-079: by number and reason, on the page and by REST."""
    data = piped(cast, **last)
    assert problems(data) == [(3, problem)]
    client.force_login(cast.auditor)
    assert problem in client.get(data.get_absolute_url()).content.decode()
    api = APIClient()
    api.force_login(cast.auditor)
    [told] = api.get(f"/api/v1/dataset-versions/{data.pk}/").json()["open_questions"]
    assert told.startswith("Step 3, ")
    assert told.endswith(problem)


def test_a_step_that_is_not_in_order_closes_the_gate_of_a_high_tier_until_its_check_is_reported(cast):
    """S-079."""
    version = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier="high")))
    data = steps.approved(cast, piped(cast, check_name="", verdict="", source=""))
    inventory.add_link(version, relation="trained_on", target=data, purpose=REASON, actor=cast.owner)
    data_use.review_fit(DataUse.objects.get(), fit="fits", reason=REASON, actor=cast.risk_officer)
    closed = gates.answer("data", release_gates.preview(version))
    assert "It has no check." in closed.reason
    pipeline_steps.check_step(data.steps.get(ordinal=3), actor=cast.owner, **CHECKED)
    assert gates.answer("data", release_gates.preview(version)).is_open


def test_a_result_says_what_was_checked_and_where_it_stands(cast):
    """S-079: a bare verdict is no check."""
    data = steps.version_of(steps.described(cast))
    with pytest.raises(BadInput, match="what was checked and where it stands"):
        step(cast, data, digest("0"), digest("a"), source="")
    with pytest.raises(BadInput, match="hexadecimal"):
        step(cast, data, "sha256:no", digest("a"))


def test_only_the_steward_reports_steps(cast):
    data = steps.version_of(steps.described(cast))
    with pytest.raises(NotAllowed):
        pipeline_steps.add_step(
            data, name="Clean", code_digest=digest("c"), output_digest=data.hash, actor=cast.risk_officer
        )


def test_a_pipeline_reports_its_steps_and_checks_by_the_api(cast):
    """S-079: one request a step; the check may follow."""
    data = steps.version_of(steps.described(cast))
    api = APIClient()
    api.force_login(cast.owner)
    address = f"/api/v1/dataset-versions/{data.pk}/steps/"
    sent = {"name": "Store", "code_digest": digest("c"), "output_digest": data.hash}
    assert api.post(address, sent, format="json").status_code == 201
    assert problems(data) == [(1, "It has no check.")]
    check = address.replace("steps", "step-check")
    assert api.put(check, {"step": 1, **CHECKED}, format="json").json()["verdict"] == "pass"
    assert problems(data) == []
    assert "no step of this number" in str(api.put(check, {"step": 2, **CHECKED}, format="json").json())


def test_the_page_adds_a_step_and_reports_its_check(cast, client):
    """S-079."""
    data = steps.version_of(steps.described(cast))
    client.force_login(cast.owner)
    sent = {"name": "Store", "code_digest": digest("c"), "output_digest": data.hash, "input_digests": digest("0")}
    page = client.post(reverse("dataset-version-step", args=[data.pk]), sent, follow=True).content.decode()
    assert "It has no check." in page
    checked = {"step": str(data.steps.get().pk), **CHECKED}
    page = client.post(reverse("dataset-version-check", args=[data.pk]), checked, follow=True).content.decode()
    assert "It has no check." not in page
    assert CHECKED["source"] in page
