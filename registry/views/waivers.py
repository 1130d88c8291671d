"""Waivers: the list, the request on a version, and the page of one with the acts open to the reader."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, separation
from registry.actions import waivers as actions
from registry.errors import NotAllowed
from registry.forms.acts import ActForm, ReasonForm
from registry.forms.waivers import WaiverForm
from registry.models import User, Waiver
from registry.views.paging import page_of
from registry.views.versions import fetched as version_of

VERBS: Final[dict[str, tuple[Any, Any, Any]]] = {
    "accept": (actions.accept_waiver, gettext_lazy("Accept the waiver"), gettext_lazy("The waiver is in force.")),
    "refuse": (actions.refuse_waiver, gettext_lazy("Refuse it"), gettext_lazy("The waiver is refused.")),
    "end": (actions.end_waiver, gettext_lazy("End it now"), gettext_lazy("The waiver is ended; the gate counts.")),
}


def waivers(request: HttpRequest) -> HttpResponse:
    """Waivers that wait or hold, those that end first on top; the others where asked."""
    rows = Waiver.objects.visible_to(request.user)
    shown = "closed" if request.GET.get("show") == "closed" else "standing"
    today = timezone.localdate()
    if shown == "standing":
        rows = rows.standing()
    else:
        rows = rows.filter(expires_on__lt=today) | rows.filter(status=Waiver.Status.CLOSED)
    rows = rows.select_related("version__model__system__unit", "owner", "requested_by", "accepted_by")
    page = page_of(request, rows, by="-created_at")
    return render(request, "registry/waivers.html", {"title": _("Waivers"), "page": page, "shown": shown})


def waiver_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a waiver of a version."""
    found = version_of(request.user, pk)
    access.require(request.user, access.EXCEPTION_REQUEST, found)
    begun = {name: request.GET.get(name, "") for name in ("gate", "check")}
    form = WaiverForm(request.POST or None, version=found, person=request.user, initial=begun)
    if request.method == "POST" and form.carry_out(partial(actions.request_waiver, found, actor=request.user)):
        messages.success(request, _("Asked for. Somebody else decides on it; until then the gate stays closed."))
        return redirect(form.result)
    context = {"version": found, "form": form, "is_nothing_closed": form.is_needless}
    return render(request, "registry/waiver_new.html", context, status=422 if form.errors else 200)


def fetched(person: User, pk: UUID) -> Waiver:
    """The waiver with what its page names, or 404."""
    rows = Waiver.objects.visible_to(person).select_related(
        "version__model__system__unit", "version__artifact", "owner", "requested_by", "accepted_by", "ended_by"
    )
    return get_object_or_404(rows, pk=pk)


def waiver(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One waiver: what it lets through, why, what is done instead, who answers, until when."""
    return render(request, "registry/waiver.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: Waiver, person: User, **sent: ActForm) -> dict[str, Any]:
    """What the page shows and a form for each act that this person is offered; `sent` replace those sent back."""
    verbs, why_not = open_verbs(found, person)
    return {
        "object": found,
        "version": found.version,
        "acts": [(verb, VERBS[verb][1], sent.get(verb) or ReasonForm(auto_id=f"{verb}_%s")) for verb in verbs],
        "why_not": why_not,
    }


def open_verbs(found: Waiver, person: User) -> tuple[list[str], str]:
    """The acts open to the person now; else a sentence that says who may, where that helps."""
    if not access.allowed(person, access.EXCEPTION_ACCEPT, found):
        waits = found.status == Waiver.Status.REQUESTED and not found.is_past
        return [], _("Waiting for a risk officer or an approver of %s.") % found.unit if waits else ""
    if found.status == Waiver.Status.APPROVED:
        return ([] if found.is_past else ["end"]), ""
    if found.status != Waiver.Status.REQUESTED:
        return [], ""
    try:
        separation.require_waiver_acceptor(person, found.version, requester_id=found.requested_by_id)
    except NotAllowed as refusal:
        return ["refuse"], str(refusal)
    return (["refuse"] if found.is_past else ["accept", "refuse"]), ""


@require_POST
def waiver_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Accept, refuse or end."""
    found = fetched(request.user, pk)
    act, _title, said = VERBS[verb]
    form = ReasonForm(request.POST, auto_id=f"{verb}_%s")
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        return redirect(found)
    context = page_context(found, request.user, **{verb: form})
    if verb not in [offered for offered, *_rest in context["acts"]]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to the waiver now.")
    return render(request, "registry/waiver.html", context | {"opened": verb}, status=422)
