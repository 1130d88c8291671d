"""Erasing the personal text of an entry: one person asks on the entry's page, another confirms."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import erasure as actions
from registry.forms.acts import ActForm, ReasonForm
from registry.models import BodyErasure, User
from registry.views.audit import entry_fetched
from registry.views.paging import page_of


def erasures(request: HttpRequest) -> HttpResponse:
    """Requests of the reader's units, the newest first; on wish only those that wait for a second person."""
    rows = BodyErasure.objects.visible_to(request.user).select_related("entry", "unit", "requested_by", "confirmed_by")
    is_waiting = request.GET.get("show") == "waiting"
    if is_waiting:
        rows = rows.filter(confirmed_at=None)
    context = {"title": _("Erasures"), "page": page_of(request, rows, by="-created_at"), "is_waiting": is_waiting}
    return render(request, "registry/audit_erasures.html", context)


def entry_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that the text of an entry be erased."""
    entry = entry_fetched(request.user, pk)
    access.require(request.user, access.ERASE_REQUEST, actions.unit_of(entry))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.request_erasure, entry, actor=request.user)):
        messages.success(request, _("Asked for. The text is erased when a second person confirms."))
        return redirect("erasure", pk=form.result.pk)
    context = {
        "form": form,
        "title": _("Erase the text of entry %d") % entry.seq,
        "object": f"{entry.seq} {entry.action}",
        "object_digest": f"sha256:{bytes(entry.object_digest).hex()}",
        "consequence": _(
            "Gone for good will be what the record looked like after this act, the reason that was given and the names "
            "in it. What stays is that the act took place, when, and a commitment by which the log is still verified."
        ),
        "submit": _("Ask for erasure"),
        "danger": True,
        "parent_label": _("Entry %d") % entry.seq,
        "parent_url": entry_url(entry.seq),
        "cancel": entry_url(entry.seq),
    }
    return render(request, "generic/confirm.html", context, status=422 if form.errors else 200)


def fetched(person: User, pk: UUID) -> BodyErasure:
    """The request, or 404."""
    rows = BodyErasure.objects.visible_to(person)
    return get_object_or_404(rows.select_related("entry", "unit", "requested_by", "confirmed_by"), pk=pk)


def erasure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One request, with the button of the second person."""
    return erasure_page(request, fetched(request.user, pk), ActForm())


def erasure_page(request: HttpRequest, found: BodyErasure, form: ActForm, status: int = 200) -> HttpResponse:
    """The page with the form, empty or refused, for whoever may confirm."""
    is_second = found.requested_by_id != request.user.pk
    may = found.confirmed_at is None and is_second and access.allowed(request.user, access.ERASE_CONFIRM, found)
    context = {"object": found, "form": form if may or form.errors else None}
    return render(request, "registry/audit_erasure.html", context, status=status)


@require_POST
def erasure_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree, as a second person: the text is gone."""
    found, form = fetched(request.user, pk), ActForm(request.POST)
    if form.carry_out(partial(actions.confirm_erasure, found, actor=request.user)):
        messages.success(request, _("The text of entry %d is erased. The log still verifies.") % found.entry_id)
        return redirect("erasure", pk=found.pk)
    return erasure_page(request, found, form, status=422)


def entry_url(seq: int) -> str:
    """The page of an entry."""
    return reverse("audit-entry", args=[seq])
