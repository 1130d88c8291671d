"""Checks and carries out imports: what is wrong is named row by row, and nothing is entered unless everything is."""

from dataclasses import asdict
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from registry import access, blobs, imports
from registry.actions.inventory import display_name
from registry.audit import log
from registry.errors import BadInput, DomainError, NotAllowed
from registry.imports import KINDS, Checked, Fault, Kind
from registry.models import Import, User

# So many faults are kept and shown; a sheet with more has another trouble than single rows.
MOST_FAULTS: Final = 5000


class RowRefused(Exception):
    """An act refused a row that had been found right."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def check_sheet(kind: Kind, *, name: str, content: bytes, actor: User) -> Import:
    """Read and check a sheet, and keep it with what was found; nothing of it is entered."""
    access.require_anywhere(actor, kind.action)
    found = imports.checked(kind, imports.lines(name, content), actor)
    return kept(kind, found, name=name, content=content, actor=actor)


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
    if row.status != Import.Status.CHECKED:
        raise NotAllowed(_("This sheet has faults or was imported already. Check a new one."))
    kind = KINDS[row.kind]
    access.require_anywhere(actor, kind.action)
    found = imports.checked(kind, imports.lines(row.name, row.blob.read()), actor)
    try:
        with transaction.atomic():
            if found.faults:
                raise RowRefused(found.faults[0])
            enter(kind, found, actor)
            return closed(row, Import.Status.IMPORTED, [], actor)
    except RowRefused as error:
        with transaction.atomic():
            return closed(row, Import.Status.REFUSED, found.faults or [error.fault], actor)


def enter(kind: Kind, found: Checked, actor: User) -> None:
    """Each row by the act of its page."""
    for number, values in found.ready:
        try:
            kind.enter(values.pop(kind.place), actor=actor, **values)
        except (DomainError, ValidationError) as error:
            said = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise RowRefused(Fault(number, getattr(error, "field", "") or "", "", said)) from error


def closed(row: Import, status: str, faults: list[Fault], actor: User) -> Import:
    """How it ended."""
    row.status, row.faults = status, [asdict(fault) for fault in faults[:MOST_FAULTS]]
    row.save()
    log.record(actor, f"import.{'carried_out' if status == Import.Status.IMPORTED else 'refused'}", row)
    return row
