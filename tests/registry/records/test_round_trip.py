"""Every record of the vocabulary can be taken out and brought in again: the same rows, as far as people type them."""

import pytest
from django.db import transaction

from registry import access, imports
from registry.imports.checking import form_of
from registry.registers import kind_named, kinds
from registry.registers.reading import tables
from registry.vocabulary import vocabulary
from tests.registry.records.files import brought_in, require_refused, taken_out
from tests.registry.records.stories import STORIES
from tests.registry.registers import samples

pytestmark = pytest.mark.django_db
# What nobody types: a row of another log becomes an entry that says so (test_sheets.py).
TOLD = {"audit_event"}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Nobody is rung."""
    from celery import current_app

    monkeypatch.setattr(current_app, "send_task", lambda *args, **more: None)


def typed(entity: str, person) -> list[str]:
    """The columns that a sheet brings in."""
    return list(form_of(imports.KINDS[imports.SHEETS.get(entity, entity)], person).fields)


def only(rows, names):
    return [{name: row[name] for name in names} for row in rows]


def test_every_entity_of_the_vocabulary_has_a_story(cast):
    """G must show: the walk over the list; nothing is left out."""
    assert set(STORIES) | TOLD | {name for name in kinds() if name in vocabulary().entities} == set(
        vocabulary().entities
    )
    assert all(imports.SHEETS.get(entity, entity) in imports.KINDS for entity in vocabulary().entities)


@pytest.mark.parametrize("entity", sorted(STORIES))
def test_rows_of_a_table_come_back_as_they_were_taken_out(cast, entity):
    """G must show: each importable and exportable; an export brought into an empty registry gives the same rows. What
    must be filled and is not, and a status or choice that nobody knows, is refused by row and column."""
    story = STORIES[entity]
    actor = getattr(cast, story.actor)
    begun = story.begin(cast)
    known = {row["id"] for row in taken_out(entity, actor)}
    before = transaction.savepoint()
    story.enter(cast, begun)
    rows = [row for row in taken_out(entity, actor) if row["id"] not in known]
    assert rows, "the story entered nothing that its actor may see"
    names = typed(entity, actor)
    assert set(names) <= set(rows[0]), set(names) - set(rows[0])
    require_refused(entity, rows[0], actor)
    transaction.savepoint_rollback(before)
    assert {row["id"] for row in taken_out(entity, actor)} == known
    brought_in(entity, rows, actor)
    again = [row for row in taken_out(entity, actor) if row["id"] not in known]
    assert sorted(only(again, names), key=str) == sorted(only(rows, names), key=str)


def test_entries_of_every_register_come_back_as_they_were_taken_out(cast):
    """G must show: the same of the registers, with the forms that their kinds make."""
    actor = samples.writer(cast)
    with access.read_once(actor):
        for name in sorted(kinds()):
            samples.written(kind_named(name), cast)
        taken = {name: taken_out(name, actor) for name in kinds()}
        names = {name: typed(name, actor) for name in kinds()}
        for name, rows in taken.items():
            assert set(names[name]) <= set(rows[0]), (name, set(names[name]) - set(rows[0]))
            brought_in(name, rows[:1], actor)
            require_refused(name, rows[0], actor)
        for name, rows in taken.items():
            known = {row["id"] for row in rows}
            again = [row for row in taken_out(name, actor) if row["id"] not in known]
            assert only(rows[:1], names[name])[0] in only(again, names[name]), name


def test_what_a_table_holds_is_an_entity_of_the_vocabulary(cast):
    assert set(tables()) <= set(vocabulary().entities)
