"""Risks in money, and what the board carries: two pages over the units of the reader."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from registry import access
from registry.forms.acts import units_where
from registry.models import BusinessUnit
from risk import board
from risk.loss import appetite, reading
from risk.models import Risk
from risk.views.register import chosen_system


def risk_losses(request: HttpRequest) -> HttpResponse:
    """What a year may cost: the estimates of live risks, one curve a currency, and the limits of the appetite."""
    rows = Risk.objects.visible_to(request.user).live().select_related("system__unit")
    system = chosen_system(request)
    risks = list(rows.filter(system=system) if system else rows)
    estimates = reading.newest(risks)
    unit = system.unit if system else BusinessUnit.objects.get(parent=None)
    entry = appetite.statement(unit)
    context = {
        "title": _("Risks in money"),
        "system": system,
        "money": reading.by_currency(estimates, appetite.limits(entry)),
        "statement": entry,
        "limits": reading.kept_limits(entry, risks, estimates),
        "without": len(risks) - len(estimates),
    }
    return render(request, "risk/losses.html", context)


def board_risk(request: HttpRequest) -> HttpResponse:
    """What the board of a unit carries; the address names the unit, else the topmost of the reader."""
    units = units_where(request.user, access.RISK_VIEW).order_by("path")
    chosen = chosen_unit(request.GET.get("unit", ""), units)
    if chosen is None:
        raise Http404
    context = {
        "title": _("What the board carries"),
        "unit": chosen,
        "units": units,
        "board": board.read(chosen, request.user),
    }
    return render(request, "risk/board.html", context)


def chosen_unit(key: str, units: object) -> BusinessUnit | None:
    """The unit of the address, among those that the reader may ask about; the first of them where none is named."""
    if not key:
        return units.first()  # type: ignore[attr-defined,no-any-return]
    try:
        return units.filter(pk=UUID(key)).first()  # type: ignore[attr-defined,no-any-return]
    except ValueError:
        return None
