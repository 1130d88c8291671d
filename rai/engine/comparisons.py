"""Comparing groups: which are held against which, the extreme pair of each question, and what chance alone would show."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rai.engine.intervals import jaccard_to_f1, mover_difference, mover_ratio
from rai.engine.rates import Rates
from rai.engine.rules import Kind

DRAWS = 2_000
DRAWN_AT_ONCE = 2_000_000

Places = np.ndarray


@dataclass(frozen=True)
class Contest:
    """k groups of one metric and what each is held against.

    all_pairs: each other; reference: the group at `reference`; rest: all other groups together (`rest`, k rates);
    groups and none: a limit. The length is the number of comparisons, 0 where there is nothing to compare.
    """

    comparison: str
    rates: Rates
    rest: Rates | None = None
    reference: int = -1

    def __len__(self) -> int:
        k = len(self.rates)
        sizes = {"all_pairs": k * (k - 1) // 2, "reference": max(k - 1, 0), "none": k}
        return sizes.get(self.comparison, k if k > 1 else 0)

    @property
    def versus(self) -> Rates:
        """The rates that stand on the other side."""
        return self.rates if self.rest is None else self.rest

    def blocks(self, *, ordered: bool = False) -> Iterator[tuple[Places, Places]]:
        """Places of both sides, one row of pairs at a time: the table of all pairs is never built."""
        k = len(self.rates)
        every = np.arange(k)
        if self.comparison == "rest":
            yield every, every
        elif self.comparison == "reference":
            others = np.delete(every, self.reference)
            yield others, np.full(k - 1, self.reference)
        else:
            for place in range(k if ordered else k - 1):
                against = np.delete(every, place) if ordered else every[place + 1 :]
                yield np.full(len(against), place), against

    def scaled(self, factor: float) -> "Contest":
        """The same contest on `factor` times the rows."""
        rest = None if self.rest is None else self.rest.scaled(factor)
        return replace(self, rates=self.rates.scaled(factor), rest=rest)


@dataclass(frozen=True)
class Extreme:
    """The largest or smallest amount of a contest and the places of the two sides."""

    amount: float
    group: int
    versus: int


Score = Callable[[Places, Places], np.ndarray]
Limits = Callable[[Places, Places], tuple[np.ndarray, np.ndarray]]


def smallest(contest: Contest, score: Score, *, ordered: bool) -> Extreme:
    """The smallest score over all comparisons (infinite where there is none)."""
    best = Extreme(np.inf, 0, 0)
    for first, second in contest.blocks(ordered=ordered):
        scores = score(first, second)
        place = int(np.argmin(scores))
        if scores[place] < best.amount:
            best = Extreme(float(scores[place]), int(first[place]), int(second[place]))
    return best


def greatest(contest: Contest, score: Score) -> Extreme:
    """The greatest score over all comparisons, with the side of the lower rate first."""
    found = smallest(contest, lambda first, second: -score(first, second), ordered=False)
    group, versus = found.group, found.versus
    if contest.rest is None and contest.rates.value[group] > contest.rates.value[versus]:
        group, versus = versus, group
    return Extreme(-found.amount, group, versus)


def differences(contest: Contest, z: float) -> Limits:
    """Limits of first − second at z for places of a contest."""
    return paired(contest, z, mover_difference)


def ratios(contest: Contest, z: float) -> Limits:
    """Limits of first / second at z for places of a contest."""
    return paired(contest, z, mover_ratio)


def paired(contest: Contest, z: float, formula: Callable[..., tuple[np.ndarray, np.ndarray]]) -> Limits:
    """The formula over both sides, with each side's own limits computed once."""
    one, other = contest.rates, contest.versus
    (low1, high1), (low2, high2) = one.limits(z), other.limits(z)
    value1, value2 = one.value, other.value

    def limits(first: Places, second: Places) -> tuple[np.ndarray, np.ndarray]:
        sides = (value1[first], low1[first], high1[first], value2[second], low2[second], high2[second])
        return formula(*sides)

    return limits


def gap(contest: Contest) -> Extreme:
    """The largest point difference."""
    one, other = contest.rates.value, contest.versus.value
    return greatest(contest, lambda first, second: np.abs(one[first] - other[second]))


def gap_high(contest: Contest, z: float) -> Extreme:
    """The largest upper bound of any |difference|."""
    limits = differences(contest, z)

    def score(first: Places, second: Places) -> np.ndarray:
        low, high = limits(first, second)
        return np.maximum(high, -low)

    return greatest(contest, score)


