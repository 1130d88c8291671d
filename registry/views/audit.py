"""The audit log as the reader may see it: the list, one entry with what it changed, and the proof that it is there."""

import json
from dataclasses import replace
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from registry import access, snapshots
from registry.actions.erasure import unit_of
from registry.audit import proofs
from registry.models import AuditBody, AuditCheckpoint, AuditEntry, BodyErasure, ModelVersion, User
from registry.standing import standing
from registry.views.paging import page_of


def audit(request: HttpRequest) -> HttpResponse:
    """The log of the reader's units, the newest first, by act or object where asked."""
    rows = AuditEntry.objects.visible_to(request.user).select_related("actor", "unit")
    act, about = request.GET.get("action", "").strip(), request.GET.get("about", "").strip()
    if act:
        rows = rows.filter(action__startswith=act)
    if about:
        rows = rows.filter(object_id=about) if is_id(about) else rows.none()
    page = page_of(request, rows.annotate(erased_at=F("body__erased_at")), by="-seq")
    context = {"title": _("Audit log"), "page": page, "action": act, "about": about, "standing": standing()}
    return render(request, "registry/audit.html", context)


def is_id(text: str) -> bool:
    """Thirty-two hexadecimal digits, with or without dashes."""
    bare = text.replace("-", "").lower()
    return len(bare) == 32 and not bare.strip("0123456789abcdef")


def entry_fetched(person: User, pk: int) -> AuditEntry:
    """The entry, or 404 when the person may not read it."""
    row = AuditEntry.objects.select_related("actor", "unit", "body").filter(pk=pk).first()
    if row is None or not may_read(person, row):
        raise Http404
    return row


def may_read(person: User, row: AuditEntry) -> bool:
    """It is in the person's log or in the history of a version whose log the person reads, or is his or hers to erase."""
    if AuditEntry.objects.visible_to(person).filter(pk=row.pk).exists():
        return True
    version = ModelVersion.objects.visible_to(person).filter(pk__in=[row.object_id, row.about_id]).first()
    if version is not None and access.allowed(person, access.AUDIT_VIEW, version):
        return True
    return row.unit_id is None and access.allowed(person, access.ERASE_REQUEST, unit_of(row))


def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Who did what to which object, what it changed, and how that can be proved."""
    found = entry_fetched(request.user, pk)
    body = body_of(found.pk)
    erasure = BodyErasure.objects.filter(entry=found).select_related("requested_by", "confirmed_by").first()
    context = {
        "object": found,
        "body": body,
        "changes": changed(found, body) if body else [],
        "data": [snapshots.Line(snapshots.label_of("", name), snapshots.text_of("", name, value))
                 for name, value in (body or {}).get("data", {}).items()],
        "erasure": erasure,
        "may_erase": body is not None and erasure is None and may_erase(request.user, found),
        "checkpoint": AuditCheckpoint.objects.filter(size__gte=found.pk).order_by("size").first(),
    }  # fmt: skip
    return render(request, "registry/audit_entry.html", context)


def body_of(seq: int) -> dict[str, Any] | None:
    """The entry's text, or None when it was erased."""
    text = AuditBody.objects.filter(pk=seq).values_list("body", flat=True).first()
    return None if text is None else json.loads(bytes(text))


def changed(found: AuditEntry, body: dict[str, Any]) -> list[snapshots.Line]:
    """What the act changed: compared with the revision before, where its text is still there."""
    of_object = AuditEntry.objects.filter(object_type=found.object_type, object_id=found.object_id)
    last = of_object.filter(object_rev=found.object_rev - 1).values_list("pk", flat=True).first()
    before = body_of(last) if last is not None else None
    lines = snapshots.changes(found.object_type, (before or {}).get("snapshot", {}), body["snapshot"])
    is_unknown = last is not None and before is None
    return [replace(line, before=_("erased")) for line in lines] if is_unknown else lines


def may_erase(person: User, found: AuditEntry) -> bool:
    """Whether the page offers the request."""
    return access.allowed(person, access.ERASE_REQUEST, unit_of(found))


def entry_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The entry's proof under the newest checkpoint, as C2SP writes it; 404 until there is a checkpoint that holds it."""
    made = proofs.for_pack(entry_fetched(request.user, pk).pk)
    if made is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="entry-{pk}.tlog-proof"'}
    return HttpResponse(made[1], content_type="text/plain; charset=utf-8", headers=headers)
