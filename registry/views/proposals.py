"""What the pages of all proposals share: who wrote it, who approved it, and the acts of those who decide on it."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.actions import proposals as actions
from registry.forms.acts import ReasonForm
from registry.models import BusinessUnit, Proposal, User
from registry.views.acting import Act, open_acts

Status = Proposal.Status


def may_propose(person: User) -> bool:
    """Whether the person may propose what binds the whole organisation."""
    root = BusinessUnit.objects.filter(parent=None).first()
    return root is not None and access.allowed(person, access.THRESHOLDS_EDIT, root)


def may_approve(found: Proposal, person: User) -> bool:
    """It waits for approval, and the person, who did not propose it, has not given his or hers."""
    may = found.status == Status.PROPOSED and access.allowed(person, access.THRESHOLDS_APPROVE, found)
    return may and found.author_id != person.pk and not found.approvals.filter(person=person).exists()


def may_reject(found: Proposal, person: User) -> bool:
    """It waits, and the person wrote it or may approve it; a draft is taken back by its author alone."""
    if found.author_id == person.pk:
        return found.status in {Status.DRAFT, Status.PROPOSED}
    return found.status == Status.PROPOSED and access.allowed(person, access.THRESHOLDS_APPROVE, found)


def reason_form(_found: Proposal, **form: Any) -> ReasonForm:
    """Every act on a proposal wants a reason."""
    return ReasonForm(**form)


def decisions(address: str) -> dict[str, Act]:
    """The acts of those who decide; the names of their URL patterns begin with `address`."""
    return {
        "approve": Act(
            f"{address}-approve", _("Approve it"), _("Approve it"), _("Your approval is recorded."), reason_form,
            actions.approve, may_approve,
        ),
        "reject": Act(
            f"{address}-reject", _("Reject it"), _("Reject it"), _("It is rejected."), reason_form, actions.reject,
            may_reject,
        ),
    }  # fmt: skip


def fetched(model: Any, person: User, pk: UUID) -> Any:
    """The proposal, or 404."""
    return get_object_or_404(model.objects.visible_to(person).select_related("author", "unit"), pk=pk)


def told(found: Proposal, acts: dict[str, Act], person: User, **sent: Any) -> dict[str, Any]:
    """What `registry/proposals/page.html` needs; `sent` are forms that were refused."""
    return {
        "object": found,
        "approvals": found.approvals.select_related("person"),
        "missing": actions.APPROVERS - found.approvals.count() if found.status == Status.PROPOSED else 0,
        "acts": open_acts(acts, found, person, **sent),
    }
