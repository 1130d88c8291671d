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
from registry.views.paging import page_of

Status = ReviewPolicy.Status
VERBS: Final[dict[str, tuple[Callable[..., Any], Any, Any]]] = {
    "propose": (actions.propose_policy, gettext_lazy("Propose it"), gettext_lazy("It is proposed. Two others decide.")),
    "approve": (actions.approve_policy, gettext_lazy("Approve it"), gettext_lazy("Your approval is recorded.")),
    "reject": (actions.reject_policy, gettext_lazy("Reject it"), gettext_lazy("It is rejected.")),
    "audit": (actions.audit_policy, gettext_lazy("Record an audit"), gettext_lazy("The audit is recorded.")),
}


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


def policy_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version: what it asks, who approved it, and the acts open to the reader."""
    found = fetched(request.user, pk)
    return render(request, "registry/policies/policy.html", page_context(found, request.user))


def page_context(found: ReviewPolicy, person: User, **sent: Any) -> dict[str, Any]:
    """What the page shows, and a form for each act that this person is offered; `sent` replaces one sent back."""
    return {
        "object": found,
        "tiers": summaries({**found.body, "number": found.number}),
        "approvals": found.approvals.select_related("person"),
        "missing": actions.APPROVERS - found.approvals.count() if found.status == Status.PROPOSED else 0,
        "may_edit": found.status == Status.DRAFT and found.author_id == person.pk,
        "all_tiers": Tier.choices,
        "acts": [
            (verb, VERBS[verb][1], reverse(f"policy-{verb}", args=[found.pk]), sent.get(verb) or blank(verb))
            for verb in open_verbs(found, person)
        ],
    }


def blank(verb: str) -> ReasonForm:
    """The empty form of an act."""
    return ReasonForm(auto_id=f"{verb}_%s")


def open_verbs(found: ReviewPolicy, person: User) -> list[str]:
    """The acts open to the person now."""
    is_author = found.author_id == person.pk
    if found.status == Status.DRAFT:
        return ["propose", "reject"] if is_author else []
    if found.status == Status.IN_FORCE:
        return ["audit"] if access.holds(person, Duty.AUDITOR, found) else []
    if found.status != Status.PROPOSED:
        return []
    if is_author:
        return ["reject"]
    if not access.allowed(person, access.THRESHOLDS_APPROVE, found):
        return []
    return ["reject"] if found.approvals.filter(person=person).exists() else ["approve", "reject"]


@require_POST
def policy_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Propose, approve, reject or audit."""
    found = fetched(request.user, pk)
    act, _title, said = VERBS[verb]
    form = ReasonForm(request.POST, auto_id=f"{verb}_%s")
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        return redirect(found)
    context = page_context(fetched(request.user, pk), request.user, **{verb: form})
    if verb not in [offered for offered, *_rest in context["acts"]]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to it now.")
    return refusals.answer(request, "registry/policies/policy.html", context, form)


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
    form = TierForm(request.POST or None, body=found.body, tier=tier)
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
