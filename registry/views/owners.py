"""Who answers for a system: the page on which owners accept, hand over and name deputies, and the list of what has none."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, owners
from registry.actions import owners as actions
from registry.forms.acts import ActForm
from registry.forms.owners import AcceptForm, AssignForm, DeclineForm, DeputyForm, able_people
from registry.models import AISystem, Side, User
from registry.views.paging import page_of

NAMED: Final = ("unit", "business_owner", "technical_owner", "business_deputy", "technical_deputy")
# verb: the action, its form, its title, what is said when it is done
ACTS: Final[dict[str, tuple[Any, Any, Any, Any]]] = {
    "accept": (actions.accept, AcceptForm, gettext_lazy("Accept"), gettext_lazy("You answer for it now.")),
    "decline": (actions.decline, DeclineForm, gettext_lazy("Decline"), gettext_lazy("Declined. Another is looked for.")),
    "assign": (actions.assign_owner, AssignForm, gettext_lazy("Hand over"),
               gettext_lazy("Named. The person finds it under “My work” and has to accept.")),
    "deputy": (actions.name_deputy, DeputyForm, gettext_lazy("Name a deputy"), gettext_lazy("Saved.")),
}  # fmt: skip


def systems_without_owner(request: HttpRequest) -> HttpResponse:
    """Systems of the reader's units that nobody answers for on one side, or that lack a deputy where asked."""
    rows = AISystem.objects.visible_to(request.user).exclude(lifecycle_stage="retired").select_related(*NAMED)
    lacking = "deputy" if request.GET.get("lacking") == "deputy" else "owner"
    without = rows.filter(business_deputy=None) | rows.filter(technical_deputy=None)
    page = page_of(request, owners.without_owner(rows) if lacking == "owner" else without, by="name")
    for system in page.objects:
        system.sides = [owners.standing(system, side) for side in Side]
    context = {"title": _("Systems without an owner"), "page": page, "lacking": lacking}
    return render(request, "registry/systems_without_owner.html", context)


def fetched(person: User, pk: UUID) -> AISystem:
    """The system with the people who answer for it, or 404."""
    return get_object_or_404(AISystem.objects.visible_to(person).select_related(*NAMED), pk=pk)


def system_owners(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who answers for the system, and what this reader may do about it."""
    return render(request, "registry/system_owners.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: AISystem, person: User, sent: tuple[str, str, ActForm] | None = None) -> dict[str, Any]:
    """Both sides, each with the acts that are open to the person; `sent` is a form that was sent back."""
    people = able_people(person, found)
    sides = []
    for side in Side:
        standing = owners.standing(found, side)
        verbs = open_verbs(found, standing, person)
        acts = [
            (verb, ACTS[verb][2], form_of(verb, standing, people, sent), reverse(f"owner-{verb}", args=[found.pk]))
            for verb in verbs
        ]
        sides.append((standing, getattr(found, f"{side}_decline_reason"), acts))
    return {"object": found, "sides": sides, "opened": sent[:2] if sent else None}


def form_of(verb: str, standing: owners.Standing, people: Any, sent: tuple[str, str, ActForm] | None) -> ActForm:
    """The form of an act for one side: the one sent back, or a fresh one."""
    if sent and sent[:2] == (verb, standing.side):
        return sent[2]
    begun = {"side": standing.side, "person": standing.deputy.pk if verb == "deputy" and standing.deputy else None}
    return blank(verb, standing.side, people, initial=begun)


def blank(verb: str, side: str, people: Any, *data: Any, **more: Any) -> ActForm:
    """A form of the act with ids of its own; those that name somebody are given the people."""
    kind = ACTS[verb][1]
    offered = {"people": people} if kind in {AssignForm, DeputyForm} else {}
    return kind(*data, auto_id=f"{verb}_{side}_%s", **offered, **more)


def open_verbs(found: AISystem, standing: owners.Standing, person: User) -> list[str]:
    """The acts that the person is offered for one side."""
    is_asked = standing.is_waiting and standing.owner == person
    return [
        *(["accept", "decline"] if is_asked else []),
        *(["assign"] if access.allowed(person, access.MODEL_ASSIGN_OWNER, found) else []),
        *(["deputy"] if access.allowed(person, access.MODEL_EDIT, found) else []),
    ]


@require_POST
def owner_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Accept, decline, hand over or name a deputy."""
    found = fetched(request.user, pk)
    side = request.POST.get("side", "")
    if side not in Side.values:
        raise Http404
    act, _form, _title, said = ACTS[verb]
    form = blank(verb, side, able_people(request.user, found), request.POST)
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        return redirect("system-owners", pk=found.pk)
    context = page_context(found, request.user, (verb, side, form))
    if verb not in open_verbs(found, owners.standing(found, Side(side)), request.user):
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done now.")
    return render(request, "registry/system_owners.html", context, status=422)
