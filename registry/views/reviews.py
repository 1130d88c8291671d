"""Reviews: my queue, and the page where evidence stands beside the decision."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, gates, separation
from registry.actions import reviews as actions, rounds
from registry.errors import NotAllowed
from registry.forms.decisions import SignOffForm
from registry.models import Review, SignOff, User
from registry.views.paging import page_of


def reviews(request: HttpRequest) -> HttpResponse:
    """Open reviews first asked for; closed ones where asked."""
    rows = Review.objects.visible_to(request.user)
    shown = "closed" if request.GET.get("show") == "closed" else "open"
    rows = rows.open() if shown == "open" else rows.exclude(status=Review.Status.OPEN)
    rows = rows.select_related("release__version__model", "release__system__unit", "release__author")
    page = page_of(request, rows.prefetch_related("sign_offs"), by="created_at" if shown == "open" else "-created_at")
    return render(request, "registry/reviews.html", {"title": _("Reviews"), "page": page, "shown": shown})


def fetched(person: User, pk: UUID) -> Review:
    """The review with what its page names, or 404."""
    rows = Review.objects.visible_to(person).select_related(
        "release__version__model__system__unit", "release__system__unit", "release__card", "release__author",
        "release__version__artifact",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is decided on, gate by gate and piece by piece, and the form to decide."""
    found = fetched(request.user, pk)
    return render(request, "registry/review.html", page_context(found, request.user))


def page_context(found: Review, person: User, form: SignOffForm | None = None) -> dict[str, Any]:
    """Evidence, gates, material and sign-offs; and the form, or why this person does not decide."""
    duties, why_not = may_decide(found, person)
    if duties and form is None:
        form = SignOffForm(duties=duties, initial={"seen_digest": found.subject_digest})
    slots = found.sign_offs.select_related("person").order_by("-round", "stage", "duty", "ordinal")
    return {
        "object": found,
        "release": found.release,
        "version": found.release.version,
        "gates": gates.evaluate(found.release),
        "evidence": found.release.evidence.all(),
        "waivers": found.release.version.waivers.standing().select_related("owner"),
        "parts": sorted(actions.part_digests(found).items()),
        "slots": [slot for slot in slots if slot.voided_at is None],
        "voided": [slot for slot in slots if slot.voided_at is not None and slot.decision],
        "form": form if duties else None,
        "why_not": why_not,
    }


def may_decide(found: Review, person: User) -> tuple[list[str], str]:
    """The duties in which the person may decide now; else a sentence that says why not or who may."""
    if found.status != Review.Status.OPEN:
        return [], ""
    waiting = rounds.open_stage(found)
    held = [slot.duty for slot in waiting if access.holds(person, slot.duty, found.release)]
    if not held:
        names = ", ".join(dict.fromkeys(slot.get_duty_display() for slot in waiting))
        return [], _("Waiting for %(duties)s of %(unit)s.") % {"duties": names, "unit": found.release.system.unit}
    try:
        separation.require_decider(person, found.release)
    except NotAllowed as refusal:
        return [], str(refusal)
    return list(dict.fromkeys(held)), ""


@require_POST
def review_sign_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide in one's duty."""
    found = fetched(request.user, pk)
    duties = list(dict.fromkeys(SignOff.objects.filter(review=found).values_list("duty", flat=True)))
    form = SignOffForm(request.POST, duties=duties)
    if form.carry_out(partial(actions.sign_off, found, actor=request.user)):
        messages.success(request, _("Your decision is recorded: %s.") % form.result.get_decision_display())
        return redirect(found)
    context = page_context(fetched(request.user, pk), request.user, form) | {"form": form}
    return render(request, "registry/review.html", context, status=422)
