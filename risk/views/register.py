"""The risk register: list with heat map, entry, and the page of one risk with the acts open to the reader."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access
from registry.forms.acts import ActForm, ReasonForm
from registry.models import AISystem, User
from registry.views.paging import page_of
from risk import actions
from risk.bow import bow
from risk.catalogue import STEPS
from risk.forms import FinishForm, RateForm, RiskForm, TreatForm
from risk.heat import heat_map
from risk.loss import reading
from risk.loss.forms import AcceptForm, EstimateForm
from risk.models import Acceptance, Risk, Treatment

VERBS: Final[dict[str, tuple[Callable[..., Any], Any]]] = {
    "rate": (actions.rate_risk, gettext_lazy("The rating is recorded.")),
    "treat": (actions.treat_risk, gettext_lazy("The treatment is recorded.")),
    "estimate": (actions.estimate_loss, gettext_lazy("The estimate is recorded.")),
    "accept": (actions.accept_risk, gettext_lazy("Your acceptance is recorded.")),
    "close": (actions.close_risk, gettext_lazy("The risk is closed.")),
    "reopen": (actions.reopen_risk, gettext_lazy("The risk is open again.")),
}


TITLES: Final[dict[str, tuple[Any, Any]]] = {
    "rate": (gettext_lazy("Rate anew"), gettext_lazy("Save the rating")),
    "treat": (gettext_lazy("Plan a treatment"), gettext_lazy("Plan it")),
    "estimate": (gettext_lazy("Estimate the loss"), gettext_lazy("Save the estimate")),
    "accept": (gettext_lazy("Accept what is left"), gettext_lazy("Accept")),
    "close": (gettext_lazy("Close"), gettext_lazy("Close the risk")),
    "reopen": (gettext_lazy("Open again"), gettext_lazy("Open again")),
}


def risks(request: HttpRequest) -> HttpResponse:
    """The register as the reader may see it, with the heat map of what is shown."""
    visible = Risk.objects.visible_to(request.user)
    shown = "closed" if request.GET.get("show") == "closed" else "live"
    rows: QuerySet[Risk] = visible.filter(status=Risk.Status.CLOSED) if shown == "closed" else visible.live()
    system = chosen_system(request)
    if system is not None:
        rows = rows.filter(system=system)
    before = request.GET.get("rating") == "inherent"
    names = ("likelihood", "impact") if before else ("residual_likelihood", "residual_impact")
    drawn = heat_map(rows.order_by().values_list(*names))
    rows = in_cell(rows, request, names).select_related("system__unit", "owner")
    return render(
        request,
        "risk/risks.html",
        {
            "title": _("Risks"),
            "page": page_of(request, rows, by="-created_at"),
            "map": drawn,
            "shown": shown,
            "before": before,
            "system": system,
            "is_cell": bool(step(request, "likelihood") and step(request, "impact")),
            "may_register": access.may_anywhere(request.user, access.RISK_EDIT),
        },
    )


def chosen_system(request: HttpRequest) -> AISystem | None:
    """The system that the address names, among those the reader may see."""
    try:
        pk = UUID(request.GET.get("system", ""))
    except ValueError:
        return None
    return AISystem.objects.visible_to(request.user).filter(pk=pk).first()


def step(request: HttpRequest, name: str) -> int | None:
    """A step of a scale that the address names."""
    text = request.GET.get(name, "")
    return int(text) if text in {str(known) for known in STEPS} else None


def in_cell(rows: QuerySet[Risk], request: HttpRequest, names: tuple[str, str]) -> QuerySet[Risk]:
    """Only the risks of one cell of the map, where the address names it."""
    likelihood, impact = step(request, "likelihood"), step(request, "impact")
    return rows.filter(**{names[0]: likelihood, names[1]: impact}) if likelihood and impact else rows


def risk_new(request: HttpRequest) -> HttpResponse:
    """Enter a risk."""
    access.require_anywhere(request.user, access.RISK_EDIT)
    system = chosen_system(request)
    initial = {"system": system, "owner": request.user, "catalogue_ref": request.GET.get("catalogue", "")}
    form = RiskForm(request.POST or None, person=request.user, initial=initial)
    if request.method == "POST" and form.carry_out(partial(actions.register_risk, actor=request.user)):
        messages.success(request, _("The risk is on the register."))
        return redirect(form.result)
    return render(
        request,
        "generic/form.html",
        {
            "form": form,
            "title": _("Register a risk"),
            "submit": _("Register"),
            "why": _("A risk says what could happen to whom. It is rated now and again after each treatment."),
            "parent_label": _("Risks"),
            "parent_url": reverse("risks"),
            "cancel": reverse("risks"),
        },
        status=422 if form.errors else 200,
    )


def fetched(person: User, pk: UUID) -> Risk:
    """The risk with what its page names, or 404."""
    rows = Risk.objects.visible_to(person).select_related(
        "system__unit", "system__business_owner", "owner", "registered_by", "rated_by"
    )
    accepted = Acceptance.objects.select_related("person")
    treated = Treatment.objects.select_related("owner")
    rows = rows.prefetch_related(Prefetch("acceptances", accepted), Prefetch("treatments", treated))
    return get_object_or_404(rows, pk=pk)


def risk(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One risk and what may be done with it."""
    return render(request, "risk/risk.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: Risk, person: User, **forms: ActForm) -> dict[str, Any]:
    """What the page shows, and a form for each act that this person is offered; `forms` replace those sent back."""
    offered = {verb: forms.get(verb) or blank(verb, found, person) for verb in open_verbs(found, person)}
    acts = [(verb, *TITLES[verb], reverse(f"risk-{verb}", args=[found.pk]), form) for verb, form in offered.items()]
    return {
        "object": found,
        "known": found.known,
        "bow": bow(found, person),
        "money": reading.by_currency(reading.newest([found])),
        "forms": offered,
        "acts": acts,
        "treatments": [(row, finishing(row, found, person, forms.get("finish"))) for row in found.treatments.all()],
        "may_edit": access.allowed(person, access.RISK_EDIT, found),
        "asked_for": actions.asked_for(found),
        "standing": [row for row in found.acceptances.all() if row.voided_at is None],
        "voided": [row for row in found.acceptances.all() if row.voided_at is not None],
    }


def finishing(row: Treatment, found: Risk, person: User, sent: ActForm | None) -> ActForm | None:
    """The form that finishes a treatment, begun with what is left now; None when there is nothing to finish."""
    if not row.is_live or found.is_closed or not access.allowed(person, access.RISK_EDIT, found):
        return None
    if sent is not None and sent.auto_id == finish_ids(row):
        return sent
    left = {name: getattr(found, name) for name in ("residual_likelihood", "residual_impact")}
    return FinishForm(initial=left, auto_id=finish_ids(row))


def finish_ids(row: Treatment) -> str:
    """Ids of the form's fields; several treatments may stand on one page."""
    return f"finish-{row.pk}-%s"


def open_verbs(found: Risk, person: User) -> list[str]:
    """The acts that the status allows and this person may do."""
    may_edit = access.allowed(person, access.RISK_EDIT, found)
    verbs = ["rate", "treat", "estimate"] if may_edit and not found.is_closed else []
    unaccepted = found.status in {Risk.Status.OPEN, Risk.Status.TREATED}
    if unaccepted and access.allowed(person, access.RISK_ACCEPT, found):
        verbs.append("accept")
    if may_edit:
        verbs += ([] if found.is_closed else ["close"]) + ([] if found.status == Risk.Status.OPEN else ["reopen"])
    return verbs


def blank(verb: str, found: Risk, person: User, data: Any = None) -> ActForm:
    """The form of an act; ids carry the verb, since several forms stand on one page."""
    common = {"data": data, "auto_id": f"{verb}_%s"}
    if verb == "rate":
        names = ("likelihood", "impact", "residual_likelihood", "residual_impact")
        return RateForm(initial={name: getattr(found, name) for name in names}, **common)
    if verb == "treat":
        return TreatForm(person=person, initial={"owner": found.owner}, **common)
    if verb == "estimate":
        return EstimateForm(**common)
    if verb == "accept":
        return AcceptForm(**common)
    return ReasonForm(**common)


@require_POST
def risk_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Rate, treat, accept, close or open again."""
    found = fetched(request.user, pk)
    act, said = VERBS[verb]
    form = blank(verb, found, request.user, request.POST)
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        return redirect(found)
    context = page_context(found, request.user, **{verb: form})
    if verb not in context["forms"]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to the risk now.")
    return render(request, "risk/risk.html", context | {"opened": verb}, status=422)


@require_POST
def treatment_finish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what came of a treatment."""
    treatment = get_object_or_404(Treatment.objects.visible_to(request.user), pk=pk)
    found = fetched(request.user, treatment.risk_id)
    form = FinishForm(request.POST, auto_id=finish_ids(treatment))
    if form.carry_out(partial(actions.finish_treatment, treatment, actor=request.user)):
        messages.success(request, _("The treatment is finished."))
        return redirect(found)
    context = page_context(found, request.user, finish=form) | {"finishing": treatment.pk}
    if not treatment.is_live or found.is_closed or not context["may_edit"]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to the treatment now.")
    return render(request, "risk/risk.html", context, status=422)
