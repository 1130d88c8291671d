"""Estimates what a risk may cost in money."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from registry import access
from registry.audit import log
from registry.errors import BadInput
from registry.models import User
from registry.transactions import retried
from risk.actions.incidents import require_text
from risk.actions.register import locked, require_live, store
from risk.models import LossRange, Risk

MOST_CASES: Final = 50


@retried
def estimate_loss(
    risk: Risk, *, per_year: Decimal, least: Decimal, likely: Decimal, most: Decimal, currency: str, assumptions: str,
    actor: User,
) -> LossRange:  # fmt: skip
    """Say how often a year a risk comes true and what a case costs, and what that rests on; the newest estimate counts."""
    access.require(actor, access.RISK_EDIT, risk)
    risk = locked(risk)
    require_live(risk)
    if not 0 < per_year <= MOST_CASES:
        raise BadInput(
            _("Give a number of cases above 0 and at most %d; what happens more often is a cost, not a risk.") % MOST_CASES,
            field="per_year",
        )  # fmt: skip
    if not 0 <= least <= likely <= most:
        raise BadInput(
            _("The likely loss lies between the least and the greatest, and none is below 0."), field="likely"
        )
    if not (len(currency.strip()) == 3 and currency.strip().isalpha()):
        raise BadInput(_("Write a currency by its three letters, such as EUR."), field="currency")
    require_text("assumptions", assumptions)
    row = LossRange(
        risk=risk, per_year=per_year, least=least, likely=likely, most=most, currency=currency.strip().upper(),
        assumptions=assumptions.strip(), person=actor,
    )  # fmt: skip
    store(row)
    log.record(actor, "loss.estimated", row, reason=row.assumptions)
    return row
