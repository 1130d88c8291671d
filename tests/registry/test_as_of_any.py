"""The past of anything: 100 random pairs of object and day say what an independent replay of the log says."""

import json
import random
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from registry.actions import inventory
from registry.audit import as_of
from registry.models import AuditBody, AuditEntry
from tests import append_only, factories
from tests.authz.world import make_world

STEP = timedelta(minutes=9)


@pytest.fixture
def clock(monkeypatch, cast):
    """A clock that goes nine minutes on whenever somebody looks at it, so that a story takes days."""
    at = [timezone.now()]
    began = at[0]

    def now():
        at[0] += STEP
        return at[0]

    monkeypatch.setattr(timezone, "now", now)
    return began


def replayed() -> dict[tuple[str, str], list[tuple[str, dict]]]:
    """Every object's states with their moments, by reading all bodies in the order of the log; no query of the product."""
    states: dict[tuple[str, str], list[tuple[str, dict]]] = {}
    for kind, pk, moment, body in AuditEntry.objects.order_by("seq").values_list(
        "object_type", "object_id", "ts_utc", "body__body"
    ):
        states.setdefault((kind, str(pk)), []).append((moment, json.loads(bytes(body))["snapshot"]))
    return states


def said_by(states: list[tuple[str, dict]], last_moment: str) -> dict | None:
    """The state that the last entry not after the moment left; None before the first."""
    before = [snapshot for moment, snapshot in states if moment <= last_moment]
    return before[-1] if before else None


@pytest.mark.both
def test_a_hundred_random_pairs_say_what_the_log_says(clock, cast, seed):
    """D, must show; row 49: every kind of thing that there is, on any day, before its beginning too."""
    world = make_world(cast)
    for number in range(12):
        inventory.edit_system(world["system"], purpose=f"Purpose number {number} of this system.", actor=cast.owner)
    truth, rng = replayed(), random.Random(seed)
    span = (timezone.now() - clock).days + 2
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for key in truth:
        by_kind.setdefault(key[0], []).append(key)
    kinds = sorted(by_kind)
    wrong, seen = [], set()
    for number in range(100):
        key = rng.choice(by_kind[kinds[number % len(kinds)]])
        day = (clock + timedelta(days=rng.randrange(-1, span))).date()
        if as_of.state_of(key, day) != said_by(truth[key], as_of.written(as_of.end_of(day))):
            wrong.append((key, day))
        seen.add(key[0])
    assert wrong == []
    assert len(seen) == len(kinds) >= 25 and span >= 3


@pytest.fixture
def changed(cast, monkeypatch):
    """A data set's system that was described on one day and described anew four days later; its first day."""
    began = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: began)
    system = factories.make_system(cast, purpose="What was written first.")
    monkeypatch.setattr(timezone, "now", lambda: began + timedelta(days=4))
    inventory.edit_system(system, purpose="What was written later.", actor=cast.owner)
    monkeypatch.setattr(timezone, "now", lambda: began + timedelta(days=9))
    return system, timezone.localdate(began)


def look(client, row, day) -> str:
    """The page of a thing on a day."""
    return client.get(reverse("past", args=[row._meta.label, row.pk]), {"day": day}).content.decode()


def test_a_page_says_how_anything_was_on_a_day(changed, cast, client):
    system, first = changed
    client.force_login(cast.auditor)
    assert "What was written first." in look(client, system, first + timedelta(days=3))
    assert "What was written later." in look(client, system, first + timedelta(days=4))
    assert "Not there yet" in look(client, system, first - timedelta(days=1))
    assert "not begun yet" in look(client, system, first + timedelta(days=99))


def test_a_row_changed_outside_the_log_does_not_change_the_past(changed, cast, client):
    system, first = changed
    system.purpose = "Put in by somebody who writes into the tables."
    system.save()
    client.force_login(cast.auditor)
    assert "somebody who writes into the tables" not in look(client, system, first + timedelta(days=5))


def test_an_entry_leads_to_the_past_of_its_object(changed, cast, client):
    client.force_login(cast.auditor)
    entry = AuditEntry.objects.filter(object_id=changed[0].pk).latest("seq")
    page = client.get(reverse("audit-entry", args=[entry.seq])).content.decode()
    assert reverse("past", args=["registry.AISystem", changed[0].pk]) in page


def test_who_may_not_read_the_entries_may_not_read_the_past(changed, cast, client):
    """P11."""
    for person in (cast.outsider, cast.publisher):
        client.force_login(person)
        address = reverse("past", args=["registry.AISystem", changed[0].pk])
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("noun", ["registry.AISystem", "nothing.AtAll", "x", "auth.Permission"])
def test_no_such_thing_is_no_page(noun, cast, client):
    client.force_login(cast.auditor)
    assert client.get(reverse("past", args=[noun, "00000000-0000-4000-8000-000000000000"])).status_code == 404


def test_an_erased_state_says_so(changed, cast, client):
    """P13."""
    system, first = changed
    entry = as_of.recorded(system, first).entry
    append_only.drop(connection)
    AuditBody.objects.filter(pk=entry).update(body=None, salt=None, erased_at=timezone.now())
    client.force_login(cast.auditor)
    assert "has been erased" in look(client, system, first)
