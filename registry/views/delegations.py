"""Delegations: handing a duty to a deputy, the page of one, and the yes and no of those whom it needs."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import delegations as actions
from registry.forms.acts import ActForm, ReasonForm
from registry.forms.delegations import DelegationForm
from registry.models import Delegation, User

# Verb: the act, its form, the heading and what is said when it is done.
VERBS: Final[dict[str, tuple[Any, type[ActForm], Any, Any]]] = {
    "accept": (actions.accept, ActForm, gettext_lazy("Accept"), gettext_lazy("Accepted. You stand in on these days.")),
    "confirm": (actions.confirm, ActForm, gettext_lazy("Confirm"), gettext_lazy("Confirmed.")),
    "end": (actions.end, ReasonForm, gettext_lazy("Decline or end it"), gettext_lazy("The delegation is over.")),
}


def delegation_new(request: HttpRequest) -> HttpResponse:
    """Hand one of one's own duties to a deputy."""
    form = DelegationForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(asked, request.user)):
        messages.success(request, _("Asked. It gives no right until %s has accepted.") % form.result.to_person)
        return redirect(form.result)
    own = request.user.get_absolute_url()
    context = {
        "form": form, "title": _("Name a deputy"), "submit": _("Ask the deputy"), "cancel": own,
        "parent_label": request.user.name, "parent_url": own,
        "why": _("The deputy decides in his or her own name, and on nothing on which you could not decide. For every rule "
                 "on persons the two of you are one."),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


def asked(actor: User, *, held: Any, **given: Any) -> Delegation:
    """What the form gave, as the action takes it."""
    return actions.delegate(held, actor=actor, **given)


def fetched(person: User, pk: UUID) -> Delegation:
    """The delegation with what its page names, or 404."""
    rows = Delegation.objects.visible_to(person)
    return get_object_or_404(rows.select_related("from_person", "to_person", "unit", "system", "confirmed_by"), pk=pk)


def delegation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who stands in for whom, in what, for how long, and what was decided in it."""
    return delegation_page(request, fetched(request.user, pk))


def delegation_page(request: HttpRequest, found: Delegation, **sent: ActForm) -> HttpResponse:
    """The page with a form for each act that this person is offered; `sent` replace those sent back."""
    offered = [
        (verb, VERBS[verb][2], sent.get(verb) or VERBS[verb][1](auto_id=f"{verb}_%s"))
        for verb in open_verbs(found, request.user)
    ]
    context = {"object": found, "acts": offered, "decided": found.acts.all(), "sent": list(sent.values())}
    return refusals.marked(render(request, "registry/delegation.html", context), *sent.values())


def open_verbs(found: Delegation, person: User) -> list[str]:
    """What this person may do about it now."""
    here = Delegation.objects.filter(pk=found.pk)
    if not here.standing().exists():
        return []
    verbs = ["accept"] if found.accepted_at is None and found.to_person_id == person.pk else []
    verbs += ["confirm"] if here.to_confirm(person).exists() else []
    is_one = person.pk in {found.from_person_id, found.to_person_id}
    return [*verbs, "end"] if is_one or access.allowed(person, access.PEOPLE_MANAGE, found) else verbs


@require_POST
def delegation_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Accept, confirm or end."""
    found = fetched(request.user, pk)
    act, form_class, _title, said = VERBS[verb]
    form = form_class(request.POST, auto_id=f"{verb}_%s")
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        return redirect(found)
    return delegation_page(request, fetched(request.user, pk), **{verb: form})
