"""Release policies: the list, one with its acts, what changed, and what would become of the releases that there are."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, line_diff, policy, refusals
from registry.actions import policies as actions
from registry.errors import BadInput
from registry.forms.acts import ReasonForm
from registry.forms.policies import PolicyForm, TierForm
from registry.models import BusinessUnit, Duty, ReviewPolicy, Tier, User
from registry.policies import reading
from registry.policies.dry_run import trial
from registry.policies.summary import summaries
from registry.views.acting import Act, acted, open_acts
from registry.views.paging import page_of

Status = ReviewPolicy.Status
TEMPLATE: Final = "registry/policies/policy.html"


def policies(request: HttpRequest) -> HttpResponse:
    """Every version of the policy, the newest first, and the one that comes with the software."""
    rows = ReviewPolicy.objects.visible_to(request.user).select_related("author")
    context = {
        "title": _("Release policies"), "page": page_of(request, rows, by="-number"), "may_draft": may_draft(request.user),
        "is_shipped_in_force": not ReviewPolicy.objects.in_force().exists(), "shipped": policy.shipped(),
    }  # fmt: skip
    return render(request, "registry/policies/list.html", context)


def may_draft(person: User) -> bool:
    """Whether the person may write policies of the whole organisation."""
    root = BusinessUnit.objects.filter(parent=None).first()
    return root is not None and access.allowed(person, access.THRESHOLDS_EDIT, root)


def fetched(person: User, pk: UUID) -> ReviewPolicy:
    """The policy, or 404."""
    return get_object_or_404(ReviewPolicy.objects.visible_to(person).select_related("author", "unit"), pk=pk)


def policy_shipped(request: HttpRequest) -> HttpResponse:
    """The policy that comes with the software."""
    access.require_anywhere(request.user, access.MODEL_VIEW)
    context = {
        "title": _("Release policy that comes with the software"), "source": policy.SOURCE.read_text(encoding="utf-8"),
        "tiers": summaries(policy.shipped()), "is_in_force": not ReviewPolicy.objects.in_force().exists(),
    }  # fmt: skip
    return render(request, "registry/policies/shipped.html", context)


def may_propose(found: ReviewPolicy, person: User) -> bool:
    """The draft is the person's own."""
    return found.status == Status.DRAFT and found.author_id == person.pk


def may_approve(found: ReviewPolicy, person: User) -> bool:
    """It waits for approval, and the person, who did not write it, has not given his or hers."""
    may = found.status == Status.PROPOSED and access.allowed(person, access.THRESHOLDS_APPROVE, found)
    return may and found.author_id != person.pk and not found.approvals.filter(person=person).exists()


def may_reject(found: ReviewPolicy, person: User) -> bool:
    """It waits, and the person wrote it or may approve policies; a draft is taken back by its author alone."""
    if found.author_id == person.pk:
        return found.status in {Status.DRAFT, Status.PROPOSED}
    return found.status == Status.PROPOSED and access.allowed(person, access.THRESHOLDS_APPROVE, found)


def may_audit(found: ReviewPolicy, person: User) -> bool:
    """It is in force, and the person audits it."""
    return found.status == Status.IN_FORCE and access.holds(person, Duty.AUDITOR, found)


def reason_form(_found: ReviewPolicy, **form: Any) -> ReasonForm:
    """Every act on a policy wants a reason."""
    return ReasonForm(**form)


ACTS: Final = {
    "propose": Act(
        "policy-propose", gettext_lazy("Propose it"), gettext_lazy("Propose it"),
        gettext_lazy("It is proposed. Two others decide."), reason_form, actions.propose_policy, may_propose,
    ),
    "approve": Act(
        "policy-approve", gettext_lazy("Approve it"), gettext_lazy("Approve it"),
        gettext_lazy("Your approval is recorded."), reason_form, actions.approve_policy, may_approve,
    ),
    "reject": Act(
        "policy-reject", gettext_lazy("Reject it"), gettext_lazy("Reject it"), gettext_lazy("It is rejected."),
        reason_form, actions.reject_policy, may_reject,
    ),
    "audit": Act(
        "policy-audit", gettext_lazy("Record an audit"), gettext_lazy("Record an audit"),
        gettext_lazy("The audit is recorded."), reason_form, actions.audit_policy, may_audit,
    ),
}  # fmt: skip


def policy_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version: what it asks, who approved it, and the acts open to the reader."""
    return render(request, *page(fetched(request.user, pk), request.user))


def page(found: ReviewPolicy, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Template and context: what it asks, who approved it, and the acts that are open."""
    return TEMPLATE, {
        "object": found,
        "tiers": summaries({**found.body, "number": found.number}),
        "approvals": found.approvals.select_related("person"),
        "missing": actions.APPROVERS - found.approvals.count() if found.status == Status.PROPOSED else 0,
        "may_edit": may_propose(found, person),
        "all_tiers": Tier.choices,
        "acts": open_acts(ACTS, found, person, **sent),
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
