"""How often a system is retrained: its figures over time, what the costs lead to, and what a plan keeps of the choice."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from rai.models import MONITORING
from registry.errors import BadInput
from registry.models import AISystem, Evidence

if TYPE_CHECKING:
    from rai.engine.retraining import Decay, Weighed

# Rates whose fall is counted in points; errors have units of their own.
METRICS: Final = ("accuracy", "balanced_accuracy", "recall", "precision", "f1", "roc_auc")
DAYS_A_MONTH: Final = 365.25 / 12
MOST_LOOKS: Final = 200
PERIOD = re.compile(r"(\d{4})(?:-(\d{2})|-Q([1-4]))?(?:-(\d{2}))?")


@dataclass(frozen=True)
class History:
    """A rate over time: months since the first figure and the value, and the digests of the evidence that says so."""

    points: tuple[tuple[float, float], ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a person gave: the two costs in one money, and the metric whose fall counts; a fall where none was measured."""

    metric: str
    retraining_cost: float
    point_cost: float
    money: str
    decay: float | None = None


@dataclass(frozen=True)
class Answer:
    """What the costs lead to, and what it rests on."""

    asked: Asked
    decay: "Decay"
    weighed: "Weighed"
    history: History


def answer(system: AISystem, asked: Asked) -> Answer:
    """The weighing; raises BadInput where neither the person nor the evidence says how fast performance falls."""
    from rai.engine.retraining import decay_of, given, weigh

    kept = History() if asked.decay is not None else history(system, asked.metric)
    decay = given(asked.decay) if asked.decay is not None else decay_of(kept.points)
    if decay is None:
        raise BadInput(
            _("Fewer than three figures of this metric on rows of the running system; give the fall a month yourself."),
            field="decay",
        )
    return Answer(asked, decay, weigh(retraining=asked.retraining_cost, point=asked.point_cost, decay=decay), kept)


def history(system: AISystem, metric: str) -> History:
    """The metric of the newest version with looks at the running system: by period where a look has them, else look by look."""
    rows = Evidence.objects.standing().filter(
        version__model__system=system, check_slug__in=("field", "performance"), run__predictions__role=MONITORING
    )
    newest = rows.order_by("-version__created_at", "-effective_at").values_list("version", flat=True).first()
    looks = list(rows.filter(version=newest).order_by("-effective_at")[:MOST_LOOKS])
    for look in looks:
        periods = by_period(look.outcome, metric)
        if len(periods) > 2:
            return History(since_first(periods), (look.digest,))
    told = [(one, value) for one in looks if (value := value_in(one.outcome.get("overall"), metric)) is not None]
    return History(
        since_first([(one.effective_at, value) for one, value in told]), tuple(one.digest for one, _v in told)
    )


def by_period(outcome: Mapping[str, Any], metric: str) -> list[tuple[datetime, float]]:
    """The middle of each period that decides, with the value of the metric in it."""
    found = []
    for group in outcome.get("groups", ()) if outcome.get("span") else ():
        value = value_in(group, metric)
        moment = middle(next(iter(group["group"].values()), ""))
        if value is not None and moment is not None and group.get("status", "judged") == "judged":
            found.append((moment, value))
    return found


def value_in(part: Mapping[str, Any] | None, metric: str) -> float | None:
    """The value of a metric in one part of an outcome."""
    found = ((part or {}).get("metrics") or {}).get(metric) or {}
    return found.get("value")


def middle(period: str) -> datetime | None:
    """The middle of a day, month, quarter or year as an outcome names it."""
    found = PERIOD.fullmatch(period)
    if found is None:
        return None
    year, month, quarter, day = (int(part) if part else 0 for part in found.groups())
    if quarter:
        return datetime(year, 3 * quarter - 1, 15, tzinfo=UTC)
    try:
        return datetime.combine(date(year, month or 7, day or (15 if month else 1)), datetime.min.time(), UTC)
    except ValueError:
        return None


def since_first(points: list[tuple[datetime, float]]) -> tuple[tuple[float, float], ...]:
    """Months since the first of them, in order of time."""
    ordered = sorted(points)
    return tuple(((at - ordered[0][0]).total_seconds() / 86400 / DAYS_A_MONTH, value) for at, value in ordered)


def facts(found: Answer) -> dict[str, Any]:
    """What was given and what it led to, as a plan keeps it."""
    weighed, best = found.weighed, found.weighed.cheapest
    ends = {"low": weighed.low, "high": weighed.high}
    return {
        **asdict(found.asked), "decay": asdict(found.decay), "evidence": list(found.history.evidence),
        "cheapest": None if best is None else {"months": best.months, "cost": best.together, **ends},
    }  # fmt: skip


def asked_before(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a person gave for what a plan keeps."""
    own = {name: kept[name] for name in ("metric", "retraining_cost", "point_cost", "money") if name in kept}
    was_given = bool(kept) and not kept["decay"]["points"]
    return own | ({"decay": kept["decay"]["value"]} if was_given else {})
