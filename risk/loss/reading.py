"""What risks may cost together: the newest estimate of each live risk, one curve a currency, and the limits on it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from registry.models import RegisterEntry
from risk.loss import appetite
from risk.loss.appetite import Kept, Limit
from risk.loss.chart import Drawn, drawn
from risk.loss.simulation import Curve, Estimate, simulated
from risk.models import LossRange, Risk


@dataclass(frozen=True)
class Money:
    """All estimates in one currency with their curve; `rows` are the estimates, the dearest first."""

    currency: str
    rows: tuple[LossRange, ...]
    curve: Curve
    chart: Drawn

    def as_json(self) -> dict[str, Any]:
        """For reports: whole amounts, so that nothing is more exact than it is."""
        return {
            "currency": self.currency,
            "risks": len(self.rows),
            "mean": round(self.curve.mean),
            "percentiles": [[share, round(loss)] for share, loss in self.curve.percentiles],
            "years": self.curve.years,
            "seed": self.curve.seed,
        }


def estimate(row: LossRange) -> Estimate:
    """The numbers of a row."""
    return Estimate(float(row.per_year), float(row.least), float(row.likely), float(row.most))


def newest(risks: Iterable[Risk]) -> list[LossRange]:
    """The newest estimate of each risk that has one."""
    found: dict[Any, LossRange] = {}
    rows = LossRange.objects.filter(risk__in=[risk.pk for risk in risks]).select_related("risk__system", "person")
    for row in rows.order_by("created_at"):
        found[row.risk_id] = row
    return list(found.values())


def curve_of(rows: Iterable[LossRange]) -> Curve:
    """The simulated years of these rows; their order does not matter."""
    return simulated(tuple(sorted((estimate(row) for row in rows), key=lambda each: (each.mean, each.per_year))))


def by_currency(rows: Iterable[LossRange], limits: Iterable[Limit] = ()) -> list[Money]:
    """One curve a currency, with the limit on all risks drawn into it; amounts are never added across currencies."""
    found: dict[str, list[LossRange]] = defaultdict(list)
    for row in rows:
        found[row.currency].append(row)
    lines = [(limit.label, float(limit.loss)) for limit in limits if limit.loss and limit.category == appetite.ALL]
    made = []
    for currency, some in sorted(found.items()):
        some.sort(key=lambda row: (-estimate(row).mean, row.risk.title))
        curve = curve_of(some)
        made.append(Money(currency, tuple(some), curve, drawn(curve, lines)))
    return made


def kept_limits(entry: RegisterEntry | None, risks: list[Risk], rows: list[LossRange]) -> list[Kept]:
    """Each limit of a statement with what stands against it."""
    found = []
    for limit in appetite.limits(entry):
        some = [row for row in rows if appetite.is_of(row.risk, limit)]
        loss = curve_of(some).at(appetite.SHARE) if some and limit.loss is not None else None
        found.append(appetite.against(limit, risks, loss))
    return found
