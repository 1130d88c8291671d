"""The check calibration: whether scores keep their word, over all rows and in every group, and how groups differ in that."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from rai.checks.contract import Group, InputError, Measure, Outcome, verdict_of
from rai.checks.group_fairness import check_settings
from rai.checks.measured import estimated, require_comparable
from rai.checks.score_groups import book_parameters, missing_rows, score_groups
from rai.engine.calibration import Bins, brier_parts, expected_error, noise_floor
from rai.engine.intervals import mover_difference, wilson, z_shown
from rai.engine.rules import Rule, rule_of
from rai.engine.score_metrics import CALIBRATION
from rai.engine.scores import Book, Part, ScoreTable
from rai.engine.verdicts import Role, Settings, judge, reference_place

CHECK = "calibration"
VERSION = "1"
COMPARED = ("mean_residual", "calibration_error")


@dataclass(frozen=True)
class BinShown:
    """Rows of like score: mean score, and the share of positives with Wilson's interval."""

    n: int
    score: float
    observed: Measure


@dataclass(frozen=True)
class Gap:
    """One group against the reference."""

    group: Group
    reference: Group
    difference: Measure


@dataclass(frozen=True)
class Gaps:
    """How one metric differs between the groups of one grouping; small groups included."""

    by: tuple[str, ...]
    metric: str
    difference: float | None
    lowest: Group | None
    highest: Group | None
    reference: Group | None
    pairs: tuple[Gap, ...]


