"""Every record is read by programs, from one engine: its rows, one of them, and never a row of another unit."""

import random

import pytest
from django.test import Client

from registry.lists import LISTS
from registry.models import BusinessUnit
from registry.registers import kind_named, kinds
from registry.registers.reading import tables
from registry.vocabulary import vocabulary
from tests import factories
from tests.authz.test_twins import mirrored
from tests.registry.records.stories import STORIES
from tests.registry.registers import samples

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/records"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Nobody is rung."""
    from celery import current_app

    monkeypatch.setattr(current_app, "send_task", lambda *args, **more: None)


def reader(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_index_names_every_entity_of_the_vocabulary_with_its_columns(cast):
    """G must show: REST; the walk over the list."""
    found = {one["name"]: one["columns"] for one in reader(cast.owner).get(f"{PLACE}/").json()}
    assert set(vocabulary().entities) <= set(found) == set(LISTS)
    assert {"title", "system", "status"} <= set(found["risk"])


def test_what_is_no_list_is_not_found(cast):
    assert reader(cast.owner).get(f"{PLACE}/moon/").status_code == 404
    assert reader(cast.owner).post(f"{PLACE}/risk/", {}).status_code == 405
    assert Client().get(f"{PLACE}/risk/").status_code == 401


def test_rows_of_every_table_are_read_by_who_may_see_them_and_by_nobody_of_another_unit(cast):
    """G must show: every entity readable by REST, list and one, scoped by unit; a canary of another unit is not there."""
    theirs = mirrored(cast)
    for entity in sorted(tables()):
        story = STORIES.get(entity, STORIES["risk"])
        for people in (cast, theirs):
            story.enter(people, story.begin(people))
        own, others = reader(who(cast, story)), reader(who(theirs, story))
        mine = {row["id"]: row for row in every(own, entity)}
        hidden = {row["id"] for row in every(others, entity)} - set(mine)
        assert mine and hidden, entity
        one = next(iter(mine))
        assert own.get(f"{PLACE}/{entity}/{one}/").json() == mine[one], entity
        assert {own.get(f"{PLACE}/{entity}/{pk}/").status_code for pk in list(hidden)[:3]} == {404}, entity


def who(people, story):
    """The reader: administrators see people and units, and none of what lies in them."""
    return people.risk_officer if story.actor == "administrator" else getattr(people, story.actor)


def every(client, entity):
    answer = client.get(f"{PLACE}/{entity}/?page_size=200")
    assert answer.status_code == 200, (entity, answer.content)
    return answer.json()["results"]


def test_entries_of_registers_are_read_by_rest(cast, amount, seed):
    """G must show: the registers, too (all with ATTESTRY_FULL, else a tenth by seed); an outsider sees none of them."""
    writer = samples.writer(cast)
    inside, outside = reader(writer), reader(cast.outsider)
    for name in random.Random(seed).sample(sorted(kinds()), amount(len(kinds()))):
        kind = kind_named(name)
        if {"unit", "system"} & set(kind.about):
            row = samples.written(kind, cast, cast.unit if "unit" in kind.about else factories.make_system(cast))
            assert str(row.pk) in {one["id"] for one in every(inside, name)}, name
            assert inside.get(f"{PLACE}/{name}/{row.pk}/").json()["title"] == row.title
            assert outside.get(f"{PLACE}/{name}/{row.pk}/").status_code == 404, name


def test_a_token_reads_what_its_scope_names_in_its_unit_alone(cast):
    """Promise P11 for programs: the unit of the token bounds every list, whatever its person may see."""
    from registry.actions import tokens

    root = BusinessUnit.objects.get(parent=None)
    person = samples.writer(cast)
    factories.grant(cast, person, "technical_owner", unit=root)
    _token, secret = tokens.create_token(person, name="reads", unit=cast.unit, scopes=["models:read"])
    ours, theirs = factories.make_system(cast), factories.make_system(mirrored(cast))
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    for entity in ("ai_system", "systems"):
        seen = {row["id"] for row in every(program, entity)}
        assert str(ours.pk) in seen and str(theirs.pk) not in seen
    assert str(root.pk) not in {row["id"] for row in every(program, "business_unit")}
    assert program.get(f"{PLACE}/audit_event/").status_code == 403
    assert program.get(f"{PLACE}/report/").status_code == 403