def gap_low(contest: Contest, z: float) -> Extreme:
    """The largest lower bound of any |difference|, 0 where every interval holds 0."""
    limits = differences(contest, z)

    def score(first: Places, second: Places) -> np.ndarray:
        low, high = limits(first, second)
        return np.maximum(np.maximum(low, -high), 0)

    return greatest(contest, score)


def point_ratio(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """one / other, infinite where other is 0."""
    return np.divide(one, other, out=np.full_like(one, np.inf), where=other > 0)


def least_ratio(contest: Contest) -> Extreme:
    """The smallest point ratio of any ordered pair, infinite where every rate is 0."""
    one, other = contest.rates.value, contest.versus.value
    return smallest(contest, lambda first, second: point_ratio(one[first], other[second]), ordered=True)


def least_ratio_low(contest: Contest, z: float) -> Extreme:
    """The smallest lower bound of any ordered pair's ratio."""
    limits = ratios(contest, z)
    return smallest(contest, lambda first, second: limits(first, second)[0], ordered=True)


def least_ratio_high(contest: Contest, z: float) -> Extreme:
    """The smallest upper bound of any ordered pair's ratio, at most 1."""
    limits = ratios(contest, z)
    found = smallest(contest, lambda first, second: limits(first, second)[1], ordered=True)
    return Extreme(min(found.amount, 1.0), found.group, found.versus)


def chance(contests: Sequence[Contest], kind: Kind, seed: int) -> float | None:
    """The mean of the rule's value if all groups had one common rate: 2,000 binomial draws of the groups' sizes.

    None for a rule on a single value. Effective sizes are rounded to whole rows.
    """
    if kind == "value":
        return None
    generator = np.random.Generator(np.random.PCG64(seed))
    seen = [(drawn if contest.rates.has_events else scattered)(contest, kind, generator) for contest in contests]
    worst = np.minimum if kind in {"ratio", "lowest"} else np.maximum
    return float(worst.reduce(seen).mean())


def drawn(contest: Contest, kind: Kind, generator: np.random.Generator) -> np.ndarray:
    """One simulated value a draw."""
    sizes = np.maximum(np.rint(contest.rates.size), 1).astype(np.int64)
    common = float(np.clip(contest.rates.events.sum() / contest.rates.size.sum(), 0, 1))
    at_once = max(1, DRAWN_AT_ONCE // len(sizes))
    parts = [min(at_once, DRAWS - start) for start in range(0, DRAWS, at_once)]
    seen = [shown(contest, kind, generator.binomial(sizes, common, (part, len(sizes))), sizes) for part in parts]
    return np.concatenate(seen)


def scattered(contest: Contest, kind: Kind, generator: np.random.Generator) -> np.ndarray:
    """One simulated value a draw for metrics that count no events: a common value with each group's standard error."""
    rates = contest.rates
    low, high = rates.limits(1.0)
    common = float((rates.value * rates.size).sum() / rates.size.sum())
    at_once = max(1, DRAWN_AT_ONCE // len(rates))
    parts = [min(at_once, DRAWS - start) for start in range(0, DRAWS, at_once)]
    drawn = [common + generator.standard_normal((part, len(rates))) * (high - low) / 2 for part in parts]
    return np.concatenate([spread(contest, kind, values, rates.size) for values in drawn])


def spread(contest: Contest, kind: Kind, values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The rule's value in each row of drawn values."""
    least, most = values.min(axis=1), values.max(axis=1)
    if kind in {"lowest", "highest"}:
        return least if kind == "lowest" else most
    if contest.comparison == "reference":
        return np.abs(values - values[:, [contest.reference]]).max(axis=1)
    if contest.comparison == "rest":
        weighted = values * sizes
        others = (weighted.sum(axis=1, keepdims=True) - weighted) / (sizes.sum() - sizes)
        return np.abs(values - others).max(axis=1)
    return most - least


def shown(contest: Contest, kind: Kind, events: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The rule's value in each row of drawn events."""
    change = jaccard_to_f1 if contest.rates.jaccard else np.asarray
    values = change(events / sizes)
    least, most = values.min(axis=1), values.max(axis=1)
    if kind == "ratio":
        return np.divide(least, most, out=np.ones_like(most), where=most > 0)
    if kind in {"lowest", "highest"}:
        return least if kind == "lowest" else most
    if contest.comparison == "reference":
        return np.abs(values - values[:, [contest.reference]]).max(axis=1)
    if contest.comparison == "rest":
        others = (events.sum(axis=1, keepdims=True) - events) / (sizes.sum() - sizes)
        return np.abs(values - change(others)).max(axis=1)
    return most - least
