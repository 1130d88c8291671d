"""The portfolio: which systems rest on which, without circles, and what is said of a system in each section."""

import random

import pytest
from django.urls import reverse

from registry import gates
from registry.actions import inventory, people, portfolio
from registry.cards import values
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Dependence
from registry.portfolio import way_down
from registry.release_gates import preview
from tests import factories

pytestmark = pytest.mark.django_db


def named(cast, name, **changes) -> AISystem:
    return factories.make_system(cast, name=name, **changes)


def test_a_system_rests_on_another_until_that_is_ended(cast, client):
    """S-007: the page shows what it rests on, with its layer, and what rests on it."""
    above, below = named(cast, "Assistant"), named(cast, "Model service", portfolio_layer="service")
    row = portfolio.rest_on(above, rests_on=below, actor=cast.owner)
    client.force_login(cast.auditor)
    page = client.get(above.get_absolute_url()).content.decode()
    assert "Model service</a>" in page
    assert "Service: shared by several solutions" in page
    assert "Assistant</a>" in client.get(below.get_absolute_url()).content.decode()
    portfolio.end_dependence(row, actor=cast.owner)
    assert "Model service</a>" not in client.get(above.get_absolute_url()).content.decode()
    with pytest.raises(NotAllowed, match="ended already"):
        portfolio.end_dependence(row, actor=cast.owner)
    portfolio.rest_on(above, rests_on=below, actor=cast.owner)


def test_no_circle_is_closed_and_the_way_is_named(cast):
    """S-007: neither with itself nor by way of others."""
    one, two, three = named(cast, "One"), named(cast, "Two"), named(cast, "Three")
    portfolio.rest_on(one, rests_on=two, actor=cast.owner)
    portfolio.rest_on(two, rests_on=three, actor=cast.owner)
    with pytest.raises(BadInput, match="for already: One → Two → Three"):
        portfolio.rest_on(three, rests_on=one, actor=cast.owner)
    with pytest.raises(BadInput, match="on itself"):
        portfolio.rest_on(one, rests_on=one, actor=cast.owner)
    with pytest.raises(BadInput, match="already"):
        portfolio.rest_on(one, rests_on=two, actor=cast.owner)


@pytest.mark.both
def test_ways_down_are_those_of_a_search_by_hand_on_random_portfolios(cast, seed):
    """S-007: against every path of a small random graph; ended ones do not count."""
    dice, systems = random.Random(seed), [named(cast, f"Node {n}") for n in range(7)]
    below = {system.pk: set() for system in systems}
    for _number in range(12):
        above, under = dice.sample(systems, 2)
        try:
            row = portfolio.rest_on(above, rests_on=under, actor=cast.owner)
        except BadInput:
            assert above.pk in reached(below, under.pk) or under.pk in below[above.pk]
            continue
        assert above.pk not in reached(below, under.pk)
        if dice.random() < 0.2:
            portfolio.end_dependence(row, actor=cast.owner)
        else:
            below[above.pk].add(under.pk)
    for start in systems:
        for end in systems:
            assert bool(way_down(start.pk, end.pk)) == (end.pk in reached(below, start.pk)), seed


def reached(below, start) -> set:
    """Everything below, itself included."""
    found, left = set(), [start]
    while left:
        at = left.pop()
        if at not in found:
            found.add(at)
            left += below[at]
    return found


