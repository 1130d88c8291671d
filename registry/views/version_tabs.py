"""The registry's own tabs of a version: lineage, decisions, releases, history."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import inventory
from registry.forms.inventory import LinkForm
from registry.models import AuditEntry, LineageLink, SignOff
from registry.views.paging import page_of
from registry.views.versions import fetched


def version_lineage(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What it came from and what came from it, with a form for one more link."""
    found = fetched(request.user, pk)
    return lineage_page(request, found, LinkForm(person=request.user, source=found))


def lineage_page(request: HttpRequest, found: object, form: LinkForm, status: int = 200) -> HttpResponse:
    """The tab with a form that is empty or was refused."""
    links = LineageLink.objects.visible_to(request.user).of(found)
    context = {
        "version": found,
        "links": links,
        "form": form if access.allowed(request.user, access.LINEAGE_EDIT, found) else None,
    }
    return render(request, "registry/version_lineage.html", context, status=status)


@require_POST
def version_link_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what the version came from."""
    found = fetched(request.user, pk)
    form = LinkForm(request.POST, person=request.user, source=found)
    if form.carry_out(partial(inventory.add_link, found, actor=request.user)):
        messages.success(request, _("Link added: %s.") % form.result)
        return redirect("version-lineage", pk=found.pk)
    return lineage_page(request, found, form, status=422)


def version_decisions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who decided what on which material, voided decisions included."""
    found = fetched(request.user, pk)
    rows = SignOff.objects.visible_to(request.user).filter(review__release__version=found).exclude(decision="")
    rows = rows.select_related("person", "review__release")
    waivers = found.waivers.select_related("owner")
    context = {"version": found, "sign_offs": rows.order_by("-decided_at"), "waivers": waivers}
    return render(request, "registry/version_decisions.html", context)


def version_releases(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The releases of this version, each for one system."""
    found = fetched(request.user, pk)
    rows = found.releases.select_related("system", "author", "publisher", "review").order_by("-created_at")
    return render(request, "registry/version_releases.html", {"version": found, "releases": rows})


def version_history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The log about this version; who may not read the unit's log sees his or her own acts."""
    found = fetched(request.user, pk)
    rows = AuditEntry.objects.all()
    if not access.allowed(request.user, access.AUDIT_VIEW, found):
        rows = rows.visible_to(request.user)
    page = page_of(request, rows.about(found).select_related("actor"), by="-seq")
    return render(request, "registry/version_history.html", {"version": found, "page": page})
