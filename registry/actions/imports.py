"""Checks and carries out imports: what is wrong is named row by row, and nothing is entered unless everything is."""

from dataclasses import asdict
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from registry import access, blobs, imports
from registry.actions.inventory import display_name
from registry.audit import log
from registry.errors import BadInput, DomainError, NotAllowed
from registry.imports import KINDS, Checked, Fault, Kind
from registry.models import Import, User
from registry.transactions import hold

# So many faults are kept and shown; a sheet with more has another trouble than single rows.
MOST_FAULTS: Final = 5000
# So many rows are tried when a sheet is checked; more of them would keep others waiting.
MOST_TRIED: Final = 200


class RowRefused(Exception):
    """An act refused a row that had been found right."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def check_sheet(kind: Kind, *, name: str, content: bytes, actor: User) -> Import:
    """Read and check a sheet, and keep it with what was found; nothing of it is entered."""
    access.require_anywhere(actor, kind.action)
    found = imports.checked(kind, imports.lines(name, content), actor)
    return kept(kind, rehearsed(kind, found, actor), name=name, content=content, actor=actor)


def rehearsed(kind: Kind, found: Checked, actor: User) -> Checked:
    """The rows that their acts refuse are faults as well: of a short sheet each is tried after the other, and all of it
    is taken back; of a longer one the acts speak when it is carried out."""
    if len(found.ready) > MOST_TRIED:
        return found
    refused: list[Fault] = []
    with transaction.atomic():
        for number, values in found.ready:
            try:
                with transaction.atomic():
                    enter_row(kind, number, values, actor)
            except RowRefused as error:
                refused.append(error.fault)
        transaction.set_rollback(True)
    rows = {fault.row for fault in refused}
    ready = [(number, values) for number, values in found.ready if number not in rows]
    return Checked(ready, sorted([*found.faults, *refused], key=lambda fault: fault.row))


@transaction.atomic
def kept(kind: Kind, found: Checked, *, name: str, content: bytes, actor: User) -> Import:
    """The import as a row, which can be carried out where it has no fault."""
    rows = len(found.ready) + len({fault.row for fault in found.faults})
    if not rows:
        raise BadInput(_("There is no row below the heads of the columns."), field="file")
    row = Import(
        requested_by=actor, kind=kind.name, name=display_name(name), blob=blobs.store(content, "application/octet-stream"),
        status=Import.Status.REFUSED if found.faults else Import.Status.CHECKED, rows=rows,
        faults=[asdict(fault) for fault in found.faults[:MOST_FAULTS]],
    )  # fmt: skip
    row.save()
    log.record(actor, "import.checked", row)
    return row


def carry_out(row: Import, *, actor: User) -> Import:
    """Check the kept sheet anew and enter every row, each by its own act; the first that is refused undoes them all."""
    kind = KINDS[row.kind]
    access.require_anywhere(actor, kind.action)
    found = imports.checked(kind, imports.lines(row.name, row.blob.read()), actor)
    try:
        with transaction.atomic():
            require_checked(row)
            if found.faults:
                raise RowRefused(found.faults[0])
            enter(kind, found, actor)
            return closed(row, Import.Status.IMPORTED, [], actor)
    except RowRefused as error:
        with transaction.atomic():
            return closed(row, Import.Status.REFUSED, found.faults or [error.fault], actor)


def require_checked(row: Import) -> None:
    """Nobody has entered or refused it yet; of two at once the second one waits and finds that."""
    hold(row)
    if row.status != Import.Status.CHECKED:
        raise NotAllowed(_("This sheet has faults or was imported already. Check a new one."))


def enter(kind: Kind, found: Checked, actor: User) -> None:
    """Each row by the act of its page."""
    for number, values in found.ready:
        enter_row(kind, number, values, actor)


def enter_row(kind: Kind, number: int, values: dict[str, Any], actor: User) -> None:
    """One row. Raises RowRefused with what its act said."""
    more = {name: value for name, value in values.items() if name != kind.place}
    try:
        kind.enter(values[kind.place], actor=actor, **more)
    except (DomainError, ValidationError) as error:
        said = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        raise RowRefused(Fault(number, getattr(error, "field", "") or "", "", said)) from error


def closed(row: Import, status: str, faults: list[Fault], actor: User) -> Import:
    """How it ended."""
    row.status, row.faults = status, [asdict(fault) for fault in faults[:MOST_FAULTS]]
    row.save()
    log.record(actor, f"import.{'carried_out' if status == Import.Status.IMPORTED else 'refused'}", row)
    return row
