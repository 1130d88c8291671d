"""The page of an entry: what it shows, to whom."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from registry.models import Attachment, AuditEntry, RegisterEntry, User
from registry.registers import acceptance, budgets, kind_named, kinds, rights, words
from registry.views.registers import verbs

TEMPLATE = "registry/registers/entry.html"


def fetched(person: User, pk: UUID) -> RegisterEntry:
    """The entry, or 404."""
    rows = RegisterEntry.objects.visible_to(person).filter(kind__in=kinds())
    return get_object_or_404(rows.select_related(
        "unit", "system__unit", "model_version__model__system", "vendor", "dataset", "owner", "author", "approved_by"
    ), pk=pk)  # fmt: skip


def page_context(found: RegisterEntry, person: User, **sent: Any) -> dict[str, Any]:
    """What the page shows."""
    asked = acceptance.is_asked(found)
    revisions = RegisterEntry.objects.visible_to(person).filter(kind=found.kind, number=found.number)
    return {
        "object": found,
        "kind": found.of,
        "due_label": _(found.of.due.label) if found.of.due else "",
        "lines": words.lines(found, person),
        "acts": verbs.offered_to(found, person, **sent),
        "steps": verbs.pages_of(found, person),
        "may_edit": found.is_standing and rights.may_write(found.of, person, found),
        "revisions": revisions.order_by("-revision") if found.of.approve else [],
        "history": AuditEntry.objects.filter(object_id=found.pk).select_related("actor").order_by("-seq")[:20],
        "accepted": list(acceptance.given(found)) if asked else [],
        "missing": acceptance.missing(found) if asked else [],
        "is_asked": asked,
        **(money(found) if found.kind == budgets.BUDGET else {}),
        "worth": budgets.worth_of(found),
        "files": Attachment.objects.of(found),
    }


def money(found: RegisterEntry) -> dict[str, Any]:
    """What was spent of a budget, with the words of what it is split by."""
    spent = budgets.spent(found)
    titles = {**{name: field.title for name, field in kind_named(budgets.COST).fields.items()}, "unit": _("Unit")}
    splits = [(titles[name], sorted(parts.items())) for name, parts in spent.splits.items()]
    return {"spent": spent, "splits": splits}
