"""The page of one condition of an approval, with the acts open to the reader."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import conditions as actions
from registry.errors import NotAllowed
from registry.forms.acts import ReasonForm
from registry.forms.decisions import MetForm
from registry.models import Condition, User
from registry.views.acting import Act, acted, open_acts

TEMPLATE: Final = "registry/condition.html"


def may_meet(found: Condition, person: User) -> bool:
    """It is open, and the person answers for it."""
    return found.status == Condition.Status.OPEN and found.owner_id == person.pk


def may_judge(found: Condition, person: User) -> bool:
    """It is said to be met, and the person may say whether that is so."""
    return found.status == Condition.Status.MET and not why_not(found, person)


def reason_form(_found: Condition, **form: Any) -> ReasonForm:
    """The form of an act that wants a reason and nothing else."""
    return ReasonForm(**form)


ACTS: Final = {
    "meet": Act(
        "condition-meet", gettext_lazy("Say that it is met"), gettext_lazy("Say that it is met"),
        gettext_lazy("Somebody else verifies it now."), lambda _found, **form: MetForm(**form), actions.say_met, may_meet,
    ),
    "verify": Act(
        "condition-verify", gettext_lazy("Verify it"), gettext_lazy("Verify it"),
        gettext_lazy("The condition is verified."), reason_form, actions.verify, may_judge,
    ),
    "send-back": Act(
        "condition-send-back", gettext_lazy("Send it back"), gettext_lazy("Send it back"),
        gettext_lazy("The owner goes on with it."), reason_form, actions.send_back, may_judge,
    ),
}  # fmt: skip


def fetched(person: User, pk: UUID) -> Condition:
    """The condition with what its page names, or 404."""
    rows = Condition.objects.visible_to(person).select_related(
        "review__release__version__model__system__unit", "review__release__system__unit", "sign_off__person", "owner",
        "verified_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def condition(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is asked for, by whom, until when, and how far it is."""
    return render(request, *page(fetched(request.user, pk), request.user))


def page(found: Condition, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Template and context: the condition, the acts that are open, and who is waited for."""
    return TEMPLATE, {
        "object": found,
        "version": found.review.release.version,
        "acts": open_acts(ACTS, found, person, **sent),
        "why_not": why_not(found, person),
    }


def why_not(found: Condition, person: User) -> str:
    """A sentence that says who acts next, or why not this person; empty where this one may, or nobody is waited for."""
    if found.status == Condition.Status.OPEN and found.owner_id != person.pk:
        return _("Waiting for %s.") % found.owner
    if found.status != Condition.Status.MET:
        return ""
    if not access.allowed(person, access.APPROVAL_DECIDE, found):
        duty = found.sign_off.get_duty_display()
        return _("Waiting for a %(duty)s of %(unit)s.") % {"duty": duty, "unit": found.unit}
    try:
        actions.require_verifier(found, person)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


@require_POST
def condition_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Say that it is met, verify it, or send it back."""
    return acted(request, fetched(request.user, pk), ACTS, verb, page)
