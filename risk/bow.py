"""From a risk to the controls that keep it down, and from each control to what shows that it works."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from registry.models import RegisterEntry
from risk.actions.measured import newest_verdicts
from risk.catalogue import catalogue
from risk.models import Risk


@dataclass(frozen=True)
class Strand:
    """A control: its entry in the registers (None: known from the catalogue alone), its newest test, and its checks."""

    name: str
    entry: RegisterEntry | None
    test: RegisterEntry | None
    checks: tuple[tuple[str, str], ...]

    @property
    def requirements(self) -> list[str]:
        """What else it serves: one control may serve many requirements."""
        return list(self.entry.fields.get("requirements") or []) if self.entry else []


def bow(risk: Risk, person: Any) -> list[Strand]:
    """The controls of a risk: those that name it, and those of its catalogue entry that nobody has entered."""
    known = risk.known
    verdicts = newest_verdicts(risk.system)
    entries = controls_of(risk, person)
    tests = newest_tests(entries)
    found = [Strand(row.title, row, tests.get(str(row.pk)), checks_of(row, verdicts)) for row in entries]
    entered = {row.fields.get("catalogue_ref") for row in entries}
    told = tuple((name, verdicts.get(name, "")) for name in known.checks) if known else ()
    ids = known.controls if known else ()
    return found + [Strand(catalogue().controls[name], None, None, told) for name in ids if name not in entered]


def controls_of(risk: Risk, person: Any) -> list[RegisterEntry]:
    """The controls that name the risk, or its catalogue entry's controls where they are about its system or above it."""
    rows = RegisterEntry.objects.visible_to(person).filter(kind="control").exclude(status="retired").standing()
    ids = risk.known.controls if risk.known else ()
    near = Q(system=risk.system_id) | Q(system=None, unit__in=[pk for pk in risk.system.unit.path.split("/") if pk])
    of_catalogue = Q(fields__catalogue_ref__in=ids) & near if ids else Q(pk__in=[])
    return list(rows.filter(Q(fields__risks__icontains=str(risk.pk)) | of_catalogue).order_by("title"))


def newest_tests(controls: list[RegisterEntry]) -> dict[str, RegisterEntry]:
    """By control: its newest test."""
    keys = [str(row.pk) for row in controls]
    rows = RegisterEntry.objects.filter(kind="control_test", fields__control__in=keys).standing()
    return {row.fields["control"]: row for row in rows.order_by("fields__tested_at", "created_at")}


def checks_of(row: RegisterEntry, verdicts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The check that a control names, with what it says now."""
    name = str(row.fields.get("check") or "")
    return ((name, verdicts.get(name, "")),) if name else ()
