"""The page of a system's limits: one person proposes, another approves, each with reasons."""

import pytest
from django.urls import reverse

from rai import actions
from rai.models import MetricBaseline
from registry.audit import log, verification
from registry.models import AuditEntry
from tests import factories
from tests.rai.uploads import text_of

GOOD = "Wrong rejections cost people an offer; a tenth is bearable."


@pytest.fixture
def system(cast):
    """A system of the owner."""
    return factories.make_system(cast)


@pytest.fixture
def limit(cast, system):
    """A limit that waits for approval."""
    return actions.propose_baseline(
        system, slug="group_fairness", rule="selection_rate_difference<=0.1", rationale=GOOD,
        actor=cast.risk_officer,
    )  # fmt: skip


def test_risk_officer_proposes_a_limit_and_an_approver_puts_it_in_force(client, cast, system):
    """S-119: two people."""
    address = reverse("baselines", args=[system.pk])
    client.force_login(cast.risk_officer)
    posted = {
        "slug": "group_fairness",
        "rule": "selection_rate_difference <= 0.1",
        "principle": "fairness",
        "rationale": GOOD,
    }
    assert client.post(address, posted).status_code == 302
    row = MetricBaseline.objects.get()
    assert row.status == MetricBaseline.Status.DRAFT
    client.force_login(cast.approver)
    assert reverse("baseline-approve", args=[row.pk]) in text_of(client.get(address))
    client.post(reverse("baseline-approve", args=[row.pk]), {"reason": GOOD})
    row.refresh_from_db()
    assert (row.status, row.approved_by) == (MetricBaseline.Status.APPROVED, cast.approver)


def test_refused_limit_says_so_at_its_field_and_loses_nothing(client, cast, system):
    client.force_login(cast.risk_officer)
    posted = {"slug": "group_fairness", "rule": "fairness is good", "principle": "fairness", "rationale": GOOD}
    response = client.post(reverse("baselines", args=[system.pk]), posted)
    assert response.status_code == 422
    assert "rule" in response.context["form"].errors
    assert response.context["form"]["rationale"].value() == GOOD
    assert not MetricBaseline.objects.exists()


def test_whoever_set_a_limit_does_not_approve_it(client, cast, limit):
    """R6."""
    factories.grant(cast, cast.risk_officer, "approver")
    client.force_login(cast.risk_officer)
    response = client.post(reverse("baseline-approve", args=[limit.pk]), {"reason": GOOD})
    assert "Whoever set the limit" in text_of(response)
    limit.refresh_from_db()
    assert limit.status == MetricBaseline.Status.DRAFT


def test_owner_sees_limits_and_is_offered_no_act(client, cast, system, limit):
    client.force_login(cast.owner)
    page = text_of(client.get(reverse("baselines", args=[system.pk])))
    assert limit.rule.replace("<", "&lt;") in page
    assert "Propose a limit" not in page
    assert reverse("baseline-approve", args=[limit.pk]) not in page


def test_limit_is_taken_out_of_force_with_a_reason(client, cast, limit):
    client.force_login(cast.risk_officer)
    address = reverse("baseline-supersede", args=[limit.pk])
    refused = client.post(address, {"reason": "no"})
    assert refused.status_code == 422
    assert "at least ten characters" in text_of(refused)
    client.post(address, {"reason": "A stricter one takes its place."})
    limit.refresh_from_db()
    assert limit.status == MetricBaseline.Status.SUPERSEDED


def test_a_limit_is_put_in_force_on_a_page_that_names_it_and_asks_why(client, cast, system, limit):
    """S-119: a binding act, so with a reason that the log keeps; without one nothing changes."""
    client.force_login(cast.approver)
    address = reverse("baseline-approve", args=[limit.pk])
    page = text_of(client.get(address))
    assert limit.rule.replace("<", "&lt;") in page
    assert str(limit.owner) in page
    assert client.post(address, {"reason": "ok"}).status_code == 422
    limit.refresh_from_db()
    assert limit.status == MetricBaseline.Status.DRAFT
    client.post(address, {"reason": GOOD})
    entry = AuditEntry.objects.get(action="baseline.approved", object_id=limit.pk)
    assert GOOD in bytes(entry.body.body).decode()


def test_a_limit_says_what_was_measured_before_and_what_it_is_worth_to_the_business(client, cast, system):
    """S-144: a business figure beside the metric, in the row that framework rules read."""
    from django.utils import timezone

    from reports.sources import DjangoFacts

    client.force_login(cast.risk_officer)
    posted = {
        "slug": "group_fairness", "rule": "selection_rate_difference<=0.1", "principle": "human_oversight",
        "rationale": GOOD, "baseline_value": "0.14", "business_kpi": "Offers taken up a month",
    }  # fmt: skip
    assert client.post(reverse("baselines", args=[system.pk]), posted).status_code == 302
    assert "Offers taken up a month" in text_of(client.get(reverse("baselines", args=[system.pk])))
    [row] = DjangoFacts(None, None, timezone.now()).records("metric_baseline")
    assert (row.fields["baseline_value"], row.fields["business_kpi"]) == (0.14, "Offers taken up a month")


@pytest.mark.both
def test_a_limit_of_before_agrees_with_its_entry(cast, limit, monkeypatch):
    """P3: an entry that was made before a column came agrees with its row, until the column holds something unlogged."""
    own = MetricBaseline.own_columns
    with monkeypatch.context() as before:
        names = {"baseline_value", "business_kpi"}
        before.setattr(MetricBaseline, "own_columns", lambda row: {n: v for n, v in own(row).items() if n not in names})
        log.record(cast.risk_officer, "baseline.proposed", limit)
    assert [said for said in verification.findings() if str(limit.pk) in said] == []
    limit.baseline_value = 0.5
    limit.save()
    (said,) = [said for said in verification.findings() if str(limit.pk) in said]
    assert "baseline_value" in said
    assert "changed outside the log" in said
