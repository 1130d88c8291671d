"""Candidates compared for a use: criteria with sources, figures of the same data with intervals, a choice with a reason."""

import pytest
from django.urls import reverse

from registry.actions import comparisons, components
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Comparison
from registry.supply import figures
from tests import factories
from tests.registry.supply import REASON, approved_component, proposed_component

pytestmark = pytest.mark.django_db
PRICE = {"price": {"value": "12 euros a million tokens", "source": "Offer of 3 March"}}


def started(cast, system=None, **changes):
    """A comparison by two criteria."""
    fields = {
        "title": "Model for letters",
        "need": "Drafts of letters in two languages.",
        "criteria": ["price", "languages"],
    }
    return comparisons.start_comparison(
        system or factories.make_system(cast), actor=cast.owner, **{**fields, **changes}
    )


def measured(cast, value, *, data="sha256:" + "d" * 64):
    """A version with a fairness run over some rows."""
    version = factories.make_version(cast)
    overall = {"n": 400, "metrics": {"accuracy": {"value": value, "low": value - 0.04, "high": value + 0.04}}}
    rule = {"rule": "selection_rate_difference<=0.1", "value": 0.05, "low": 0.01, "high": 0.09, "verdict": "pass"}
    outcome = {"check": "group_fairness", "inputs": {"data": data}, "overall": overall, "thresholds": [rule]}
    factories.make_evidence(cast, version, outcome=outcome, digest=f"sha256:{next(factories.numbers):064x}")
    return version


def with_two(cast, *things, **changes):
    """A comparison with candidates."""
    row = started(cast, **changes)
    for thing in things or (approved_component(cast), approved_component(cast)):
        comparisons.add_candidate(row, thing=thing, values=PRICE, actor=cast.owner)
    return row, list(row.candidates.in_order())


def test_a_choice_for_a_use_keeps_candidates_criteria_and_reason(cast):
    """S-164: models are compared for a use, and the choice has a reason and a person."""
    row, (first, second) = with_two(cast)
    comparisons.choose(row, candidate=second, reason="Half the price with the same languages.", actor=cast.owner)
    row = Comparison.objects.get(pk=row.pk)
    assert (row.chosen, row.decided_by) == (second, cast.owner)
    assert first.values == PRICE and row.reason.startswith("Half the price")
    assert AuditEntry.objects.get(action="comparison.decided").object_id == row.pk


def test_versions_are_compared_by_the_figures_of_their_runs_on_the_same_data(cast):
    """S-137: the figures come from evidence, with intervals, side by side; the choice keeps them with its reason."""
    row, candidates = with_two(cast, measured(cast, 0.8), measured(cast, 0.7))
    rows = {each.name: each for each in figures.side_by_side(candidates)}
    assert [(cell.value, cell.low, cell.high) for cell in rows["accuracy"].cells] == [
        ("0.8", "0.76", "0.84"), ("0.7", "0.66", "0.74"),
    ]  # fmt: skip
    assert rows["accuracy"].is_on_same_data
    assert rows["selection_rate_difference<=0.1"].cells[0].verdict == "pass"
    comparisons.choose(row, candidate=candidates[0], reason="Right in four of five cases.", actor=cast.owner)
    row = Comparison.objects.get(pk=row.pk)
    assert figures.kept(row, candidates) == figures.side_by_side(candidates)


def test_figures_over_other_data_are_no_comparison(cast):
    """S-137: candidates are compared on the same data or not at all."""
    _row, candidates = with_two(cast, measured(cast, 0.8), measured(cast, 0.9, data="sha256:" + "e" * 64))
    assert not any(each.is_on_same_data for each in figures.side_by_side(candidates))


def test_later_evidence_does_not_change_what_was_decided_on(cast):
    row, candidates = with_two(cast, measured(cast, 0.8), measured(cast, 0.7))
    comparisons.choose(row, candidate=candidates[0], reason=REASON, actor=cast.owner)
    factories.make_evidence(cast, candidates[0].version, outcome={"overall": {"metrics": {"accuracy": {"value": 0.1}}}})
    kept = {each.name: each for each in figures.kept(Comparison.objects.get(pk=row.pk), candidates)}
    assert kept["accuracy"].cells[0].value == "0.8"


def test_a_value_without_a_source_is_refused(cast):
    row = started(cast)
    with pytest.raises(BadInput, match="no source"):
        comparisons.add_candidate(
            row, thing=approved_component(cast), values={"price": {"value": "cheap"}}, actor=cast.owner
        )


def test_one_candidate_is_no_choice(cast):
    row, (first,) = with_two(cast, approved_component(cast))
    with pytest.raises(NotAllowed, match="second candidate"):
        comparisons.choose(row, candidate=first, reason=REASON, actor=cast.owner)


def test_a_choice_without_a_reason_is_refused(cast):
    row, candidates = with_two(cast)
    with pytest.raises(BadInput):
        comparisons.choose(row, candidate=candidates[0], reason=" good ", actor=cast.owner)


def test_a_forbidden_component_cannot_be_chosen(cast):
    row, candidates = with_two(cast)
    components.forbid_component(candidates[0].component, reason=REASON, actor=cast.risk_officer)
    with pytest.raises(BadInput, match="forbidden"):
        comparisons.choose(row, candidate=candidates[0], reason=REASON, actor=cast.owner)


def test_what_was_decided_stays_as_it_was(cast):
    row, candidates = with_two(cast)
    comparisons.choose(row, candidate=candidates[0], reason=REASON, actor=cast.owner)
    with pytest.raises(NotAllowed, match="compare anew"):
        comparisons.value_candidate(candidates[1], values={}, actor=cast.owner)


def test_who_does_not_own_the_system_does_not_choose(cast):
    row, candidates = with_two(cast)
    with pytest.raises(NotAllowed):
        comparisons.choose(row, candidate=candidates[0], reason=REASON, actor=cast.approver)


def test_the_pages_lead_from_criteria_to_a_choice(client, cast):
    """S-137, S-164: one walk through the pages."""
    system, first, second = factories.make_system(cast), measured(cast, 0.8), proposed_component(cast)
    client.force_login(cast.owner)
    client.post(reverse("comparison-new", args=[system.pk]), {
        "title": "Model for letters", "need": "Drafts of letters.", "criteria": "price\nlanguages",
    })  # fmt: skip
    row = Comparison.objects.get()
    add = reverse("candidate-new", args=[row.pk])
    sent = {"thing": f"version:{first.pk}", "value-0": "12", "source-0": "Offer of 3 March"}
    assert client.post(add, sent | {"source-0": ""}).status_code == 422
    assert client.post(add, sent).status_code == 302
    assert client.post(add, {"thing": f"component:{second.pk}"}).status_code == 302
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Offer of 3 March" in page and "0.8 (0.76–0.84)" in page
    one = row.candidates.in_order()[1]
    edited = {"value-1": "Six", "source-1": "Its card"}
    assert client.post(reverse("candidate-edit", args=[one.pk]), edited).status_code == 302
    choose = reverse("comparison-choose", args=[row.pk])
    assert client.post(choose, {"candidate": one.pk, "reason": ""}).status_code == 422
    assert client.post(choose, {"candidate": one.pk, "reason": REASON}).status_code == 302
    assert REASON in client.get(row.get_absolute_url()).content.decode()
    assert row.title in client.get(reverse("comparisons")).content.decode()
