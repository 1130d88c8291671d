"""Release policies: the list, one with its acts, what changed, and what would become of the releases that there are."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, line_diff, policy, refusals
from registry.actions import policies as actions
from registry.errors import BadInput
from registry.forms.policies import PolicyForm, TierForm
from registry.models import BusinessUnit, Duty, ReviewPolicy, Tier, User
from registry.policies import reading
from registry.policies.dry_run import trial
from registry.policies.summary import summaries
from registry.views import proposals
from registry.views.acting import Act, acted
from registry.views.paging import page_of

Status = ReviewPolicy.Status
TEMPLATE: Final = "registry/policies/policy.html"
fetched: Final = partial(proposals.fetched, ReviewPolicy)


def policies(request: HttpRequest) -> HttpResponse:
    """Every version of the policy, the newest first, and the one that comes with the software."""
    rows = ReviewPolicy.objects.visible_to(request.user).select_related("author")
    context = {
        "title": _("Release policies"), "kind": _("Policy"), "page": page_of(request, rows, by="-number"),
        "may_propose": proposals.may_propose(request.user),
        "is_shipped_in_force": not ReviewPolicy.objects.in_force().exists(), "shipped": policy.shipped(),
    }  # fmt: skip
    return render(request, "registry/policies/list.html", context)


def policy_shipped(request: HttpRequest) -> HttpResponse:
    """The policy that comes with the software."""
    access.require_anywhere(request.user, access.MODEL_VIEW)
    context = {
        "title": _("Release policy that comes with the software"), "source": policy.SOURCE.read_text(encoding="utf-8"),
        "tiers": summaries(policy.shipped()), "is_in_force": not ReviewPolicy.objects.in_force().exists(),
    }  # fmt: skip
    return render(request, "registry/policies/shipped.html", context)


def may_put_forward(found: ReviewPolicy, person: User) -> bool:
    """The draft is the person's own."""
    return found.status == Status.DRAFT and found.author_id == person.pk


def may_audit(found: ReviewPolicy, person: User) -> bool:
    """It is in force, and the person audits it."""
    return found.status == Status.IN_FORCE and access.holds(person, Duty.AUDITOR, found)


ACTS: Final = {
    "propose": Act(
        "policy-propose", gettext_lazy("Propose it"), gettext_lazy("Propose it"),
        gettext_lazy("It is proposed. Two others decide."), proposals.reason_form, actions.propose_policy,
        may_put_forward,
    ),
    **proposals.decisions("policy"),
    "audit": Act(
        "policy-audit", gettext_lazy("Record an audit"), gettext_lazy("Record an audit"),
        gettext_lazy("The audit is recorded."), proposals.reason_form, actions.audit_policy, may_audit,
    ),
}  # fmt: skip


def policy_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version: what it asks, who approved it, and the acts open to the reader."""
    return render(request, *page(fetched(request.user, pk), request.user))


def page(found: ReviewPolicy, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Template and context: what it asks, who approved it, and the acts that are open."""
    return TEMPLATE, proposals.told(found, ACTS, person, **sent) | {
        "tiers": summaries({**found.body, "number": found.number}),
        "may_edit": may_put_forward(found, person),
        "all_tiers": Tier.choices,
    }


@require_POST
def policy_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Propose, approve, reject or audit."""
    return acted(request, fetched(request.user, pk), ACTS, verb, page)


def policy_new(request: HttpRequest) -> HttpResponse:
    """Write the next version, beginning with the one in force."""
    access.require(request.user, access.THRESHOLDS_EDIT, BusinessUnit.objects.get(parent=None))
    form = PolicyForm(request.POST or None, initial={"source": source_in_force()})
    act = partial(actions.draft_policy, actor=request.user)
    return form_page(request, form, act, title=_("Write a new release policy"), cancel=reverse("policies"))


def source_in_force() -> str:
    """The text of the policy in force."""
    row = ReviewPolicy.objects.in_force().first()
    return policy.SOURCE.read_text(encoding="utf-8") if row is None else row.source


def policy_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the text of a draft."""
    found = fetched(request.user, pk)
    access.require(request.user, access.THRESHOLDS_EDIT, found)
    form = PolicyForm(request.POST or None, initial={"source": found.source, "reason": found.reason})
    act = partial(actions.edit_policy, found, actor=request.user)
    return form_page(request, form, act, title=_("Edit %s") % found, cancel=found.get_absolute_url())


def policy_tier(request: HttpRequest, pk: UUID, tier: str) -> HttpResponse:
    """Change the common values of one tier of a draft without writing YAML."""
    found = fetched(request.user, pk)
    access.require(request.user, access.THRESHOLDS_EDIT, found)
    if tier not in found.body["tiers"]:
        raise Http404
    form = TierForm(request.POST or None, source=found.source, body=found.body, tier=tier)
    act = partial(actions.edit_policy, found, actor=request.user)
    title = _("%(policy)s: tier %(tier)s") % {"policy": found, "tier": Tier(tier).label}
    return form_page(request, form, act, title=title, cancel=found.get_absolute_url())


def form_page(request: HttpRequest, form: Any, act: Callable[..., Any], *, title: str, cancel: str) -> HttpResponse:
    """A form about a draft; refused while what is typed is no policy."""
    if request.method == "POST" and form.carry_out(act):
        messages.success(request, _("Saved as a draft. See what would become of the releases, then propose it."))
        return redirect(form.result)
    context = {
        "form": form, "title": title, "submit": _("Save the draft"), "cancel": cancel, "parent_url": reverse("policies"),
        "parent_label": _("Release policies"), "problems": problems_of(request, form),
        "why": _("A policy counts once two other people have approved it. Reviews that are open keep the one they froze."),
    }  # fmt: skip
    return refusals.answer(request, "registry/policies/form.html", context, form)


def problems_of(request: HttpRequest, form: Any) -> list[tuple[Any, str]]:
    """What is wrong with a text that was sent, each with the line as it was written."""
    source = request.POST.get("source", "") if form.errors else ""
    lines = source.splitlines()
    return [
        (problem, lines[problem.line - 1] if 0 < problem.line <= len(lines) else "")
        for problem in (reading.read(source).problems if source.strip() else ())
    ]


def policy_compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a version changes, line by line, against the one in force, or against the one before it where it is that."""
    found = fetched(request.user, pk)
    earlier = ReviewPolicy.objects.visible_to(request.user).filter(number__lt=found.number)
    before = earlier.exclude(status__in=[Status.DRAFT, Status.REJECTED, Status.PROPOSED]).order_by("-number").first()
    old = policy.SOURCE.read_text(encoding="utf-8") if before is None else before.source
    context = {"object": found, "before": before, "lines": line_diff.differing(old, found.source)}
    return render(request, "registry/policies/compare.html", context)


def policy_dry_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which approved and published releases would fail it, and why, as far as the reader may see them."""
    found = fetched(request.user, pk)
    try:
        body = reading.require_readable(found.source)
    except BadInput as refusal:
        return render(request, "registry/policies/dry_run.html", {"object": found, "refusal": str(refusal)}, status=422)
    context = {"object": found, "trial": trial(body, person=request.user)}
    return render(request, "registry/policies/dry_run.html", context)
