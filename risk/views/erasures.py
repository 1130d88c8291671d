"""Requests for erasure followed through the lineage: one page for the whole, to be printed, and one for each version."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from registry import access
from registry.forms.acts import ReasonForm
from registry.models import Dataset, RegisterEntry, User
from registry.views.acting import Act, acted, open_acts
from risk import affected
from risk.actions import erasures as actions
from risk.forms import AffectedDoneForm, DispositionForm
from risk.models import ErasureStep
from risk.response.forms import FindingForm

TEMPLATE: Final = "risk/erasure_step.html"


def erasure_request(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One request: its data, its deadline, and what became of each version that came from them."""
    rows = RegisterEntry.objects.visible_to(request.user).filter(kind=actions.KIND)
    found = get_object_or_404(rows.select_related("unit", "system", "dataset", "owner", "approved_by"), pk=pk)
    steps = found.erasure_steps.all()
    seen = ErasureStep.objects.visible_to(request.user).filter(request=found)
    seen = seen.select_related("version__model__system__technical_owner", "decided_by", "done_by", "verified_by")
    data = {row.pk for row in actions.datasets_of(found)}
    total = steps.count()
    context = {
        "object": found,
        "data": Dataset.objects.visible_to(request.user).filter(pk__in=data),
        "steps": seen,
        "total": total,
        "hidden": total - len(seen),
        "counts": [
            (_("Versions that came from the data"), total),
            (_("Decided"), steps.exclude(disposition="").count()),
            (_("Done"), steps.filter(done_at__isnull=False).count()),
            (_("Verified"), steps.filter(verified_at__isnull=False).count()),
        ],
        "received_at": parse_date(str(found.fields.get("received_at") or "")),
        "is_late": found.due_on is not None and found.due_on < timezone.localdate() and steps.open().exists(),
        "printed_at": timezone.now(),
    }
    return render(request, "risk/erasure_request.html", context)


def may_edit(found: ErasureStep, person: User) -> bool:
    """It is not verified, and the person may decide on it."""
    return found.verified_at is None and access.allowed(person, access.RISK_EDIT, found)


def may_verify(found: ErasureStep, person: User) -> bool:
    """It is done, and the person is another who may see to it."""
    if found.done_at is None or found.verified_at is not None:
        return False
    if not access.allowed(person, access.ERASE_CONFIRM, found):
        return False
    return person.pk not in {found.decided_by_id, found.done_by_id, *found.home_system.owner_ids}


def blank(form: Any) -> Any:
    """A form that needs nothing of the step."""
    return lambda found, **kwargs: form(**kwargs)


ACTS: Final = {
    "verify": Act("erasure-step-verify", _("Verify"), _("It is done as decided"), _("Verified."), blank(FindingForm),
                  actions.verify_step, may_verify),
    "send-back": Act("erasure-step-send-back", _("Send back"), _("Send back"), _("Sent back; it is decided on anew."),
                     blank(ReasonForm), actions.send_back_step, may_verify),
    "finish": Act("erasure-step-finish", _("Say that it is done"), _("It is done"), _("Saved."), blank(AffectedDoneForm),
                  actions.finish_step, lambda found, person: bool(found.disposition) and not found.done_at and may_edit(found, person)),
    "decide": Act("erasure-step-decide", _("Decide what follows"), _("Decide"), _("Saved."), blank(DispositionForm),
                  actions.decide_step, may_edit),
}  # fmt: skip


def fetched(person: User, pk: UUID) -> ErasureStep:
    """The step with what its page names, or 404."""
    rows = ErasureStep.objects.visible_to(person).select_related(
        "version__model__system__unit", "request", "decided_by", "done_by", "verified_by"
    )
    return get_object_or_404(rows, pk=pk)


def page_context(found: ErasureStep, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """What the page shows; who may not see the request is told its day and not what it says."""
    request = RegisterEntry.objects.visible_to(person).filter(pk=found.request_id).first()
    return TEMPLATE, {
        "object": found,
        "request_row": request,
        "due_on": found.request.due_on,
        "way": affected.way_words(person, found.path),
        "acts": open_acts(ACTS, found, person, **sent),
    }


def erasure_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version: by which way it came from the data, and what becomes of it."""
    return render(request, *page_context(fetched(request.user, pk), request.user))


@require_POST
def erasure_step_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Decide, do, verify or send back."""
    return acted(request, fetched(request.user, pk), ACTS, verb, page_context)
