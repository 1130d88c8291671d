"""What the technical file by Annex IV of the EU AI Act prints: its nine sections, from records, with every gap named."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from registry.models import ModelVersion, User
from reports.contents import system_facts, version_facts
from reports.evaluation import ItemResult, RequirementResult, evaluate
from reports.facts import Fact
from reports.framework_files import Framework, load
from reports.not_checked import cannot_show, limits_of_runs
from reports.sources import DjangoFacts
from reports.titles import Title

PREFIX: Final = "Annex IV."
# An item comes to less than a pass by other words than a requirement; the file prints one word for both.
LIKE: Final = {"partial": "partly"}
# So many rows of an item are printed; how many more there are is said.
ROWS: Final = 20
# Of a part of a release: what its name and digest say already.
SILENT: Final = frozenset({"id", "kind"})
NAME: Final = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
PERSON: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
RESULTS: Final = {
    "met": gettext_lazy("met"),
    "partly": gettext_lazy("partly"),
    "not_met": gettext_lazy("not met"),
    "not_applicable": gettext_lazy("not applicable"),
}


def annex_iv(version: ModelVersion, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the technical file on a version's system prints.

    The sections are printed whether or not the Act asks them of this system: `asked` says which.
    """
    system = version.home_system
    facts = DjangoFacts(user=None, system=system, as_of=as_of)
    found = evaluate(sections_of(load("eu_ai_act")), facts, system=str(system.pk), as_of=as_of)
    duty, why = facts.condition("eu_high_risk_provider", str(system.pk))
    sections = [section_facts(entry) for entry in found.requirements]
    return {
        "installation": settings.INSTALLATION_NAME,
        "as_of": as_of.isoformat(timespec="seconds"),
        "system": system_facts(version),
        "version": version_facts(version),
        "summary": summary(sections, duty, why),
        "asked": duty,
        "why_asked": why,
        "framework": {"name": found.framework.name, "version": found.framework.version},
        "sections": sections,
        "gaps": [gap for section in sections for gap in section["gaps"]],
        "checks": [],
        "not_checked": [*limits_of_runs(), *cannot_show(found)],
    }


def summary(sections: list[dict[str, Any]], duty: bool, why: str) -> list[list[str]]:
    """What a member of the board reads: whether the file is asked for, and how far it is."""
    asked = _("Yes.") if duty else _("Not as the system is classified now; it is written in advance.")
    counts = Counter(section["result"] for section in sections)
    open_items = [gap for section in sections for gap in section["gaps"] if gap["required"]]
    return [
        [_("Asked for by the Act"), f"{asked} {why}", ""],
        [_("Sections"), " · ".join(f"{word}: {counts[name]}" for name, word in RESULTS.items() if counts[name]), ""],
        [_("Gaps"), ngettext("%d needed item is missing.", "%d needed items are missing.", len(open_items)) % len(open_items), ""],
    ]  # fmt: skip


def sections_of(framework: Framework) -> Framework:
    """The sections of the annex alone, decided for any system, so that one can prepare before the duty holds."""
    rows = [row for row in framework.requirements if row.id.startswith(PREFIX)]
    return replace(framework, requirements=tuple(replace(row, applies_when="always") for row in rows))


def section_facts(entry: RequirementResult) -> dict[str, Any]:
    """One section with what stands in it and what is missing."""
    row = entry.requirement
    return {
        "id": row.id,
        "title": row.title,
        "statement": row.statement,
        "result": entry.result,
        "items": [item_facts(item) for item in entry.items],
        "gaps": [
            {"section": row.id, "item": item.item.shows, "reason": str(item.reason), "required": item.item.is_required}
            for item in entry.items
            if item.result not in {"pass", "not_applicable"}
        ],
    }


def item_facts(item: ItemResult) -> dict[str, Any]:
    """One item: what it came to, and of each row behind it the fields that the annex asks for."""
    rows = [row_facts(row, item.item.filled) for row in item.evidence[:ROWS]]
    return {
        "shows": item.item.shows,
        "result": LIKE.get(item.result, item.result),
        "reason": str(item.reason),
        "rows": rows,
        "more": max(0, len(item.evidence) - ROWS),
    }


def row_facts(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """One row with its fields; a run, a workflow or a statement has its label alone."""
    fields: Mapping[str, Any] = row.fields if isinstance(row, Fact) else {}
    return {"label": row.label, "fields": [[Title(name).text, written(fields.get(name))] for name in names]}


def written(value: Any) -> str:
    """A value as the file prints it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple | set | frozenset):
        return "\n".join(sorted(map(written, value)))
    if isinstance(value, Mapping):
        return ", ".join(written(entry) for key, entry in value.items() if key not in SILENT and entry)
    if isinstance(value, str) and NAME.fullmatch(value):
        return Title(value).text
    return person(value) if isinstance(value, str) and PERSON.fullmatch(value) else "" if value is None else str(value)


def person(key: str) -> str:
    """Whom an id names; the id itself where it names nobody."""
    return User.objects.filter(pk=key).values_list("name", flat=True).first() or key
