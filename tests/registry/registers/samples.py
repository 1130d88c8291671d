"""Values for the fields of any kind, as a person would type them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from registry.actions import registers as actions
from registry.models import Duty, RegisterEntry, User
from registry.registers import Field, Kind, kind_named, subjects
from registry.registers.forms import EntryForm
from reports import actions as documents
from tests import factories
from tests.registry import data as data_steps
from tests.risk import steps

TEXTS = {
    "line": "2026",
    "text": "What there is to say of it.",
    "lines": "first\nsecond",
    "number": "12.5",
    "count": "7",
}


def value(each: Field, cast: factories.Cast) -> Any:
    """Something that fits the type."""
    if each.name == "alert_thresholds":
        return "80\n100"
    if each.type in TEXTS:
        return TEXTS[each.type]
    if each.type == "day":
        return timezone.localdate().isoformat()
    if each.choices:
        first = each.offered()[0][0]
        return [first] if each.type == "several" else first
    if each.type == "person":
        return str(cast.owner.pk)
    if each.is_row:
        row = str(target(each, cast).pk)
        return [row] if each.type == "rows" else row
    return "yes"


def target(each: Field, cast: factories.Cast) -> Any:
    """A row to which the field may lead."""
    if each.of == "risk.Incident":
        return steps.reported(cast, factories.make_system(cast))
    if each.of == "risk.Risk":
        return steps.registered(cast, factories.make_system(cast))
    if each.of == "registry.Dataset":
        return data_steps.described(cast)
    if each.of == "rai.MetricBaseline":
        return factories.make_limit(cast, factories.make_system(cast), rule="selection_rate_difference<=0.1")
    if each.of == "reports.Report":
        return documents.request_report(factories.make_version(cast), kind="compliance", actor=cast.risk_officer)
    if each.of == "reports.BoardPack":
        return documents.request_board_pack(cast.unit, actor=cast.risk_officer)
    return written(kind_named(each.of), cast)


def about(kind: Kind, cast: factories.Cast) -> Any:
    """Something of the lending unit that an entry of the kind can be about."""
    if "unit" in kind.about:
        return cast.unit
    if not {"organisation", "system"} & set(kind.about):
        return data_steps.described(cast)
    return subjects.root() if "organisation" in kind.about else factories.make_system(cast)


def writer(cast: factories.Cast) -> User:
    """A risk officer of the whole group."""
    known = User.objects.filter(email="group.risk@bank.example").first()
    return known or factories.invite("group.risk", "Gita Group", Duty.RISK_OFFICER, subjects.root(), cast.administrator)


def typed(kind: Kind, cast: factories.Cast, row: Any = None, **changes: Any) -> dict[str, Any]:
    """What a person types for a new entry, every field filled in."""
    said = {each.name: value(each, cast) for each in kind.fields.values() if not each.stamped}
    columns = {
        "about": subjects.key_of(row or about(kind, cast)), "title": f"Sample of {kind.name}",
        "owner": str(cast.owner.pk), "due_on": (timezone.localdate() + timedelta(days=90)).isoformat(),
        "status": kind.begins,
    }  # fmt: skip
    return {**columns, **said, **changes}


def written(kind: Kind, cast: factories.Cast, row: Any = None, *, actor: Any = None, **changes: Any) -> RegisterEntry:
    """An entry, through the form and the action, by a risk officer of the group unless somebody else is named."""
    person = actor or writer(cast)
    form = EntryForm(typed(kind, cast, row, **changes), kind=kind, person=person)
    assert form.is_valid(), form.errors
    return actions.add_entry(**form.cleaned_data, kind=kind, actor=person)
