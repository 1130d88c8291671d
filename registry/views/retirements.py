"""Retirements: what is deprecated or ends, by date."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from registry.models import ModelVersion, VersionStatus
from registry.views.paging import page_of


def retirements(request: HttpRequest) -> HttpResponse:
    """Versions with a retirement date that are not retired yet, the next one first."""
    rows = ModelVersion.objects.visible_to(request.user).filter(retirement_date__isnull=False)
    rows = rows.exclude(status=VersionStatus.RETIRED).select_related("model__system__unit", "successor__model")
    page = page_of(request, rows, by="retirement_date")
    return render(request, "registry/retirements.html", {"title": _("Retirements"), "page": page})
