"""Verification codes: which report or pack a code belongs to, and the verifier itself as a download."""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reports.forms import CodeForm, written
from reports.models import BoardPack, Filed, Minutes, Pack, Report, SigningKey
from reports.verifier import verify as verifier_file


def verify_ask(request: HttpRequest) -> HttpResponse:
    """The form for a code."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        return redirect("verify", code=form.cleaned_data["code"])
    return render(request, "reports/pages/verify.html", {"form": form, "title": _("Verify a document")})


def verify(request: HttpRequest, code: str) -> HttpResponse:
    """The document of a code, when the reader may see it; others learn nothing of it, not even that it is there."""
    code = written(code)
    form = CodeForm({"code": code})
    found = document_of(request, code) if form.is_valid() else None
    context = {"form": form, "code": code, "object": found, "title": _("Verify a document")}
    return render(request, "reports/pages/verify.html", context, status=200 if found else 404)


def document_of(request: HttpRequest, code: str) -> Filed | None:
    """The document with this code."""
    for model in (Report, Pack, BoardPack, Minutes):
        found = model.objects.visible_to(request.user).select_related("blob", "requested_by").filter(code=code).first()
        if found is not None:
            return found
    return None


@login_not_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The public page of keys: which fingerprint signs since when, and which signed before."""
    rows = SigningKey.objects.order_by("-valid_from")
    return render(request, "reports/pages/keys.html", {"title": _("Keys that sign evidence packs"), "keys": rows})


@login_not_required
@require_safe
def verifier(request: HttpRequest) -> FileResponse:
    """The verifier from this installation, for somebody who does not trust the one inside a pack."""
    return downloaded("verify.py", content_type="text/x-python")


@login_not_required
@require_safe
def verifier_page(request: HttpRequest) -> FileResponse:
    """The same as a page that is opened from the disk, offline; never shown here, where no page runs inline scripts."""
    return downloaded("verify.html", content_type="application/octet-stream")


def downloaded(name: str, *, content_type: str) -> FileResponse:
    """A file of the verifier's folder."""
    path = Path(verifier_file.__file__).with_name(name)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
