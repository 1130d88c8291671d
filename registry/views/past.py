"""Any governed thing as it was on a day, column by column, read from the log alone."""

from uuid import UUID

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from registry import snapshots
from registry.audit.as_of import recorded
from registry.forms.log import DayForm
from registry.models import Audited, AuditEntry, User
from registry.views.audit import may_read


def past(request: HttpRequest, noun: str, pk: UUID) -> HttpResponse:
    """The day is asked for in the address, so that the answer can be sent to somebody; without one it is today."""
    last = AuditEntry.objects.filter(object_type=noun, object_id=pk).order_by("-seq").first()
    if last is None or not may_read(request.user, last):
        raise Http404
    form = DayForm(request.GET if "day" in request.GET else {"day": timezone.localdate().isoformat()})
    day = form.cleaned_data["day"] if form.is_valid() else None
    then = recorded((noun, pk), day) if day is not None else None
    if then is not None and not is_readable(request.user, then.entry):
        raise Http404
    context = {
        "form": form, "day": day, "then": then, "last": last, "name": name_of(noun, pk),
        "lines": snapshots.lines(noun, then.snapshot or {}, *snapshots.said(then.snapshot or {})) if then else [],
    }  # fmt: skip
    return render(request, "registry/past.html", context)


def is_readable(person: User, seq: int) -> bool:
    """The entry of that day too is one that the person may read: a thing may have moved between units since."""
    return may_read(person, AuditEntry.objects.get(pk=seq))


def name_of(noun: str, pk: UUID) -> str:
    """What the thing is called today; its kind and id where the table is gone or the row is."""
    try:
        model = apps.get_model(noun)
    except (LookupError, ValueError):
        return f"{noun} {pk}"
    row = model._base_manager.filter(pk=pk).first() if issubclass(model, Audited) else None
    return str(row) if row is not None else f"{noun} {pk}"
