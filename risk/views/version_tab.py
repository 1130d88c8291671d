"""The tab of a version that shows its system's risks, privacy assessments and incidents."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registry import access
from registry.views.versions import fetched
from risk.heat import heat_map
from risk.models import Assessment, Incident, Risk


def version_risks(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Assessments that bear on the version, the risks of its system with the heat map of what is left, and incidents."""
    found = fetched(request.user, pk)
    system, person = found.home_system, request.user
    assessments = (
        Assessment.objects.visible_to(person).bearing_on(system, found).select_related("opinion_by", "version__model")
    )
    risks = (
        Risk.objects.visible_to(person).filter(system=system).select_related("owner").order_by("status", "-created_at")
    )
    live = [row for row in risks if not row.is_closed]
    context = {
        "version": found,
        "system": system,
        "assessments": assessments.prefetch_related("parts"),
        "may_read_assessments": access.allowed(person, access.PIA_VIEW, system),
        "may_assess": access.allowed(person, access.PIA_EDIT, system),
        "may_register": access.allowed(person, access.RISK_EDIT, system),
        "risks": risks,
        "incidents": Incident.objects.visible_to(person).filter(system=system).select_related("owner"),
        "may_report": access.allowed(person, access.INCIDENT_REPORT, system),
        "map": heat_map((row.residual_likelihood, row.residual_impact) for row in live),
    }
    return render(request, "risk/version_risks.html", context)
