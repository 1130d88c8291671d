"""Incidents: the list, the report about a system, and the page of one with the acts open to the reader."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, separation
from registry.errors import NotAllowed
from registry.forms.acts import ActForm, ReasonForm
from registry.models import AISystem, User
from registry.views.paging import page_of
from risk import actions
from risk.forms import systems_where
from risk.models import Incident
from risk.response import clocks, silence
from risk.response.forms import CloseForm, IncidentForm, ManageForm

VERBS: Final[dict[str, tuple[Any, Any, Any, Any]]] = {
    "manage": (
        actions.manage_incident, gettext_lazy("Work on it"), gettext_lazy("Save"), gettext_lazy("Saved."),
    ),
    "close": (
        actions.close_incident, gettext_lazy("Close"), gettext_lazy("Close the incident"),
        gettext_lazy("The incident is closed."),
    ),
    "reopen": (
        actions.reopen_incident, gettext_lazy("Open again"), gettext_lazy("Open again"),
        gettext_lazy("The incident is open again."),
    ),
}  # fmt: skip


def incidents(request: HttpRequest) -> HttpResponse:
    """The incidents that the reader may see: those not closed, or the closed ones where asked."""
    rows = Incident.objects.visible_to(request.user)
    shown = "closed" if request.GET.get("show") == "closed" else "live"
    rows = rows.filter(status=Incident.Status.CLOSED) if shown == "closed" else rows.live()
    rows = rows.select_related("system__unit", "owner")
    return render(
        request,
        "risk/incidents.html",
        {
            "title": _("Incidents"),
            "page": page_of(request, rows, by="-created_at"),
            "shown": shown,
            "silent": silence.silent(AISystem.objects.visible_to(request.user)) if shown == "live" else [],
            "may_report": access.may_anywhere(request.user, access.INCIDENT_REPORT),
        },
    )


def incident_new(request: HttpRequest) -> HttpResponse:
    """Choose the system with which it happened."""
    access.require_anywhere(request.user, access.INCIDENT_REPORT)
    rows = systems_where(request.user, access.INCIDENT_REPORT).select_related("unit")
    context = {"title": _("With which system did it happen?"), "page": page_of(request, rows, by="name")}
    return render(request, "risk/incident_new.html", context)


def incident_report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what happened with a system."""
    system = get_object_or_404(systems_where(request.user, access.INCIDENT_REPORT), pk=pk)
    form = IncidentForm(request.POST or None, system=system, person=request.user)
    if request.method == "POST" and form.carry_out(partial(actions.report_incident, system, actor=request.user)):
        messages.success(
            request, _("Reported. Those who look into incidents of %s find it in their work.") % system.unit
        )
        return redirect(form.result if access.allowed(request.user, access.INCIDENT_VIEW, form.result) else "incidents")
    return render(
        request,
        "generic/form.html",
        {
            "form": form,
            "title": _("Report an incident with %s") % system,
            "submit": _("Report it"),
            "why": _("Say what you know now; what is found out later is added to it. Nobody is blamed for reporting."),
            "parent_label": _("Incidents"),
            "parent_url": reverse("incidents"),
            "cancel": reverse("incidents"),
        },
        status=422 if form.errors else 200,
    )


def fetched(person: User, pk: UUID) -> Incident:
    """The incident with what its page names, or 404 when this person may not read it."""
    rows = Incident.objects.visible_to(person).select_related(
        "system__unit", "system__business_owner", "system__technical_owner", "version__model", "owner", "risk",
        "deployment__release__version__model", "reporter", "closed_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def incident(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One incident: what happened, what was found, and what may be done with it."""
    return render(request, "risk/incident.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: Incident, person: User, **sent: ActForm) -> dict[str, Any]:
    """What the page shows and a form for each act that this person is offered; `sent` replace those sent back."""
    verbs, why_not = open_verbs(found, person)
    acts = [
        (verb, VERBS[verb][1], VERBS[verb][2], reverse(f"incident-{verb}", args=[found.pk]),
         sent.get(verb) or blank(verb, found, person))
        for verb in verbs
    ]  # fmt: skip
    return {
        "object": found,
        "notes": found.notes.select_related("person"),
        "acts": acts,
        "why_not": why_not,
        "clocks": clocks.running(found),
        "suspensions": found.suspensions.select_related("release__version__model", "release__system"),
    }


def open_verbs(found: Incident, person: User) -> tuple[list[str], str]:
    """The acts open to the person now, and why closing is none of them where that helps."""
    manages = actions.may_manage(person, found)
    if found.is_closed:
        return (["reopen"] if manages else []), ""
    verbs = ["manage"] if manages else []
    if not actions.may_close(person, found):
        return verbs, ""
    try:
        separation.require_closer(person, found, reporter_id=found.reporter_id)
    except NotAllowed as refusal:
        return verbs, str(refusal)
    return [*verbs, "close"], ""


def blank(verb: str, found: Incident, person: User, data: Any = None) -> ActForm:
    """The form of an act; ids carry the verb, since several forms stand on one page."""
    common = {"data": data, "auto_id": f"{verb}_%s"}
    if verb == "manage":
        names = (
            "status", "severity", "owner", "risk", "serious", "is_privacy", "consequence", "version", "groups_affected",
            "recovery_minutes",
        )  # fmt: skip
        begun = {name: getattr(found, name) for name in names}
        return ManageForm(incident=found, person=person, initial=begun, **common)
    if verb == "close":
        begun = {name: getattr(found, name) for name in ("root_cause", "remedy", "lessons")}
        return CloseForm(initial=begun, **common)
    return ReasonForm(**common)


@require_POST
def incident_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Work on it, close it or open it again."""
    found = fetched(request.user, pk)
    act, _title, _submit, said = VERBS[verb]
    form = blank(verb, found, request.user, request.POST)
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        return redirect(found)
    context = page_context(found, request.user, **{verb: form})
    if verb not in [offered for offered, *_rest in context["acts"]]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to the incident now.")
    return render(request, "risk/incident.html", context | {"opened": verb}, status=422)
