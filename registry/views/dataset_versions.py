"""A version of a data set: its page with what came from it, its approval for uses, and its export as Croissant."""

import json
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, lineage
from registry.actions import datasets as acts, pipeline_steps as steps
from registry.datasets import asked, croissant, pipelines, standard
from registry.forms.acts import ActForm, ReasonForm
from registry.forms.data_use import StepCheckForm, StepForm
from registry.forms.datasets import AskApprovalForm, DecideSourceForm
from registry.models import DatasetVersion, LineageLink, ModelVersion, User

S = DatasetVersion.Status
# Title, verb on the button and what is said afterwards of each act.
VERBS: Final[dict[str, tuple[Any, Any, Any]]] = {
    "ask": (gettext_lazy("Have it approved"), gettext_lazy("Ask for approval"), gettext_lazy("Asked.")),
    "decide": (gettext_lazy("Decide on the source"), gettext_lazy("Decide"), gettext_lazy("Decided.")),
    "withdraw": (
        gettext_lazy("Take it out of use"), gettext_lazy("Withdraw"),
        gettext_lazy("Withdrawn. Nothing may learn from it any more."),
    ),
    "step": (
        gettext_lazy("Add a step of its pipeline"), gettext_lazy("Add the step"), gettext_lazy("The step is added."),
    ),
    "check": (
        gettext_lazy("Report the check of a step"), gettext_lazy("Report"), gettext_lazy("The result is kept."),
    ),
}  # fmt: skip
ADDRESSES: Final = {verb: f"dataset-version-{verb}" for verb in VERBS}
ACTS: Final[dict[str, Any]] = {
    "ask": acts.ask_approval, "decide": acts.decide_source, "withdraw": acts.withdraw_data, "step": steps.add_step,
    "check": steps.check_step_of,
}  # fmt: skip
# What else is said of a version, in the order of the page.
TOLD: Final = (
    "obtained", "agreement", "generator", "synthetic_share", "obtained_terms", "consent_terms", "labelled_by",
    "labelling_instructions", "label_agreement", "label_measure", "label_source",
)  # fmt: skip


def fetched(person: User, pk: UUID) -> DatasetVersion:
    """The version as the person may see it, or 404."""
    rows = DatasetVersion.objects.visible_to(person).select_related(
        "dataset__unit", "dataset__steward", "approver", "registered_by", "agreement__vendor"
    )
    return get_object_or_404(rows, pk=pk)


def dataset_version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version of data."""
    return render(request, "registry/dataset_version.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: DatasetVersion, person: User, **sent: ActForm) -> dict[str, Any]:
    """What the page shows, and a form for each act that is open; `sent` replace those sent back."""
    below = lineage.came_of(found.pk, LineageLink.objects.visible_to(person))
    return {
        "object": found,
        "label": standard.label_of(found.dataset.classification),
        "approved_for": words_of(found.approved_uses),
        "asked_for": words_of(found.asked_uses),
        "told": told_of(found),
        "questions": asked.unsaid(found),
        "steps": steps_of(found),
        "data_uses": found.data_uses.visible_to(person).select_related("link", "system"),
        "may_edit": access.allowed(person, access.DATASET_UPLOAD, found) and found.status not in {S.IN_REVIEW, S.WITHDRAWN},
        "learned": [each for each in below if each.type == ModelVersion._meta.label],
        "acts": [
            (verb, VERBS[verb][0], VERBS[verb][1], reverse(ADDRESSES[verb], args=[found.pk]),
             sent.get(verb) or blank(verb, found))
            for verb in open_verbs(found, person)
        ],
    }  # fmt: skip


def told_of(found: DatasetVersion) -> list[dict[str, Any]]:
    """How it was obtained, consented to and labelled, as far as somebody said so."""
    return [
        {"label": DatasetVersion._meta.get_field(name).verbose_name,
         "value": found.get_obtained_display() if name == "obtained" else value,
         "is_wide": isinstance(DatasetVersion._meta.get_field(name), TextField)}
        for name in TOLD if (value := getattr(found, name)) not in ("", None)
    ]  # fmt: skip


def steps_of(found: DatasetVersion) -> list[tuple[Any, list[str]]]:
    """The steps of its pipeline, each with what is wrong with it."""
    wrong = pipelines.findings(found)
    return [(step, [one.problem for one in wrong if one.step.pk == step.pk]) for step in found.steps.all()]


def words_of(uses: list[str]) -> str:
    """Uses as people read them."""
    return ", ".join(str(DatasetVersion.Use(use).label) for use in uses)


def open_verbs(found: DatasetVersion, person: User) -> list[str]:
    """The acts open to the person now."""
    is_own = access.allowed(person, access.DATASET_UPLOAD, found)
    verbs = ["ask"] if is_own and found.status in {S.DRAFT, S.APPROVED, S.RESTRICTED} else []
    if found.status == S.IN_REVIEW and found.approver_id == person.pk:
        verbs += ["decide"] if access.allowed(person, access.APPROVAL_DECIDE, found) else []
    if is_own and found.status != S.WITHDRAWN:
        verbs += ["step", *(["check"] if found.steps.exists() else [])]
    if found.status != S.WITHDRAWN and (is_own or access.allowed(person, access.APPROVAL_REVOKE, found)):
        verbs.append("withdraw")
    return verbs


def blank(verb: str, found: DatasetVersion, data: Any = None) -> ActForm:
    """The form of an act; ids carry the verb, since several forms stand on one page."""
    common = {"data": data, "auto_id": f"{verb}_%s"}
    if verb == "ask":
        return AskApprovalForm(**common, data_version=found, initial={"uses": [found.use]})
    if verb in {"step", "check"}:
        return StepForm(**common) if verb == "step" else StepCheckForm(**common, data_version=found)
    return DecideSourceForm(**common, data_version=found) if verb == "decide" else ReasonForm(**common)


@require_POST
def dataset_version_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Ask for approval, decide, withdraw."""
    found = fetched(request.user, pk)
    form = blank(verb, found, request.POST)
    if form.carry_out(partial(ACTS[verb], found, actor=request.user)):
        messages.success(request, str(VERBS[verb][2]))
        return redirect(found)
    context = page_context(found, request.user, **{verb: form})
    if verb not in [offered for offered, *_rest in context["acts"]]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to it now.")
    return render(request, "registry/dataset_version.html", context, status=422)


def dataset_version_croissant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The version as a Croissant document."""
    found = fetched(request.user, pk)
    page = request.build_absolute_uri(found.get_absolute_url())
    text = json.dumps(croissant.document(found, page=page), ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/ld+json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="croissant-{found.pk}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
