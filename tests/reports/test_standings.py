"""Statuses of all systems kept in memory: after any change they are those of an evaluation from cold."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from registry.actions import people
from registry.actions.cards import set_card_status
from registry.models import BusinessUnit
from reports.evaluation import evaluate
from reports.framework_files import SLUGS, load
from reports.sources import DjangoFacts
from reports.standings.live import Standings
from tests import factories
from tests.reports.generated import company as companies, entries
from tests.reports.generated.base import keep
from tests.reports.generated.happenings import HAPPENINGS

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(cast):
    found = companies.make(cast)
    entries.write(found)
    return found


def from_cold(standings, keys):
    """What `evaluate` says of these systems and units."""
    return {key: evaluated(standings, key) for key in keys}


def evaluated(standings, key):
    [framework] = standings.frameworks.values()
    unit = BusinessUnit.objects.filter(pk=key).first() if key else None
    facts = DjangoFacts(None, None, standings.as_of, unit=unit)
    named = {"unit": key} if unit else {"system": key}
    return evaluate(framework, facts, as_of=standings.as_of, **named).to_json()


@pytest.mark.timeout(1800)
def test_after_random_changes_they_are_those_from_cold(company, amount, seed):
    """P6: sequences of one to four changes; of a framework the organisation, a unit and a system are compared."""
    draw = random.Random(seed)
    kept: dict[str, Standings] = {}
    for _ in range(amount(100)):
        done = [draw.choice(HAPPENINGS) for _ in range(draw.randrange(1, 5))]
        for happens in done:
            happens(company, draw)
        slug = draw.choice(SLUGS)
        standings = kept.setdefault(slug, kept.get(slug) or Standings(load(slug)))
        standings.refresh()
        systems = [None, draw.choice(standings.systems[1:]), draw.choice(list(standings.units))]
        told = {pk: standings.of(pk).to_json() for pk in systems}
        assert told == from_cold(standings, systems), ([one.__name__ for one in done], slug)
    print(f"{amount(100)} sequences of changes: equal to an evaluation from cold, seed {seed}")


def test_only_what_a_change_touches_is_decided_anew(cast):
    """A new risk of one system leaves what stands of the other as it is."""
    one, other = factories.make_system(cast), factories.make_system(cast)
    standings = Standings(load("nist_ai_rmf"))
    assert standings.refresh(standings.as_of) == set()
    before = dict(standings.statuses[str(other.pk)])
    factories.make_risk(cast, one)
    touched = standings.refresh(standings.as_of)
    assert touched == {None, str(one.pk), str(one.unit.pk)}
    assert all(standings.statuses[str(other.pk)][key] is found for key, found in before.items())


def test_a_change_of_tier_reaches_the_checks_on_records(cast):
    """What the tier asks of a card is asked anew, though the row of the version is the same."""
    system = factories.make_system(cast, risk_tier="minimal")
    version = factories.make_version(cast, factories.make_model(cast, system))
    factories.fill_card(cast, version)
    standings = Standings(load("nist_ai_rmf"))
    system.risk_tier = "critical"
    keep(system, "edited")
    standings.refresh(standings.as_of)
    assert standings.of(str(system.pk)).to_json() == from_cold(standings, [str(system.pk)])[str(system.pk)]


def test_a_change_of_tier_leaves_items_that_it_does_not_touch(cast):
    """Within a requirement that is decided anew, only what the change touches is asked."""
    system = factories.make_system(cast, risk_tier="minimal")
    system.lifecycle_stage = "production"
    keep(system, "edited")
    standings = Standings(load("nist_ai_rmf"))
    before = {one.item.id: one for entry in standings.of(str(system.pk)).requirements for one in entry.items}
    system.risk_tier = "critical"
    keep(system, "edited")
    standings.refresh(standings.as_of)
    after = {one.item.id: one for entry in standings.of(str(system.pk)).requirements for one in entry.items}
    kept = [name for name, one in after.items() if before.get(name) is one]
    assert 0 < len(kept) < len(after)


def test_a_system_that_moves_leaves_its_unit(cast):
    """What its unit was asked for because of it is asked of the other unit from then on."""
    system = factories.make_system(cast, is_generative=True)
    system.lifecycle_stage = "production"
    keep(system, "edited")
    standings = Standings(load("nist_ai_rmf"))
    system.unit = cast.other_unit
    keep(system, "moved")
    standings.refresh(standings.as_of)
    units = [str(cast.unit.pk), str(cast.other_unit.pk)]
    assert {key: standings.of(key).to_json() for key in units} == from_cold(standings, units)


def test_a_unit_that_comes_with_a_change_of_a_system_is_decided(cast):
    system = factories.make_system(cast)
    system.lifecycle_stage = "production"
    keep(system, "edited")
    standings = Standings(load("nist_ai_rmf"))
    unit = people.add_unit("New", parent=cast.unit, actor=cast.administrator)
    system.is_generative = True
    keep(system, "edited")
    standings.refresh(standings.as_of)
    assert standings.of(str(unit.pk)).to_json() == from_cold(standings, [str(unit.pk)])[str(unit.pk)]


def test_each_revision_of_a_card_is_kept_for_itself(cast):
    """A draft after an approved card leaves the approved one standing."""
    version = factories.make_version(cast)
    factories.fill_card(cast, version)
    set_card_status(version.card, "approved", actor=cast.owner, approved_at=timezone.now())
    factories.fill_card(cast, version)
    system = str(version.home_system.pk)
    standings = Standings(load("nist_ai_rmf"))
    assert standings.of(system).to_json() == from_cold(standings, [system])[system]


def test_another_day_begins_anew(cast):
    factories.make_system(cast)
    standings = Standings(load("nist_ai_600_1"))
    assert standings.refresh(timezone.now() + timedelta(days=400)) == set(standings.keys)
    assert standings.of(None).to_json() == from_cold(standings, [None])[None]
