"""A database that satisfies every rule, what is left of it when one thing is taken away, and a second evaluator."""

import random

import pytest
import yaml
from django.utils import timezone

from reports.evaluation import evaluate
from reports.framework_files import FOLDER, SLUGS, load
from reports.sources import DjangoFacts
from tests.reports.generated import company as companies, entries, worlds
from tests.reports.generated.second_reading import Reader, requirements

pytestmark = pytest.mark.django_db  # for whoever runs this file alone: the tables are made then, too
RAW = {slug: requirements(yaml.safe_load((FOLDER / f"{slug}.yaml").read_text("utf-8"))) for slug in SLUGS}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The facts of the satisfying database, made once and held still."""
    from django.db import transaction

    from tests import factories

    with django_db_blocker.unblock(), transaction.atomic():
        company = companies.make(factories.make_cast())
        entries.write(company)
        systems = [str(company.system.pk), str(company.ended.pk)]
        found = worlds.held_still(DjangoFacts(None, None, timezone.now()), systems)
        transaction.set_rollback(True)
    return found


def decided(world, slug, system=None):
    return evaluate(load(slug), world, system=system, as_of=world.as_of)


def test_the_functions_of_the_framework_are_covered_exactly():
    """P6: 72 subcategories = 19 + 18 + 22 + 13, with 286 items."""
    framework = load("nist_ai_rmf")
    counts = [
        sum(one.group[0] == name for one in framework.requirements) for name in ("GOVERN", "MAP", "MEASURE", "MANAGE")
    ]
    assert (counts, sum(counts), len(framework.items)) == ([19, 18, 22, 13], 72, 286)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("is_whole", [True, False])
def test_a_database_that_satisfies_all_rules_meets_every_requirement(world, slug, is_whole):
    """P6: rows of every table and register, checks computed and reported."""
    found = decided(world, slug, None if is_whole else world.systems[0])
    left = {entry.requirement.id: str(entry.reason) for entry in found.requirements if entry.result != "met"}
    print(f"{slug}, {'organisation' if is_whole else 'system'}: {found.counts['met']} of {len(found.requirements)} met")
    assert left == {}
    if slug == "nist_ai_rmf":
        assert found.counts["met"] == 72


@pytest.mark.parametrize("slug", SLUGS)
def test_without_the_rows_of_any_required_item_its_requirement_is_met_no_more(world, slug):
    """P6: every required item is tried; where a rule says that nothing need exist, the item stops to apply."""
    tried = [
        (entry.requirement.id, item.item)
        for entry in decided(world, slug).requirements
        for item in entry.items
        if entry.result == "met" and item.item.is_required and item.result == "pass"
    ]
    kept = [item.id for key, item in tried if not leaves_met(world, slug, key, item)]
    print(f"{slug}: {len(tried)} required items hidden in turn, {len(kept)} requirements stayed met")
    assert tried and kept == []


def leaves_met(world, slug, key, item):
    """Hide what the item rests on until it rests on nothing."""
    from dataclasses import replace

    framework = load(slug)
    only = replace(framework, requirements=(framework.requirement(key),))
    try:
        while True:
            [entry] = evaluate(only, world, as_of=world.as_of).requirements
            found = next(one for one in entry.items if one.item is item)
            if found.result != "pass":
                return entry.result != "met" or item.if_none == "not_applicable"
            world.hidden |= {row.id for row in found.evidence}
    finally:
        world.hidden = set()


def test_two_evaluators_agree_on_random_databases(world, amount, seed):
    """P6: the second one was written from the vocabulary alone; every requirement of every framework is compared."""
    draw, databases = random.Random(seed), amount(200)
    for _ in range(databases):
        number = draw.randrange(10**9)
        other = worlds.changed(world, number)
        system = draw.choice((None, *other.systems))
        reader = Reader(other.plain(), other.as_of, system)
        for slug in SLUGS:
            first = {entry.requirement.id: entry.result for entry in decided(other, slug, system).requirements}
            second = {str(one["id"]): reader.status(one) for one in RAW[slug]}
            assert first == second, (number, system, slug)
    print(f"{databases} random databases, {len(SLUGS)} frameworks: equal, seed {seed}")


def test_both_evaluators_agree_on_the_satisfying_database(world):
    reader = Reader(world.plain(), world.as_of, None)
    for slug in SLUGS:
        first = {entry.requirement.id: entry.result for entry in decided(world, slug).requirements}
        assert first == {str(one["id"]): reader.status(one) for one in RAW[slug]}
