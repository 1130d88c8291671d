"""One piece of evidence: its page, its outcome as JSON, and its withdrawal."""

import json
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from rai import actions
from rai.views.checks import shown_outcome
from registry import access
from registry.forms.acts import ReasonForm
from registry.models import Evidence, User


def found_evidence(person: User, pk: UUID) -> Evidence:
    """The evidence with what its page names, or 404."""
    rows = Evidence.objects.visible_to(person).select_related(
        "version__model__system__unit", "version__artifact", "requested_by", "superseded_by", "run"
    )
    return get_object_or_404(rows, pk=pk)


def evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was found, on what, by whom, and whether it stands. What a run made is shown on the run's page."""
    found = found_evidence(request.user, pk)
    run = getattr(found, "run", None)
    if run is not None:
        return redirect(run)
    context = {"object": found, "version": found.version} | shown_outcome(found)
    context["has_chart"] = False
    context["may_withdraw"] = access.allowed(request.user, access.CHECK_RUN, found)
    return render(request, "rai/evidence.html", context)


def evidence_outcome(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The outcome as it is stored and hashed."""
    found = found_evidence(request.user, pk)
    text = json.dumps(found.outcome, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    digits = found.digest.rpartition(":")[2][:12]
    response["Content-Disposition"] = f'attachment; filename="outcome-{digits}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def evidence_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Declare evidence void, with a reason; the page names what falls with it."""
    found = found_evidence(request.user, pk)
    access.require(request.user, access.CHECK_RUN, found)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.withdraw_evidence, found, actor=request.user)):
        messages.success(request, _("The evidence is withdrawn. It stays in the records with your reason."))
        return redirect(found)
    context = {
        "form": form,
        "object": found,
        "object_digest": found.digest,
        "consequence": _(
            "Gates no longer count it, and sign-offs that rest on it are voided. The row and its outcome stay."
        ),
        "danger": True,
        "title": _("Withdraw this evidence"),
        "submit": _("Withdraw"),
        "parent_label": str(found.version),
        "parent_url": found.version.get_absolute_url(),
        "cancel": found.get_absolute_url(),
    }
    return render(request, "generic/confirm.html", context, status=422 if form.errors else 200)
