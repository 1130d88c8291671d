"""What data a system uses and may use, and how its output is labelled: one page with two acts."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import data_terms as acts
from registry.datasets import inputs, standard
from registry.forms.acts import ActForm
from registry.forms.datasets import ClearanceForm, OutputForm
from registry.models import AISystem, Deployment, LineageLink, User

VERBS: Final[dict[str, tuple[Any, Any, Any, str]]] = {
    "clear": (acts.clear_system, gettext_lazy("Clear it for data"), ClearanceForm, access.APPROVAL_DECIDE),
    "output": (acts.set_output_terms, gettext_lazy("Label its output"), OutputForm, access.MODEL_EDIT),
}
OUTPUT: Final = (
    "output_class", "output_protection", "output_retention_days", "output_reason", "output_uses", "distribution",
)  # fmt: skip


def system_data(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The data of a system against what it may use."""
    return render(request, "registry/system_data.html", page_context(fetched(request.user, pk), request.user))


def fetched(person: User, pk: UUID) -> AISystem:
    """The system as the person may see it, or 404."""
    return get_object_or_404(AISystem.objects.visible_to(person).select_related("unit"), pk=pk)


def page_context(system: AISystem, person: User, **sent: ActForm) -> dict[str, Any]:
    """Terms, data with the ways to them as far as the person may see, labels where it runs, and the open acts."""
    terms = inputs.terms_of(system)
    found = inputs.inputs_of_system(system, LineageLink.objects.visible_to(person))
    highest = inputs.highest_input(system)
    return {
        "object": system,
        "terms": terms,
        "clearance": standard.label_of(inputs.clearance_of(system)),
        "output": standard.label_of(standard.output_class_of(terms)),
        "highest": standard.label_of(highest),
        "is_below": bool(highest) and standard.rank_of(standard.output_class_of(terms)) < standard.rank_of(highest),
        "inputs": [(version, each) for version, rows in found.items() for each in rows],
        "places": places(system),
        "acts": [
            (verb, title, title, reverse(f"system-{verb}", args=[system.pk]), sent.get(verb) or blank(verb, terms))
            for verb, (_act, title, _form, right) in VERBS.items()
            if access.allowed(person, right, system) and (verb != "clear" or not system.is_own(person))
        ],
    }  # fmt: skip


def places(system: AISystem) -> list[tuple[Deployment, str, str]]:
    """Where the system runs, with the label of the data that the running version came from and that of its output."""
    output = standard.label_of(standard.output_class_of(inputs.terms_of(system)))
    rows = Deployment.objects.running().filter(release__system=system).select_related("release__version__model")
    return [
        (row, standard.label_of(standard.highest(inputs.classes_below(row.release.version))), output) for row in rows
    ]


def blank(verb: str, terms: Any, data: Any = None) -> ActForm:
    """The form of an act, beginning with what holds now, or with what the standard says of the class."""
    begun = {name: getattr(terms, name) for name in OUTPUT} if verb == "output" else {}
    label = standard.class_named(standard.output_class_of(terms))
    begun |= {"clearance": inputs.clearance_of(terms.system), "output_class": label.slug}
    if not terms.output_class:
        begun |= {"output_protection": label.protection_told, "output_retention_days": label.retention_days}
    form: ActForm = VERBS[verb][2](data=data, initial=begun, auto_id=f"{verb}_%s")
    return form


@require_POST
def system_data_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Clear the system for a class, or label its output."""
    system = fetched(request.user, pk)
    form = blank(verb, inputs.terms_of(system), request.POST)
    if form.carry_out(partial(VERBS[verb][0], system, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect("system-data", pk=system.pk)
    context = page_context(system, request.user, **{verb: form})
    if verb not in [offered for offered, *_rest in context["acts"]]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to it now.")
    return render(request, "registry/system_data.html", context, status=422)
