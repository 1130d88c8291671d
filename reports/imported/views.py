"""Frameworks that were brought: the list of editions, one with its differences and acts, and the form to bring one."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.forms.acts import ReasonForm
from registry.models import BusinessUnit, User
from registry.views.acting import Act, acted, open_acts
from registry.views.paging import page_of
from reports.framework_upgrades import Difference, difference
from reports.imported import actions, lookup
from reports.imported.forms import BringForm
from reports.models import FrameworkEdition
from reports.sources import DjangoFacts

Status = FrameworkEdition.Status
TEMPLATE: Final = "reports/pages/framework_edition.html"
SHOWN: Final = 200
WORDS: Final = {"title": gettext_lazy("title"), "statement": gettext_lazy("statement"), "group": gettext_lazy("place")}


def editions(request: HttpRequest) -> HttpResponse:
    """Every edition that was brought, the newest first."""
    rows = FrameworkEdition.objects.visible_to(request.user).select_related("author").defer("body")
    context = {
        "title": _("Frameworks of your own"),
        "page": page_of(request, rows, by="-created_at"),
        "may_bring": access.allowed(request.user, access.THRESHOLDS_EDIT, root()),
    }
    return render(request, "reports/pages/framework_editions.html", context)


def root() -> BusinessUnit:
    """Frameworks are of the whole organisation."""
    return BusinessUnit.objects.get(parent=None)


def bring(request: HttpRequest) -> HttpResponse:
    """Bring a catalogue, or rules for one."""
    access.require(request.user, access.THRESHOLDS_EDIT, root())
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.carry_out(partial(actions.bring, actor=request.user)):
        row = form.result
        stands, waits = (
            _("It is in force; each control stands without a rule."),
            _("It waits for two others to approve it."),
        )
        messages.success(request, stands if row.status == Status.IN_FORCE else waits)
        return redirect(row.get_absolute_url())
    context = {
        "form": form, "title": _("Bring a framework"), "submit": _("Read the file"),
        "why": _("A catalogue is taken as data: no rule is invented, and a control without a rule is never met."),
        "parent_label": _("Frameworks of your own"), "parent_url": reverse("framework-editions"),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


def may_approve(found: FrameworkEdition, person: User) -> bool:
    """It waits, and the person, who did not bring it, has not given his or her approval."""
    may = found.status == Status.PROPOSED and access.allowed(person, access.THRESHOLDS_APPROVE, found)
    return may and found.author_id != person.pk and not found.approvals.filter(person=person).exists()


def may_reject(found: FrameworkEdition, person: User) -> bool:
    """It waits, and the person brought it or may approve."""
    is_own = found.author_id == person.pk
    return found.status == Status.PROPOSED and (is_own or access.allowed(person, access.THRESHOLDS_APPROVE, found))


def reason_form(_found: FrameworkEdition, **form: Any) -> ReasonForm:
    """Every act on an edition wants a reason."""
    return ReasonForm(**form)


ACTS: Final = {
    "approve": Act(
        "framework-edition-approve", gettext_lazy("Approve it"), gettext_lazy("Approve it"),
        gettext_lazy("Your approval is recorded."), reason_form, actions.approve, may_approve,
    ),
    "reject": Act(
        "framework-edition-reject", gettext_lazy("Reject it"), gettext_lazy("Reject it"),
        gettext_lazy("It is rejected."), reason_form, actions.reject, may_reject,
    ),
}  # fmt: skip


def fetched(person: User, pk: UUID) -> FrameworkEdition:
    """The edition, or 404."""
    return get_object_or_404(FrameworkEdition.objects.visible_to(person).select_related("author", "unit"), pk=pk)


def edition(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One edition: what it holds, what it changes, who approved it."""
    return render(request, *page(fetched(request.user, pk), request.user))


def page(found: FrameworkEdition, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Template and context."""
    held = lookup.of_edition(found.pk, found.digest)
    told = changes(found, person) if found.status == Status.PROPOSED else None
    return TEMPLATE, {
        "object": found,
        "groups": len(held.groups),
        "controls": len(held.requirements),
        "without_rule": sum(not one.items for one in held.requirements),
        "change": told,
        "moved": list(told.statuses.items()) if told else [],
        "lists": shown(told) if told else [],
        "approvals": found.approvals.select_related("person"),
        "missing": actions.APPROVERS - found.approvals.count() if found.status == Status.PROPOSED else 0,
        "acts": open_acts(ACTS, found, person, **sent),
    }


def changes(found: FrameworkEdition, person: User) -> Difference:
    """What it would change against the edition in force, in rules and in status, as its reader may see evidence."""
    other, used = lookup.of_edition(found.pk, found.digest), actions.in_force(found.slug)
    now = timezone.now()
    facts = DjangoFacts(user=person, system=None, as_of=now)
    before = lookup.of_edition(used.pk, used.digest) if used else lookup.empty(other)
    return difference(other, facts, system=None, as_of=now, now=before)


def shown(told: Difference) -> list[tuple[Any, list[str], int]]:
    """Heading, lines and how many more, of what is added, taken away, changed and moved."""
    lists = (
        (_("Added"), list(told.added)),
        (_("Taken away"), list(told.removed)),
        (_("Changed"), [f"{key}: {', '.join(words(names))}" for key, names in told.changed.items()]),
    )
    return [(title, rows[:SHOWN], max(0, len(rows) - SHOWN)) for title, rows in lists if rows]


def words(names: tuple[str, ...]) -> list[str]:
    """What differs in a control, for readers; of its rule the item itself is listed."""
    return list(dict.fromkeys(str(WORDS.get(name, _("rule"))) for name in names))


@require_POST
def edition_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Approve or reject."""
    return acted(request, fetched(request.user, pk), ACTS, verb, page)
