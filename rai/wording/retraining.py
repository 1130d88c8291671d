"""How often to retrain, in words: the cheapest interval, how sure it is, and what the sum assumes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _, ngettext


def number(value: float, digits: int = 1) -> str:
    """A number as the reader's language writes it."""
    # Rounded first: the formatting itself cuts digits off.
    return str(number_format(Decimal(f"{value:.{digits}f}"), decimal_pos=digits, use_l10n=True, force_grouping=True))


def sentences(kept: Mapping[str, Any]) -> list[str]:
    """What the costs lead to, most important first."""
    return [cheapest(kept), falls(kept), _(
        "It assumes that performance falls evenly and is whole again after each retraining. Harm to people is not in these costs."
    )]  # fmt: skip


def cheapest(kept: Mapping[str, Any]) -> str:
    """The interval at which a month costs least, with its limits."""
    best, money = kept["cheapest"], kept["money"]
    if best is None:
        return _(
            "No fall was found, so no interval is the cheapest: by these costs alone there is no reason to retrain by the calendar."
        )
    facts = {"months": number(best["months"]), "cost": number(best["cost"], 0), "money": money}
    said = _("Retraining about every %(months)s months costs least: about %(cost)s %(money)s a month in all.") % facts
    if kept["decay"]["points"] == 0:
        return said
    low, high = number(best["low"]), best["high"]
    if high is None:
        more = _("At 95 %% confidence it may be as little as %(low)s months, or performance may not fall at all.") % {
            "low": low
        }
    else:
        more = _("At 95 %% confidence it lies between %(low)s and %(high)s months.") % {
            "low": low,
            "high": number(high),
        }
    return f"{said} {more}"


def falls(kept: Mapping[str, Any]) -> str:
    """How fast performance falls, and who says so."""
    decay = kept["decay"]
    points = number(decay["value"], 2)
    if decay["points"] == 0:
        return _("A fall of %s points a month was given, not measured.") % points
    facts = {"points": points, "low": number(decay["low"], 2), "high": number(decay["high"], 2), "n": decay["points"]}
    return ngettext(
        "It fell by %(points)s points a month (%(low)s to %(high)s), by %(n)d figure of the running system.",
        "It fell by %(points)s points a month (%(low)s to %(high)s), by %(n)d figures of the running system.", decay["points"],
    ) % facts  # fmt: skip


def chosen(kept: Mapping[str, Any]) -> str:
    """What a person chose."""
    if kept["months"] == 0:
        return _("Not by the calendar.")
    return ngettext("Every month.", "Every %(months)d months.", kept["months"]) % {"months": kept["months"]}
