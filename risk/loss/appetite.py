"""The appetite for risk: its limits in numbers, and whether what is left keeps them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from registry.models import BusinessUnit, RegisterEntry
from risk.catalogue import LEVELS
from risk.models import Risk
from risk.words import level_word

ALL: Final = "all"
SHARE: Final = 95


@dataclass(frozen=True)
class Limit:
    """Of one category, or of all: the greatest level that is borne, or the greatest loss in 95 of 100 years."""

    category: str
    level: str = ""
    loss: Decimal | None = None

    @property
    def label(self) -> str:
        """The category in words."""
        return _("All risks") if self.category == ALL else str(Risk.Category(self.category).label)

    @property
    def told(self) -> str:
        """The limit in words."""
        if self.level:
            return _("no risk above “%s”") % level_word(self.level)
        return _("a loss of at most %(amount)s in %(share)d of 100 years") % {
            "amount": f"{self.loss:,}",
            "share": SHARE,
        }


@dataclass(frozen=True)
class Kept:
    """A limit, what stands against it, and whether it is kept."""

    limit: Limit
    found: str
    is_kept: bool


def parsed(text: str) -> Limit | None:
    """A line `category, limit`; None where it is only for people to read."""
    category, _comma, limit = (part.strip().lower() for part in text.partition(","))
    if category != ALL and category not in Risk.Category.values:
        return None
    if limit in LEVELS:
        return Limit(category, level=limit)
    try:
        return Limit(category, loss=Decimal(limit.replace(" ", "")))
    except InvalidOperation:
        return None


def statement(unit: BusinessUnit) -> RegisterEntry | None:
    """The statement in force that is nearest to a unit: its own, or that of a unit above it."""
    above = [UUID(pk) for pk in unit.path.split("/") if pk]
    rows = RegisterEntry.objects.filter(kind="risk_appetite", status="approved", unit__in=above, system=None)
    return max(rows.select_related("unit"), key=lambda row: (len(row.unit.path), row.approved_at), default=None)


def limits(entry: RegisterEntry | None) -> list[Limit]:
    """The limits of a statement that are numbers or levels."""
    lines: Iterable[str] = entry.fields.get("limits") or [] if entry else []
    return [limit for line in lines if (limit := parsed(line)) is not None]


def is_of(risk: Risk, limit: Limit) -> bool:
    """The limit speaks of this risk."""
    return limit.category in {ALL, risk.category}


def against(limit: Limit, risks: Iterable[Risk], loss: float | None) -> Kept:
    """A limit against the live risks of its category, or against their loss in 95 of 100 years (None: not estimated)."""
    if limit.level:
        above = [risk for risk in risks if is_of(risk, limit) and is_above(risk, limit.level)]
        return Kept(limit, _("%d risks are above it") % len(above), not above)
    if loss is None or limit.loss is None:
        return Kept(limit, _("no loss is estimated"), True)
    return Kept(limit, f"{loss:,.0f}", loss <= float(limit.loss))


def is_above(risk: Risk, level: str) -> bool:
    """What is left of the risk is above the level."""
    return LEVELS.index(risk.residual_level) > LEVELS.index(level)
