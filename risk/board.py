"""What the board carries: approvals that incidents suspended, clocks of the law, waivers with the risk behind them, money."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from registry import moment
from registry.models import BusinessUnit, RegisterEntry, Waiver
from risk.catalogue import catalogue
from risk.loss import appetite, reading as losses
from risk.loss.appetite import Kept
from risk.loss.reading import Money
from risk.models import Incident, LossRange, Risk, Suspension
from risk.response import clocks
from risk.response.clocks import Running


@dataclass(frozen=True)
class Carried:
    """A waiver in force, the live risks that it leaves without their check, and what these cost in a mean year."""

    waiver: Waiver
    risks: tuple[Risk, ...]
    means: tuple[tuple[str, float], ...]

    @property
    def days_left(self) -> int:
        """Until its last day."""
        return (self.waiver.expires_on - moment.today()).days


@dataclass(frozen=True)
class Reviewed:
    """The newest review of output of a unit, and what any of its reviews asked for and is not done yet."""

    entry: RegisterEntry
    left: tuple[RegisterEntry, ...]

    @property
    def is_late(self) -> bool:
        """The next review, or a change, should have been by now."""
        today = moment.today()
        return any(row.due_on is not None and row.due_on < today for row in (self.entry, *self.left))


@dataclass(frozen=True)
class Board:
    """All of it, as the reader may see it."""

    suspensions: list[Suspension]
    clocks: list[Running]
    carried: list[Carried]
    money: list[Money]
    statement: RegisterEntry | None
    limits: list[Kept]
    accepted: list[Risk]
    reviews: list[Reviewed]


def read(unit: BusinessUnit, person: Any) -> Board:
    """What stands for a unit and all below it, for somebody who reads it now."""
    here = {"system__unit__path__startswith": unit.path}
    risks = list(Risk.objects.visible_to(person).live().filter(**here).select_related("system", "owner"))
    rows = losses.newest(risks)
    entry = appetite.statement(unit)
    suspended = (
        Suspension.objects.visible_to(person).standing().filter(release__system__unit__path__startswith=unit.path)
    )
    open_incidents = Incident.objects.visible_to(person).live().filter(**here).select_related("system__unit", "owner")
    return Board(
        list(suspended.select_related("release__version__model", "release__system", "incident")),
        sorted((one for each in open_incidents for one in clocks.running(each) if not one.told_on),
               key=lambda one: one.ends_at),
        carried_by(waivers(unit, person), risks, rows),
        losses.by_currency(rows, appetite.limits(entry)),
        entry,
        losses.kept_limits(entry, risks, rows),
        [risk for risk in risks if risk.status == Risk.Status.ACCEPTED and risk.is_high],
        output_reviews(unit, person),
    )  # fmt: skip


def output_reviews(unit: BusinessUnit, person: Any) -> list[Reviewed]:
    """The newest review of output of the unit and of each below it, with what it asked for and is not done."""
    rows = RegisterEntry.objects.visible_to(person).standing().filter(unit__path__startswith=unit.path)
    newest: dict[Any, RegisterEntry] = {}
    changes: dict[Any, list[str]] = {}
    for row in (
        rows.filter(kind="output_review", status="concluded").select_related("unit", "owner").order_by("-created_at")
    ):
        newest.setdefault(row.unit_id, row)
        changes.setdefault(row.unit_id, []).extend(row.fields.get("changes") or [])
    wanted = {key for keys in changes.values() for key in keys}
    left = rows.filter(pk__in=wanted, kind="corrective_action", status__in=("open", "overdue")).select_related("owner")
    found = {str(row.pk): row for row in left}
    return [
        Reviewed(row, tuple(found[key] for key in dict.fromkeys(changes[place]) if key in found))
        for place, row in newest.items()
    ]


def waivers(unit: BusinessUnit, person: Any) -> list[Waiver]:
    """The waivers in force, the first to end first."""
    rows = Waiver.objects.visible_to(person).in_force()
    rows = rows.filter(version__model__system__unit__path__startswith=unit.path)
    return list(rows.select_related("version__model__system", "owner").order_by("expires_on", "pk"))


def carried_by(rows: list[Waiver], risks: list[Risk], estimates: list[LossRange]) -> list[Carried]:
    """Each waiver with the risks of its system that the waived check would have watched; all of them for a whole gate."""
    found = []
    for waiver in rows:
        behind = tuple(risk for risk in risks if risk.system_id == waiver.home_system.pk and is_watched(risk, waiver))
        keys = {risk.pk for risk in behind}
        money = losses.by_currency([row for row in estimates if row.risk_id in keys])
        found.append(Carried(waiver, behind, tuple((one.currency, one.curve.mean) for one in money)))
    return found


def is_watched(risk: Risk, waiver: Waiver) -> bool:
    """The waiver lets through what watches the risk: a gate as a whole, or its check by the catalogue. A risk of which the
    catalogue knows no check counts, since nobody can say that something else watches it."""
    known = catalogue().risks.get(risk.catalogue_ref)
    return not waiver.check_name or known is None or any(name in waiver.check_name for name in known.checks)


def as_json(board: Board) -> dict[str, Any]:
    """For board packs: what stands there, in words and whole amounts."""
    return {
        "suspended": [
            {"version": str(row.release.version), "system": row.release.system.name,
             "since": timezone.localdate(row.created_at).isoformat()} for row in board.suspensions
        ],
        "clocks": [
            {"what": one.clock.label, "source": one.clock.source, "until": one.ends_at.isoformat(), "left": one.left}
            for one in board.clocks
        ],
        "waivers": [
            {"version": str(one.waiver.version), "waives": one.waiver.title, "owner": str(one.waiver.owner),
             "until": one.waiver.expires_on.isoformat(), "instead": one.waiver.compensating_controls,
             "risks": [risk.title for risk in one.risks], "means": [[name, round(mean)] for name, mean in one.means]}
            for one in board.carried
        ],
        "money": [one.as_json() for one in board.money],
        "appetite": [
            {"limit": f"{kept.limit.label}: {kept.limit.told}", "found": kept.found, "is_kept": kept.is_kept}
            for kept in board.limits
        ],
    }  # fmt: skip
