"""Asks a check of the registry's own records about a version."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry.actions.record_checks import run_record_check
from registry.record_checks import label_of
from registry.views.versions import fetched


@require_POST
def record_check_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Run it at once; the answer stands among the evidence."""
    found = fetched(request.user, pk)
    evidence = run_record_check(found, check=request.POST.get("check", ""), actor=request.user)
    messages.success(
        request,
        _("%(check)s: %(verdict)s.")
        % {"check": label_of(evidence.check_slug), "verdict": evidence.get_verdict_display()},
    )
    return redirect(evidence)
