"""The page of one condition of an approval, with the acts open to the reader."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import conditions as actions
from registry.errors import NotAllowed
from registry.forms.acts import ReasonForm
from registry.models import Condition, User

VERBS: Final[dict[str, tuple[Any, Any, Any]]] = {
    "meet": (actions.say_met, gettext_lazy("Say that it is met"), gettext_lazy("Somebody else verifies it now.")),
    "verify": (actions.verify, gettext_lazy("Verify it"), gettext_lazy("The condition is verified.")),
    "send-back": (actions.send_back, gettext_lazy("Send it back"), gettext_lazy("The owner goes on with it.")),
}


def fetched(person: User, pk: UUID) -> Condition:
    """The condition with what its page names, or 404."""
    rows = Condition.objects.visible_to(person).select_related(
        "review__release__version__model__system__unit", "review__release__system__unit", "sign_off__person", "owner",
        "verified_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def condition(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is asked for, by whom, until when, and how far it is."""
    return render(request, "registry/condition.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: Condition, person: User, **sent: ReasonForm) -> dict[str, Any]:
    """The condition and the forms of the acts that are open."""
    verbs, why_not = open_verbs(found, person)
    return {
        "object": found,
        "version": found.review.release.version,
        "acts": [(verb, VERBS[verb][1], sent.get(verb) or ReasonForm(auto_id=f"{verb}_%s")) for verb in verbs],
        "why_not": why_not,
    }


def open_verbs(found: Condition, person: User) -> tuple[list[str], str]:
    """The acts open to the person now; else a sentence that says who may, where that helps."""
    if found.status == Condition.Status.OPEN:
        return (["meet"], "") if found.owner_id == person.pk else ([], _("Waiting for %s.") % found.owner)
    if found.status != Condition.Status.MET:
        return [], ""
    if not access.allowed(person, access.APPROVAL_DECIDE, found):
        duty = found.sign_off.get_duty_display()
        return [], _("Waiting for a %(duty)s of %(unit)s.") % {"duty": duty, "unit": found.unit}
    try:
        actions.require_verifier(found, person)
    except NotAllowed as refusal:
        return [], str(refusal)
    return ["verify", "send-back"], ""


@require_POST
def condition_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Say that it is met, verify it, or send it back."""
    found = fetched(request.user, pk)
    act, _title, said = VERBS[verb]
    form = ReasonForm(request.POST, auto_id=f"{verb}_%s")
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        return redirect(found)
    context = page_context(fetched(request.user, pk), request.user, **{verb: form})
    if verb not in [offered for offered, *_rest in context["acts"]]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to the condition now.")
    return render(request, "registry/condition.html", context, status=422)
