"""Verification codes: what a code says of its document, and the verifier itself as a download."""

from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from registry.actions.sign_ins import Kind, TooManyAttempts, address_of, begin_attempt
from registry.forms.acts import later
from registry.refusals import marked
from reports import codes
from reports.forms import CodeForm, DigestForm, written
from reports.models import Filed, SigningKey
from reports.verifier import verify as verifier_file


@login_not_required
@require_safe
def verify_ask(request: HttpRequest) -> HttpResponse:
    """The form for a code."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        return redirect("verify", code=form.cleaned_data["code"])
    return render(request, "reports/pages/verify.html", {"form": form, "title": _("Verify a document")})


@login_not_required
@require_safe
@never_cache
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """What a code says of its document, to anybody who holds it; who may see the document is led to it."""
    code = written(code)
    form = CodeForm({"code": code})
    page = {"form": form, "code": code, "title": _("Verify a document")}
    try:
        found = looked_up(request, code) if form.is_valid() else None
    except TooManyAttempts as refusal:
        form.add_error(None, later(refusal))
        return marked(render(request, "reports/pages/verify.html", page), form)
    if found is None:
        return render(request, "reports/pages/verify.html", page, status=404)
    page |= {"told": codes.told(found), "object": codes.document_of(code, request.user), **compared(request, found)}
    return render(request, "reports/pages/verify.html", page)


def looked_up(request: HttpRequest, code: str) -> Filed | None:
    """The document of a code; what people without an account look up is counted, so that nobody tries codes."""
    if not request.user.is_authenticated:
        begin_attempt("", address=address_of(request), kind=Kind.VERIFY)
    return codes.document_of(code)


def compared(request: HttpRequest, found: Filed) -> dict[str, Any]:
    """The form for the digest of the file in hand, and what comparing it came to."""
    asked = DigestForm(request.GET if "sha256" in request.GET else None)
    same = codes.form_of(found, asked.cleaned_data["sha256"]) if asked.is_valid() else ""
    return {"digest_form": asked, "is_compared": asked.is_valid(), "same": same}


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
