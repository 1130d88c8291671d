"""Fills the registers of the company: policies, drills, budgets and the rest, approved and accepted by the people for it."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import yaml
from django.apps import apps
from django.utils import timezone

from config.company.story import Company
from registry.actions import register_approval, registers
from registry.models import AISystem, BusinessUnit, Dataset, RegisterEntry, User
from registry.registers import Kind, kind_named, subjects

SOURCE: Final = Path(__file__).parent / "registers.yaml"
REASON: Final = "Read in full; it fits what we do."


def settle_registers(company: Company) -> None:
    """Every entry of the file, in its order."""
    for told in yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["entries"]:
        enter(company, told)


def enter(company: Company, told: dict[str, Any]) -> RegisterEntry:
    """One entry, and the verbs that bring it to its status."""
    kind = kind_named(told["kind"])
    author = company.owners[told["by"]][1] if "by" in told else company.people["second_risk"]
    row = registers.add_entry(
        subject(company, told), kind=kind, title=told.get("title", ""), status=told.get("status", ""), actor=author,
        due_on=timezone.localdate() + timedelta(days=told["due"]) if "due" in told else None,
        fields={name: value(company, kind, name, said) for name, said in told["fields"].items()},
    )  # fmt: skip
    if "approve" in told or "submit" in told:
        register_approval.submit_entry(row, actor=author)
    if "approve" in told:
        register_approval.approve_entry(row, reason=REASON, actor=company.people[told["approve"]])
    for person in told.get("accept", ()):
        registers.accept_entry(row, actor=company.people[person])
    return row


def subject(company: Company, told: dict[str, Any]) -> AISystem | BusinessUnit | Dataset:
    """What the entry is about."""
    if "data" in told:
        return company.datasets[told["data"]][0].dataset
    if "system" in told:
        return AISystem.objects.get(name=told["system"])
    return company.units[told["about"]] if "about" in told else subjects.root()


def value(company: Company, kind: Kind, name: str, said: Any) -> Any:
    """A value as entries store it: days counted from today, people by their keys, rows by their titles."""
    each = kind.fields[name]
    if each.type == "day":
        return (timezone.localdate() + timedelta(days=said)).isoformat()
    if each.type == "person":
        person: User = company.people[said]
        return str(person.pk)
    if each.type == "row":
        rows = apps.get_model(each.of).objects.all() if "." in each.of else RegisterEntry.objects.filter(kind=each.of)
        return str((rows.filter(title=said) if said else rows).order_by("created_at")[0].pk)
    return said
