"""What vendors end: the list with what it touches, the import with its dry run, and the decision on a proposal."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import vendor_ends as actions
from registry.forms.acts import ReasonForm
from registry.forms.vendor_ends import ListForm
from registry.models import User, VendorEnd, VendorEndMatch
from registry.views.paging import page_of

VERBS: Final[dict[str, tuple[Any, Any]]] = {
    "accept": (actions.accept_end, gettext_lazy("The vendor's day is now that of the version.")),
    "dismiss": (actions.dismiss_end, gettext_lazy("Dismissed; the version keeps its day.")),
}


def vendor_ends(request: HttpRequest) -> HttpResponse:
    """Every line that was taken in, the next end first, also those that touch nothing."""
    seen = VendorEndMatch.objects.visible_to(request.user).select_related("version__model")
    rows = VendorEnd.objects.visible_to(request.user).prefetch_related(Prefetch("matches", seen, "seen_matches"))
    context = {
        "title": _("What vendors end"), "page": page_of(request, rows, by="retirement_date"),
        "may_import": access.may_anywhere(request.user, access.MODEL_CREATE),
    }  # fmt: skip
    return render(request, "registry/vendor_ends.html", context)


def vendor_ends_import(request: HttpRequest) -> HttpResponse:
    """Read a list: at first only what would happen, then for good."""
    access.require_anywhere(request.user, access.MODEL_CREATE)
    form = ListForm(request.POST or None, request.FILES or None, person=request.user)
    taken = None
    if request.method == "POST" and form.carry_out(partial(taken_in, actor=request.user)):
        taken = form.result
        if taken.is_kept:
            messages.success(request, _("%(rows)d lines are taken in, %(matched)d of them touch the inventory.") % {
                "rows": len(taken.rows), "matched": taken.matched,
            })  # fmt: skip
            return redirect("vendor-ends")
    context = {"title": _("Take in a vendor's list of ends"), "form": form, "taken": taken}
    page = refusals.answer(request, "registry/vendor_ends_import.html", context, form)
    if taken is not None and taken.faults:
        page.status_code = 422
    return page


def taken_in(*, file: Any, unit: Any, dry_run: bool, actor: User) -> actions.Taken:
    """The uploaded file as the action takes it."""
    return actions.import_list(unit, name=file.name, content=file.read(), dry_run=dry_run, actor=actor)


def fetched(person: User, pk: UUID) -> VendorEndMatch:
    """The proposal as this person may see it, or 404."""
    rows = VendorEndMatch.objects.visible_to(person).select_related("version__model__system__unit", "end", "decided_by")
    return get_object_or_404(rows, pk=pk)


def vendor_match(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the vendor says of the version, in its words, beside what stands in the inventory."""
    return match_page(request, fetched(request.user, pk))


def match_page(request: HttpRequest, found: VendorEndMatch, **sent: ReasonForm) -> HttpResponse:
    """The page with the forms open to the reader; `sent` replace those that were refused."""
    waits = found.status == VendorEndMatch.Status.PROPOSED
    may = waits and access.allowed(request.user, access.MODEL_EDIT, found.version)
    forms = {verb: sent.get(verb) or ReasonForm(auto_id=f"{verb}_%s") for verb in VERBS} if may else {}
    context = {"object": found, "version": found.version, "end": found.end, "forms": forms}
    return refusals.answer(request, "registry/vendor_match.html", context, *sent.values())


@require_POST
def vendor_match_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Take the vendor's day, or dismiss it."""
    found, (act, said) = fetched(request.user, pk), VERBS[verb]
    form = ReasonForm(request.POST, auto_id=f"{verb}_%s")
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        return redirect("version-retirement", pk=found.version_id)
    return match_page(request, found, **{verb: form})