def test_nothing_of_another_unit_is_offered_or_shown(cast, client):
    """S-007, P11: a link whose other end is another unit's is not there for the reader."""
    people.grant_duty(cast.owner, duty="author", unit=cast.other_unit, actor=cast.administrator)
    mine = named(cast, "Mine")
    theirs = inventory.register_system(
        cast.other_unit, name="Claims engine", purpose="Sorts claims.", business_owner=cast.owner,
        technical_owner=cast.owner, risk_tier="minimal", actor=cast.owner,
    )  # fmt: skip
    row = portfolio.rest_on(mine, rests_on=theirs, actor=cast.owner)
    client.force_login(cast.risk_officer)
    assert "Claims engine" not in client.get(mine.get_absolute_url()).content.decode()
    assert client.post(reverse("system-rest-end", args=[row.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        portfolio.rest_on(mine, rests_on=theirs, actor=cast.risk_officer)
    url, other = reverse("system-rest", args=[mine.pk]), named(cast, "Platform")
    assert client.post(url, {"rests_on": theirs.pk}).status_code == 422
    assert client.post(url, {"rests_on": other.pk}).status_code == 302
    portfolio.end_dependence(Dependence.objects.get(rests_on=other), actor=cast.owner)
    assert Dependence.objects.standing().count() == 1


# ---- what is said of a system


SAID = {
    "build_tune_adopt": "tune", "business_problem": "Letters go astray.", "expected_value": "Fewer letters.",
    "value_metric": "Letters saved a month", "technical_metric": "Recall at the threshold",
    "resources_managed_by": "central_team", "resource_rules": "The central team patches; the unit pays.",
    "autonomy_level": "in_the_loop", "portfolio_layer": "solution", "log_retention_days": 90,
    "value_reviewed_at": "2026-10-01",
}  # fmt: skip


def test_what_is_typed_into_the_form_stands_on_the_page(cast, client):
    """S-004, S-005, S-015: origin, problem, value and its measures, and who runs the resources."""
    system = factories.make_system(cast)
    client.force_login(cast.owner)
    url = reverse("system-edit", args=[system.pk])
    typed = {"name": system.name, "purpose": system.purpose, "risk_tier": "limited", **SAID}
    assert client.post(url, typed).status_code == 302
    page = client.get(system.get_absolute_url()).content.decode()
    for text in ("Tuned from a pre-trained one", "Letters go astray.", "Fewer letters.", "Letters saved a month",
                 "Recall at the threshold", "A central team", "The central team patches", "In the loop"):  # fmt: skip
        assert text in page
    system.refresh_from_db()
    assert (system.log_retention_days, str(system.value_reviewed_at)) == (90, "2026-10-01")


def test_the_api_changes_what_is_said_and_neither_owner_nor_stage(cast, client):
    """S-004, S-005, S-015: by REST, by the names of the vocabulary."""
    system = factories.make_system(cast)
    client.force_login(cast.owner)
    url = f"/api/v1/systems/{system.pk}/"
    answer = client.patch(url, SAID, "application/json")
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in SAID} == SAID
    assert client.get(url).json()["purpose"] == system.purpose
    for name in ("business_owner", "lifecycle_stage", "business_acceptance", "slug"):
        assert client.patch(url, {name: "pilot"}, "application/json").status_code == 400
    assert client.patch(url, {"build_tune_adopt": "borrow"}, "application/json").status_code == 400


def test_points_of_human_review_are_on_record_and_on_the_card(cast):
    """S-147: who looks at what stands with the system and fills the card of its versions."""
    version = factories.make_version(cast)
    inventory.edit_system(version.home_system, autonomy_level="on_the_loop", actor=cast.owner)
    told = {value.field.id: value for value in values(version, None)}["human_oversight"]
    assert told.automatic
    assert "An analyst releases every mailing list" in told.text


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, True),
        ({"non_ai_alternatives": ""}, False),
        ({"non_ai_alternatives": "None."}, False),
        ({"non_ai_alternatives": "", "risk_tier": "minimal"}, True),
        ({"is_generative": True}, False),
        ({"is_generative": True, "prototype_findings": "Fifty letters drafted, nine sent unchanged."}, True),
    ],
)
def test_no_release_without_alternatives_beside_the_choice_and_a_prototype_of_what_generates(cast, changes, is_open):
    """S-008, S-047: the gate asks from the limited tier on."""
    version = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, **changes)))
    assert gates.answer("choice", preview(version)).is_open == is_open
