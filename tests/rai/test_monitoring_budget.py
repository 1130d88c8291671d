"""How often a year of looks alarms falsely and finds what is there: by simulation, against the published figures."""

import numpy as np
import pytest

from rai.engine.comparisons import gap_high, gap_low
from rai.engine.intervals import z_alarm
from rai.engine.verdicts import Settings
from tests.rai.test_simulated_behaviour import contest_of

LIMIT, ROWS, YEARS = 0.1, 1000, 2_000
SIGMAS = 4
PUBLISHED_FALSE = 0.024
SEEN = {4: 0.985, 12: 0.960, 52: 0.903}
UNCORRECTED = {4: 0.096, 12: 0.256, 52: 0.727}


def verdicts(gap: float, looks: int, number: int, seed: int, *, budget: int | None) -> list[str]:
    """What so many looks at two groups of 1,000 rows say of a limit of 0.1; `budget` looks share a year's error."""
    generator = np.random.Generator(np.random.PCG64(seed))
    levels = Settings(looks=budget).levels(1, attempt=1)
    found = []
    for events in generator.binomial(ROWS, (0.3, 0.3 + gap), (number, 2)):
        contest = contest_of(events, [ROWS, ROWS])
        low, high = gap_low(contest, levels.to_fail).amount, gap_high(contest, levels.to_pass).amount
        found.append("alarm" if low > LIMIT else "within" if high <= LIMIT else "watch")
    return found


def years_with_alarm(looks: int, years: int, seed: int, *, budget: int | None) -> float:
    """The share of years in which at least one look alarms although the gap is exactly at the limit."""
    found = np.array(verdicts(LIMIT, looks, looks * years, seed, budget=budget)) == "alarm"
    return float(found.reshape(years, looks).any(axis=1).mean())


def near(found: float, published: float, runs: int) -> bool:
    """Within the error of this simulation and half of the last printed digit."""
    return abs(found - published) <= SIGMAS * (published * (1 - published) / runs) ** 0.5 + 0.001


@pytest.mark.parametrize(("product", "z"), [(4, 2.4977), (12, 2.8653), (52, 3.3015)])
def test_the_quantile_of_an_alarm_is_the_published_one(product, z):
    """statistics 8: K·m = 4, 12, 52; looks and comparisons count alike."""
    assert z_alarm(0.05, 1, product, 1) == pytest.approx(z, abs=5e-5)
    assert z_alarm(0.05, 1, 1, product) == pytest.approx(z, abs=5e-5)


@pytest.mark.parametrize("looks", [4, 12, 52])
def test_false_alarms_of_a_year_at_the_limit_keep_to_the_budget(looks, amount):
    """S-128, S-143: 2.4 % a year however often it is looked at; 9.6, 25.6 and 72.7 % without the correction."""
    years = amount(YEARS)
    assert near(years_with_alarm(looks, years, 20261121, budget=looks), PUBLISHED_FALSE, years)
    assert near(years_with_alarm(looks, years, 20261121, budget=1), UNCORRECTED[looks], years)


@pytest.mark.parametrize("looks", [4, 12, 52])
def test_twice_the_limit_is_seen_at_one_look(looks, amount):
    """A gap of .2 against .1 with 1,000 rows a group: 98.5, 96.0 and 90.3 % at one look."""
    runs = amount(20_000)
    found = verdicts(0.2, looks, runs, 20261122, budget=looks)
    assert near(found.count("alarm") / runs, SEEN[looks], runs)


def test_the_end_that_decides_within_is_not_moved_by_the_looks():
    """More looks make an alarm rarer, never a pass easier."""
    once, often = (Settings(looks=looks).levels(3, attempt=1) for looks in (1, 366))
    assert once.to_pass == often.to_pass
    assert once.to_fail < often.to_fail
