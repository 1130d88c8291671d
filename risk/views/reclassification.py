"""Reclassified data: what a change of class touches, the act itself, and the decision about each version."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.forms.acts import ActForm
from registry.models import Dataset, User
from risk import actions, affected
from risk.forms import AffectedDoneForm, DispositionForm, ReclassifyForm
from risk.models import AffectedVersion, Reclassification

VERBS: Final[dict[str, tuple[Any, Any, Any, type[ActForm]]]] = {
    "decide": (
        actions.decide_affected, gettext_lazy("Decide what follows"), gettext_lazy("Decide"), DispositionForm,
    ),
    "finish": (actions.finish_affected, gettext_lazy("Say that it is done"), gettext_lazy("It is done"), AffectedDoneForm),
}  # fmt: skip


def dataset_reclassify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a change of the class touches, the changes there were, and for those who may the one click that makes one."""
    found = get_object_or_404(Dataset.objects.visible_to(request.user).select_related("unit"), pk=pk)
    touched = affected.affected_by(found)
    form = ReclassifyForm(request.POST or None, dataset=found)
    if request.method == "POST" and form.carry_out(partial(actions.reclassify, found, actor=request.user)):
        messages.success(request, said_of(form.result))
        return redirect(form.result)
    may = any(access.allowed(request.user, action, found) for action in (access.RISK_EDIT, access.APPROVAL_DECIDE))
    context = {
        "object": found,
        "form": form if may or form.is_bound else None,
        "kinds": kinds(request.user, touched),
        "to_decide": len(touched.to_decide),
        "changes": found.reclassifications.select_related("requested_by"),
    }
    return refusals.answer(request, "risk/dataset_reclassify.html", context, form)


def said_of(record: Reclassification) -> str:
    """What was opened by it."""
    count = record.affected.count()
    return ngettext(
        "The class is changed, and a task is open for the one version that it touches.",
        "The class is changed, and tasks are open for each of the %(count)d versions that it touches.",
        count,
    ) % {"count": count} if count else _("The class is changed. No version has to be decided on.")  # fmt: skip


def kinds(person: User, touched: affected.Affected) -> list[tuple[str, affected.Seen, list[tuple[Any, str]]]]:
    """For each kind of thing its name, what the person may see of it, and each of these with the way there."""
    titles = {
        "versions": _("Model versions"), "systems": _("Systems"), "deployments": _("Deployments"),
        "outputs": _("Data made from it"),
    }  # fmt: skip
    seen = affected.seen_by(person, touched)
    return [(title, seen[name], [shown(person, row) for row in seen[name].rows]) for name, title in titles.items()]


def shown(person: User, row: Any) -> tuple[Any, str]:
    """The thing itself, and the way to it where it has one."""
    if isinstance(row, affected.Touched):
        return row.row, affected.way_words(person, row.way)
    return row, ""


def reclassification(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One change of a class: what it touched, and how far its tasks are."""
    rows = Reclassification.objects.visible_to(request.user).select_related("dataset__unit", "requested_by")
    found = get_object_or_404(rows, pk=pk)
    named = AffectedVersion.objects.visible_to(request.user).filter(reclassification=found)
    total = found.affected.count()
    context = {
        "object": found,
        "named": named.select_related("version__model__system__technical_owner", "decided_by"),
        "hidden": total - named.count(),
        "total": total,
        "open": found.affected.open().count(),
    }
    return render(request, "risk/reclassification.html", context)


def fetched(person: User, pk: UUID) -> AffectedVersion:
    """The row with what its page names, or 404."""
    rows = AffectedVersion.objects.visible_to(person).select_related(
        "version__model__system__unit", "reclassification__dataset__unit", "decided_by"
    )
    return get_object_or_404(rows, pk=pk)


def affected_version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version that learned from reclassified data: by which way, and what becomes of it."""
    return render(request, "risk/affected_version.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: AffectedVersion, person: User, **sent: ActForm) -> dict[str, Any]:
    """What the page shows; who may not see the data set is told its classes and not its name."""
    data = Dataset.objects.visible_to(person).filter(pk=found.reclassification.dataset_id).first()
    return {
        "object": found,
        "record": found.reclassification,
        "data": data,
        "way": affected.way_words(person, found.path),
        "acts": [
            (verb, VERBS[verb][1], VERBS[verb][2], reverse(f"affected-{verb}", args=[found.pk]),
             sent.get(verb) or VERBS[verb][3](auto_id=f"{verb}_%s"))
            for verb in open_verbs(found, person)
        ],
    }  # fmt: skip


def open_verbs(found: AffectedVersion, person: User) -> list[str]:
    """The acts open to the person now."""
    if found.done_at is not None or not access.allowed(person, access.RISK_EDIT, found):
        return []
    return ["finish", "decide"] if found.disposition else ["decide"]


@require_POST
def affected_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Decide what becomes of the version, or say that it is done."""
    found = fetched(request.user, pk)
    form = VERBS[verb][3](request.POST, auto_id=f"{verb}_%s")
    if form.carry_out(partial(VERBS[verb][0], found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = page_context(found, request.user, **{verb: form})
    if verb not in [offered for offered, *_rest in context["acts"]]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to it now.")
    return render(request, "risk/affected_version.html", context, status=422)
