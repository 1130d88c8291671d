"""The audit log as the reader may see it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from registry.models import AuditEntry
from registry.views.paging import page_of


def audit(request: HttpRequest) -> HttpResponse:
    """The log of the reader's units, the newest first, by act or object where asked."""
    rows = AuditEntry.objects.visible_to(request.user).select_related("actor", "unit")
    act, about = request.GET.get("action", "").strip(), request.GET.get("about", "").strip()
    if act:
        rows = rows.filter(action__startswith=act)
    if about:
        rows = rows.filter(object_id=about) if is_id(about) else rows.none()
    page = page_of(request, rows, by="-seq")
    return render(
        request, "registry/audit.html", {"title": _("Audit log"), "page": page, "action": act, "about": about}
    )


def is_id(text: str) -> bool:
    """Thirty-two hexadecimal digits, with or without dashes."""
    bare = text.replace("-", "").lower()
    return len(bare) == 32 and not bare.strip("0123456789abcdef")
