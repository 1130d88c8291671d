"""Frameworks that were brought: the list of editions, one with its differences and acts, and the form to bring one."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, pgettext
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.models import BusinessUnit, User
from registry.views import proposals
from registry.views.acting import acted
from registry.views.paging import page_of
from reports.framework_upgrades import Difference
from reports.imported import actions, lookup, upgrades
from reports.imported.forms import BringForm
from reports.models import FrameworkEdition

Status = FrameworkEdition.Status
TEMPLATE: Final = "reports/pages/framework_edition.html"
SHOWN: Final = 200
ACTS: Final = proposals.decisions("framework-edition")
fetched: Final = partial(proposals.fetched, FrameworkEdition)
WORDS: Final = {"title": gettext_lazy("title"), "statement": gettext_lazy("statement"), "group": gettext_lazy("place")}


def editions(request: HttpRequest) -> HttpResponse:
    """Every edition that was brought, the newest first."""
    rows = FrameworkEdition.objects.visible_to(request.user).select_related("author").defer("body")
    context = {
        "title": _("Frameworks of your own"),
        "kind": _("Framework"),
        "page": page_of(request, rows, by="-created_at"),
        "may_propose": proposals.may_propose(request.user),
    }
    return render(request, "reports/pages/framework_editions.html", context)


def bring(request: HttpRequest) -> HttpResponse:
    """Bring a catalogue, or rules for one."""
    access.require(request.user, access.THRESHOLDS_EDIT, BusinessUnit.objects.get(parent=None))
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


def edition(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One edition: what it holds, what it changes, who approved it."""
    return render(request, *page(fetched(request.user, pk), request.user))


def page(found: FrameworkEdition, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Template and context."""
    held = upgrades.held(lookup.of_edition(found.pk, found.digest))
    told = upgrades.of_edition(found, person=person) if found.status == Status.PROPOSED else None
    return TEMPLATE, proposals.told(found, ACTS, person, **sent) | {
        "held": held,
        "change": told,
        "moved": list(told.statuses.items()) if told else [],
        "lists": shown(told) if told else [],
    }


def shown(told: Difference) -> list[tuple[Any, list[str], int]]:
    """Heading, lines and how many more, of what is added, taken away, changed and moved."""
    lists = (
        (pgettext("controls", "Added"), list(told.added)),
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
