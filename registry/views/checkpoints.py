"""Checkpoints of the log: where they lie, the newest to take away, the key to check it, and the answer to a note."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from registry import access
from registry.audit import checkpoints as notes
from registry.audit.keys import verifier
from registry.forms.log import NoteForm
from registry.models import AuditCheckpoint, WitnessedNote
from registry.note_answers import answer_to
from registry.standing import receipts, standing
from registry.views.paging import page_of


def checkpoints(request: HttpRequest) -> HttpResponse:
    """Every checkpoint with what each place answered, the newest first."""
    access.require_anywhere(request.user, access.AUDIT_VERIFY)
    page = page_of(request, AuditCheckpoint.objects.all(), by="-size")
    for row in page.objects:
        row.answers = receipts(row)
    context = {
        "title": _("Checkpoints of the log"),
        "page": page,
        "standing": standing(),
        "late": notes.late_warning(),
        "key": verifier(),
        "watched": WitnessedNote.objects.order_by("origin"),
    }
    return render(request, "registry/audit_checkpoints.html", context)


def checkpoint_note(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint as a file to keep."""
    access.require_anywhere(request.user, access.AUDIT_VERIFY)
    row = notes.newest()
    if row is None:
        raise Http404
    return file_answer(row.note, "checkpoint.note")


def checkpoint_key(request: HttpRequest) -> HttpResponse:
    """The public key by which the notes of this log are checked."""
    access.require_anywhere(request.user, access.AUDIT_VERIFY)
    key = verifier()
    if key is None:
        raise Http404
    return file_answer(f"{key}\n", "log-key.txt")


def file_answer(text: str, name: str) -> HttpResponse:
    """A small text to save."""
    kind = "text/plain; charset=utf-8"
    return HttpResponse(text, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def note_check(request: HttpRequest) -> HttpResponse:
    """Somebody brings a note that was kept outside and sees whether the log still agrees with it."""
    access.require_anywhere(request.user, access.AUDIT_VERIFY)
    form = NoteForm(request.POST or None, request.FILES or None)
    is_answered = request.method == "POST" and form.carry_out(partial(answer_to))
    context = {
        "title": _("Check a note against the log"),
        "form": form,
        "answer": form.result if is_answered else None,
        "key": verifier(),
    }
    return render(
        request,
        "registry/audit_note.html",
        context,
        status=422 if request.method == "POST" and not is_answered else 200,
    )
