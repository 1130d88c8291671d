"""Groups of scores or numbers as outcomes show them, for checks that look at scores alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rai.checks.contract import OPTIONAL, Dropped, Group, Measure, Missing, looked
from rai.checks.measured import estimated
from rai.engine.rates import Measurable
from rai.engine.scores import Book, Part, ScoreTable
from rai.engine.verdicts import Settings


@dataclass(frozen=True)
class ScoreGroup:
    """Every metric of one group; `positives` only where the true values are labels."""

    by: tuple[str, ...]
    group: Group
    n: int
    metrics: Mapping[str, Measure]
    evaluable: bool
    missing: Missing
    positives: int | None = field(default=None, metadata=OPTIONAL)
    more: Mapping[str, Any] | None = field(default=None, metadata=OPTIONAL)


More = Callable[[Part], Mapping[str, Any] | None]


def score_groups(
    table: ScoreTable,
    metrics: Mapping[str, Measurable],
    settings: Settings,
    extra: Callable[[Part, Settings], dict[str, Measure]],
    more: More,
) -> list[ScoreGroup]:
    """Every group of a table; `extra` adds figures that are shown and never judged, `more` parts of another shape."""
    columns = {name: estimated(table, metric, settings) for name, metric in metrics.items()}
    evaluable = (table.n >= settings.min_group) & ~table.unnamed
    return [
        ScoreGroup(
            by=table.by, group=table.named(place), n=part.n,
            metrics={name: column[place] for name, column in columns.items()} | extra(part, settings),
            evaluable=bool(evaluable[place]),
            missing=Missing(int(table.incomplete[place]), float(table.incomplete_share[place])),
            positives=part.rows[1][0] if part.area else None, more=more(part),
        )
        for place, part in enumerate(table.parts)
    ]  # fmt: skip


def missing_rows(book: Book) -> tuple[Dropped, ...]:
    """Rows that could not be used, by what they lack and how that is written."""
    return tuple(Dropped(reason, rows) for reason, rows in book.missing.items())


def book_parameters(book: Book, settings: Settings, intersections: int, thresholds: Any) -> dict[str, Any]:
    """Everything that decided the numbers, for the digest and for running the check again."""
    asked = book.asked
    columns = {"target": asked.target, "score": asked.score, "positive": asked.positive, "sensitive": asked.groups}
    rule = {"confidence": settings.confidence, "min_group": settings.min_group, "small_groups": settings.small_groups}
    run = {"role": settings.role, "attempt": settings.attempt, "seed": settings.seed, **looked(settings.looks)}
    return {**columns, "intersections": intersections, **rule, **run, "thresholds": list(thresholds)}