def run(
    book: Book,
    *,
    thresholds: Sequence[str] = (),
    intersections: int = 1,
    confidence: float = 0.95,
    min_group: int = 30,
    small_groups: Literal["block", "disclose"] = "block",
    attempt: int = 1,
    role: Role = "test",
    seed: int = 0,
    looks: int | None = None,
) -> Outcome:
    """Calibration of probabilities (0 to 1) against what happened.

    `mean_residual` (calibration in the large) is the mean of label − score with Student's limits; `calibration_error` the
    root of the unbiased squared distance over bins of equal mass (Kumar, Liang & Ma 2019) with a score interval;
    `brier_score` its mean with its parts. ECE is shown beside its noise floor and never judged: it is biased upward.
    `thresholds` are rules such as `mean_residual_difference<=0.05` or `calibration_error<=0.03`.

    Raises InputError for scores outside 0 to 1, parameters out of range and unknown metrics.
    """
    started = time.perf_counter()
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, looks=looks)
    check_settings(settings, intersections)
    require_probabilities(book)
    rules = [parse_rule(text) for text in thresholds]
    groupings = book.groupings(intersections)
    tables = {by: book.table(by) for by in [(), *groupings]}
    entries = tuple(
        entry
        for rule in rules
        for by in ([()] if rule.comparison == "none" else groupings)
        for entry in judge(rule, [tables[by]], settings, metrics=CALIBRATION)
    )
    (overall,) = score_groups(tables[()], CALIBRATION, settings, shown_only, curve)
    parts = {
        "overall": overall,
        "groups": [
            each for by in groupings for each in score_groups(tables[by], CALIBRATION, settings, shown_only, curve)
        ],
        "disparities": [gaps(tables[by], name, settings) for by in groupings for name in COMPARED],
    }
    return Outcome(
        check=CHECK, version=VERSION, rows=book.rows, dropped=missing_rows(book),
        parameters=book_parameters(book, settings, intersections, thresholds), parts=parts, thresholds=entries,
        verdict=verdict_of(entries), timings={**book.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> Rule:
    """The rule that a text writes; raises InputError that says what can be written."""
    if text.strip().startswith("expected_calibration_error"):
        raise InputError(
            '"{text}": expected_calibration_error is biased upward and takes no limit; judge '
            "calibration_error, which is not.",
            text=text,
        )
    ranges = {name: metric.range for name, metric in CALIBRATION.items()}
    rule = rule_of(text, tuple(CALIBRATION), check=CHECK, ranges=ranges)
    adds_up = tuple(name for name, metric in CALIBRATION.items() if metric.adds_up)
    return require_comparable(rule, as_rate=(), adds_up=adds_up)


def require_probabilities(book: Book) -> None:
    """Refuse scores that are no probabilities; `read_rows` has refused texts and infinities already."""
    if book.least is None or book.most is None:
        lost = ", ".join(f"{rows:,} rows: {reason}" for reason, rows in book.missing.items())
        raise InputError(
            "No row has both a true outcome and a score ({lost}); calibration needs rows with both.", lost=lost
        )
    if not book.is_probability:
        raise InputError(
            'Column "{score}" goes from {least} to {most}; calibration needs probabilities from 0 to 1. '
            "Divide percentages by 100, or choose the column that holds the model's probability.",
            score=book.asked.score,
            least=f"{book.least:g}",
            most=f"{book.most:g}",
        )


def shown_only(part: Part, settings: Settings) -> dict[str, Measure]:
    """ECE beside its floor, mean score and share of positives: for reading."""
    found = {"count": Measure(part.n, None, None, "count", part.n)}
    if part.n:
        score, label = part.moments["score"].mean, part.moments["label"].mean
        low, high = wilson(np.array(label), np.array(part.n), z_shown(settings.gamma))
        found["mean_score"] = Measure(score, None, None, "mean", part.n)
        found["observed_rate"] = Measure(label, float(low), float(high), "wilson", part.n)
    if part.bins:
        found["expected_calibration_error"] = Measure(expected_error(part.bins), None, None, "plug_in", part.n)
        found["noise_floor"] = Measure(noise_floor(part.bins), None, None, "plug_in", part.n)
    return found


def curve(part: Part) -> Mapping[str, Any] | None:
    """The reliability curve and the parts of the Brier score, where there are bins."""
    if part.bins is None:
        return None
    return {"bins": shown_bins(part.bins), "brier": asdict(brier_parts(part.bins))}


def shown_bins(bins: Bins) -> list[BinShown]:
    """Each bin with Wilson's interval at 95 %."""
    low, high = wilson(np.array(bins.label), np.array(bins.n), z_shown(0.05))
    return [
        BinShown(int(n), score, Measure(label, float(below), float(above), "wilson", int(n)))
        for n, score, label, below, above in zip(bins.n, bins.score, bins.label, low, high, strict=True)
    ]


def gaps(table: ScoreTable, name: str, settings: Settings) -> Gaps:
    """One metric over the named groups, and each against the reference at the printed level."""
    metric = CALIBRATION[name]
    estimates, shown = metric.estimates(table), estimated(table, metric, settings)
    low, high = estimates.limits(z_shown(settings.gamma))
    value = estimates.value
    places = [place for place in range(len(table)) if not table.unnamed[place] and not math.isnan(value[place])]
    reference = reference_place(table, settings.reference)
    ends = (
        (min(places, key=lambda place: value[place]), max(places, key=lambda place: value[place])) if places else None
    )
    pairs = []
    for place in places:
        if reference is None or place == reference:
            continue
        n = shown[place].n + shown[reference].n
        if math.isnan(value[reference]):
            found = Measure(None, None, None, "mover", n, reason=shown[reference].reason)
        else:
            below, above = mover_difference(
                value[place], low[place], high[place], value[reference], low[reference], high[reference]
            )
            found = Measure(float(value[place] - value[reference]), float(below), float(above), "mover", n)
        pairs.append(Gap(table.named(place), table.named(reference), found))
    return Gaps(
        by=table.by, metric=name, difference=float(value[ends[1]] - value[ends[0]]) if ends and len(places) > 1 else None,
        lowest=table.named(ends[0]) if ends else None, highest=table.named(ends[1]) if ends else None,
        reference=None if reference is None else table.named(reference), pairs=tuple(pairs),
    )  # fmt: skip
