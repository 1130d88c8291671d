"""Carries out the verbs and moves of an entry."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from registry.actions import registers as actions
from registry.actions.register_files import take_file
from registry.models import Attachment, RegisterEntry
from registry.views.downloads import saved
from registry.views.registers.page import TEMPLATE, fetched, page_context
from registry.views.registers.verbs import VERBS, verb_of
from registry.views.supply.acts import Verb


@require_POST
def entry_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """One of the verbs."""
    return done(request, fetched(request.user, pk), VERBS[verb], verb)


@require_safe
def entry_file(request: HttpRequest, pk: UUID, file: UUID) -> FileResponse:
    """A file of an entry; who may see the entry may take it, and the log says so."""
    row = fetched(request.user, pk)
    kept = get_object_or_404(Attachment.objects.of(row).select_related("blob"), pk=file)
    return saved(take_file(row, kept, actor=request.user), name=kept.name)


@require_POST
def entry_move(request: HttpRequest, pk: UUID, move: str) -> HttpResponse:
    """One of the moves of its kind; 422 with the page where there is none of this name."""
    row = fetched(request.user, pk)
    step = row.of.moves.get(move)
    verb = verb_of(step) if step else Verb(partial(actions.move_entry, move=move), "", "")
    return done(request, row, verb, move)


def done(request: HttpRequest, row: RegisterEntry, verb: Verb, name: str) -> HttpResponse:
    """Carry it out and go back to the entry; else the page with what was refused."""
    form = verb.form(request.POST, request.FILES, auto_id=f"{name}_%s")
    if form.carry_out(partial(verb.act, row, actor=request.user)):
        messages.success(request, str(verb.said))
        return redirect(row)
    page: dict[str, Any] = page_context(row, request.user, **{name: form})
    if name not in [each.verb for each in page["acts"]]:
        page["refusal"] = " ".join(form.non_field_errors())
    return render(request, TEMPLATE, page, status=422)
