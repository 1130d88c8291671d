"""Statuses of all systems kept in memory: after any change they are those of an evaluation from cold."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from reports.evaluation import evaluate
from reports.framework_files import SLUGS, load
from reports.sources import DjangoFacts
from reports.standings import Standings
from tests.reports.generated import company as companies, entries
from tests.reports.generated.happenings import HAPPENINGS, a_system_changes, another_risk

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(cast):
    found = companies.make(cast)
    entries.write(found)
    return found


def from_cold(standings, systems):
    """What `evaluate` says of these systems."""
    facts = DjangoFacts(None, None, standings.as_of)
    return {
        pk: evaluate(standings.framework, facts, system=pk, as_of=standings.as_of).to_json() for pk in systems
    }  # fmt: skip


def test_after_random_changes_they_are_those_from_cold(company, amount, seed):
    """P6: sequences of one to four changes; a framework and two systems of each, and the organisation, are compared."""
    draw = random.Random(seed)
    kept = {slug: Standings(load(slug)) for slug in SLUGS}
    for _ in range(amount(100)):
        done = [draw.choice(HAPPENINGS) for _ in range(draw.randrange(1, 5))]
        for happens in done:
            happens(company, draw)
        standings = kept[draw.choice(SLUGS)]
        standings.refresh(standings.as_of)
        systems = [None, *draw.sample(standings.systems[1:], 2)]
        told = {pk: standings.of(pk).to_json() for pk in systems}
        assert told == from_cold(standings, systems), ([one.__name__ for one in done], standings.framework.slug)


def test_a_change_is_decided_anew_for_what_it_touches_only(company):
    standings = Standings(load("nist_ai_600_1"))
    assert standings.refresh(standings.as_of) == set()
    before = standings.statuses[str(company.ended.pk)]["CBRN"]
    draw = random.Random(1)
    a_system_changes(company, draw)
    another_risk(company, draw)
    standings.refresh(standings.as_of)
    after = standings.statuses[str(company.ended.pk)]["CBRN"]
    assert after is before or after != before


def test_another_day_begins_anew(company):
    standings = Standings(load("nist_ai_600_1"))
    later = timezone.now() + timedelta(days=400)
    assert standings.refresh(later) == set(standings.systems)
    assert standings.of(None).to_json() == from_cold(standings, [None])[None]
