"""What was spent against a budget, and the alert where a threshold of it is crossed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from registry.actions import work
from registry.audit import log
from registry.models import RegisterEntry, Task
from registry.registers.kinds import kinds
from registry.registers.words import title_of

BUDGET, COST, ALERT = "cost_budget", "cost_entry", "cost_alert"
IMPROVEMENT: Final = "improvement_record"
SPLITS: Final = ("workload", "team", "phase")


@dataclass(frozen=True)
class Spent:
    """What was spent and used against a budget. `splits` are amounts by workload, team, phase and unit."""

    amount: Decimal
    budget: Decimal
    tokens: int
    requests: int
    splits: Mapping[str, Mapping[str, Decimal]]

    @property
    def share(self) -> Decimal:
        """Of the budget, in percent."""
        return self.amount * 100 / self.budget if self.budget else Decimal(0)

    @property
    def percent(self) -> Decimal:
        """The share to a tenth."""
        return self.share.quantize(Decimal("0.1"))


@dataclass(frozen=True)
class Worth:
    """What a better metric is worth in a year against what the change costs once, and what the system cost in all."""

    worth: Decimal
    cost: Decimal
    spent: Decimal

    @property
    def net(self) -> Decimal:
        """What is left of the first year."""
        return self.worth - self.cost

    @property
    def months(self) -> Decimal | None:
        """The months in which the cost comes back, to a tenth; None where it never does."""
        return (self.cost * 12 / self.worth).quantize(Decimal("0.1")) if self.worth > 0 else None


def worth_of(row: RegisterEntry) -> Worth | None:
    """The worth of an improvement, where somebody entered one; beside it what the records of its system say was spent."""
    if row.kind != IMPROVEMENT or row.fields.get("worth") is None:
        return None
    costs = RegisterEntry.objects.filter(kind=COST, system=row.home_system).standing() if row.home_system else ()
    return Worth(number(row.fields["worth"]), number(row.fields.get("cost")), total(costs, "amount"))


def number(value: Any) -> Decimal:
    """A stored number; none is nought."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)


def costs_of(budget: RegisterEntry) -> list[RegisterEntry]:
    """The costs that count against a budget: of its period and phase, about the same system, or in its unit and below."""
    rows = RegisterEntry.objects.filter(kind=COST, fields__period=budget.fields.get("period")).standing()
    place = {"system": budget.system} if budget.system_id else {"unit__path__startswith": budget.unit.path}
    if budget.fields.get("phase") != "all":
        place["fields__phase"] = budget.fields.get("phase")
    return list(rows.filter(**place).select_related("unit"))


def spent(budget: RegisterEntry) -> Spent:
    """The sums of a budget."""
    rows = costs_of(budget)
    splits: dict[str, dict[str, Decimal]] = {name: defaultdict(Decimal) for name in (*SPLITS, "unit")}
    for row in rows:
        amount = number(row.fields.get("amount"))
        splits["unit"][str(row.unit)] += amount
        for name in SPLITS:
            splits[name][str(getattr(row.said, f"get_{name}_display")() or "–")] += amount
    return Spent(total(rows, "amount"), number(budget.fields.get("amount")), int(total(rows, "tokens")),
                 int(total(rows, "requests")), splits)  # fmt: skip


def total(rows: Iterable[RegisterEntry], name: str) -> Decimal:
    """The sum of a field."""
    return sum((number(row.fields.get(name)) for row in rows), Decimal(0))


def look(row: RegisterEntry, *, actor: Any) -> None:
    """After a cost or a budget was written: an alert for each threshold that is crossed and has none yet."""
    if row.kind not in {BUDGET, COST} or ALERT not in kinds():
        return
    for budget in [row] if row.kind == BUDGET else budgets_over(row):
        used = spent(budget).share
        for level in sorted(number(text) for text in budget.fields.get("alert_thresholds", [])):
            if 0 < level <= used and not alerts(budget).filter(fields__level=plain(level)).exists():
                raise_alert(budget, level)


def budgets_over(cost: RegisterEntry) -> list[RegisterEntry]:
    """The budgets against which a cost counts."""
    rows = RegisterEntry.objects.filter(kind=BUDGET, fields__period=cost.fields.get("period")).standing()
    above = [UUID(pk) for pk in cost.unit.path.split("/") if pk]
    rows = rows.filter(fields__phase__in=["all", cost.fields.get("phase")], unit__in=above).select_related(
        "unit", "owner"
    )
    return [each for each in rows if each.system_id in {None, cost.system_id}]


def alerts(budget: RegisterEntry) -> Any:
    """The alerts of a budget."""
    return RegisterEntry.objects.filter(kind=ALERT, fields__budget=str(budget.pk))


def plain(level: Decimal) -> int | float:
    """A threshold as entries store numbers."""
    return int(level) if level == level.to_integral_value() else float(level)


def raise_alert(budget: RegisterEntry, level: Decimal) -> None:
    """The software writes an alert and gives the owner of the budget a task."""
    from registry.actions.registers import next_number

    fields = {"budget": str(budget.pk), "crossed_at": timezone.localdate().isoformat(), "level": plain(level)}
    row = RegisterEntry(
        kind=ALERT, number=next_number(ALERT), fields=fields, status="open", owner=budget.owner, author=None,
        unit=budget.unit, system=budget.system,
    )  # fmt: skip
    row.title = title_of(row)
    row.save()
    log.record(None, "entry.raised", row)
    work.open_task(
        row,
        kind=Task.Kind.BUDGET_CROSSED,
        system=row.system,
        url=row.get_absolute_url(),
        person=budget.owner,
        actor=None,
    )
