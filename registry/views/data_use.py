"""A use of data with the review of its fit, and access to data of another unit with its acts."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import data_access as accesses, data_use as uses
from registry.forms.acts import ReasonForm
from registry.forms.data_use import DecideAccessForm, FitForm, PurposeForm, RequestAccessForm, ReviewAccessForm
from registry.models import DataAccess, DataUse, User
from registry.views.acting import Act, acted, open_acts

S = DataAccess.Status
TEMPLATE: Final = "registry/data_matter.html"


def is_steward(row: DataAccess, person: User) -> bool:
    """The person decides on access to these data."""
    return access.allowed(person, access.DATASET_UPLOAD, row.dataset)


USE_ACTS: Final = {
    "review": Act(
        "data-use-review", gettext_lazy("Review the fit"), gettext_lazy("Keep the review"),
        gettext_lazy("The review is kept."), lambda _use, **form: FitForm(**form), uses.review_fit, uses.may_review,
    ),
    "purpose": Act(
        "data-use-purpose", gettext_lazy("Use them for another purpose"), gettext_lazy("Change the purpose"),
        gettext_lazy("The purpose is changed; what was reviewed is asked again."),
        lambda use, **form: PurposeForm(**{"initial": {"purpose": use.purpose}, **form}), uses.change_purpose,
        lambda use, person: access.allowed(person, access.LINEAGE_EDIT, use.system or use),
    ),
}  # fmt: skip
ACCESS_ACTS: Final = {
    "decide": Act(
        "data-access-decide", gettext_lazy("Decide on the access"), gettext_lazy("Decide"), gettext_lazy("Decided."),
        lambda _row, **form: DecideAccessForm(**form), accesses.decide_access,
        lambda row, person: row.status == S.REQUESTED and person.pk != row.requested_by_id and is_steward(row, person),
    ),
    "review": Act(
        "data-access-review", gettext_lazy("Review the access"), gettext_lazy("Keep the review"),
        gettext_lazy("The review is kept."), lambda _row, **form: ReviewAccessForm(**form), accesses.review_access,
        lambda row, person: row.is_in_force and row.is_outside_production and is_steward(row, person),
    ),
    "end": Act(
        "data-access-end", gettext_lazy("End the access"), gettext_lazy("End it"), gettext_lazy("The access has ended."),
        lambda _row, **form: ReasonForm(**form), accesses.end_access,
        lambda row, person: row.status in {S.REQUESTED, S.GRANTED}
        and (person.pk == row.requested_by_id or is_steward(row, person)),
    ),
}  # fmt: skip
USE_FACTS: Final = ("purpose", "asked_by", "fit", "reason", "reviewed_by", "reviewed_at")
ACCESS_FACTS: Final = (
    "status", "environment", "people", "purpose", "ends_on", "requested_by", "decided_by", "decided_at",
    "decision_reason", "review_due", "reviewed_by", "reviewed_at", "review_note", "ended_by", "ended_at", "end_reason",
)  # fmt: skip
WIDE: Final = frozenset({"purpose", "people", "reason", "decision_reason", "review_note", "end_reason"})


def facts_of(row: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Columns with what they say; those that say nothing yet are left out."""
    found = []
    for name in names:
        column, value = row._meta.get_field(name), getattr(row, name)
        if value not in ("", None):
            shown = getattr(row, f"get_{name}_display", lambda value=value: value)()
            kind = column.get_internal_type()
            found.append({"label": column.verbose_name, "value": shown, "is_wide": name in WIDE,
                          "is_day": kind in {"DateField", "DateTimeField"}})  # fmt: skip
    return found


def use_page(found: DataUse, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Template and context of a use."""
    return TEMPLATE, {
        "object": found,
        "title": str(found),
        "parent_label": _("Uses of data"),
        "parent_url": reverse("data-uses"),
        "facts": facts_of(found, USE_FACTS),
        "data": found.data,
        "warning": _("It was reviewed for another goal than that of today; it waits for a new review.")
        if found.is_stale else "",
        "acts": open_acts(USE_ACTS, found, person, **sent),
    }  # fmt: skip


def access_page(found: DataAccess, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Template and context of an access."""
    is_over = found.status == S.GRANTED and not found.is_in_force
    return TEMPLATE, {
        "object": found,
        "title": str(found),
        "parent_label": _("Access to data"),
        "parent_url": reverse("data-accesses"),
        "facts": facts_of(found, ACCESS_FACTS),
        "warning": _("Its last day is over: the data may be used no more.") if is_over else "",
        "acts": open_acts(ACCESS_ACTS, found, person, **sent),
    }


def fetched_use(person: User, pk: UUID) -> DataUse:
    """The use as the person may see it, or 404."""
    rows = DataUse.objects.visible_to(person).select_related("link__unit", "system__unit", "data__dataset__unit")
    return get_object_or_404(rows, pk=pk)


def fetched_access(person: User, pk: UUID) -> DataAccess:
    """The access as the person may see it, or 404."""
    rows = DataAccess.objects.visible_to(person).select_related("dataset__unit", "system__unit", "requested_by")
    return get_object_or_404(rows, pk=pk)


def data_use(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One use of data."""
    return render(request, *use_page(fetched_use(request.user, pk), request.user))


@require_POST
def data_use_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Review the fit, or change the purpose."""
    return acted(request, fetched_use(request.user, pk), USE_ACTS, verb, use_page)


def data_access(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One access."""
    return render(request, *access_page(fetched_access(request.user, pk), request.user))


@require_POST
def data_access_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Decide, review, end."""
    return acted(request, fetched_access(request.user, pk), ACCESS_ACTS, verb, access_page)


def data_access_new(request: HttpRequest) -> HttpResponse:
    """Ask for access."""
    access.require_anywhere(request.user, access.LINEAGE_EDIT)
    begun = {"dataset": request.GET.get("dataset")}
    form = RequestAccessForm(request.POST or None, person=request.user, initial=begun)
    if request.method == "POST" and form.carry_out(partial(accesses.request_access, actor=request.user)):
        messages.success(request, _("Asked. The steward of the data decides."))
        return redirect(form.result)
    context = {
        "form": form, "title": _("Ask for access to data"), "submit": _("Ask for access"),
        "parent_label": _("Access to data"), "parent_url": reverse("data-accesses"), "cancel": reverse("data-accesses"),
        "why": _("For data of another unit, and for copies outside production. The steward grants it until a last day."),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)
