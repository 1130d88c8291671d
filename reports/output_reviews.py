"""Reviews of output: whoever heads AI has opened each report that the review names, and the review is bound to its file."""

from typing import Any

from django.utils.translation import gettext as _

from registry import access
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Duty, RegisterEntry, User
from registry.registers.moves import EDITED, with_move
from reports import codes
from reports.models import BoardPack, Report

KIND = "output_review"
READ = {"reports": Report, "board_packs": BoardPack}


@with_move(KIND, EDITED)
def keep(row: RegisterEntry, _actor: User) -> None:
    """What was concluded stays as it was concluded."""
    if row.status == "concluded":
        raise NotAllowed(_("This review is concluded and stays as it is. Write another one."))


@with_move(KIND, "conclude")
def bind(row: RegisterEntry, actor: User) -> None:
    """Write down the digests of what was read; refuse a review of what the person has not opened."""
    if not access.holds(actor, Duty.EXECUTIVE, row):
        raise NotAllowed(_("An executive of %s concludes a review of output.") % row.unit)
    found = [(name, document) for name in READ for document in documents(row, name, actor)]
    if not found:
        raise BadInput(_("Name at least one report or board pack that was read."), field="reports")
    for name, document in found:
        require_opened(document, actor, field=name)
    row.fields = {**row.fields, "bound": [words(document) for _name, document in found]}


def documents(row: RegisterEntry, name: str, actor: User) -> list[Any]:
    """The finished documents of a field, as the person may see them."""
    wanted = row.fields.get(name) or []
    rows = READ[name].objects.visible_to(actor).filter(pk__in=wanted, blob__isnull=False)  # type: ignore[attr-defined]
    found = list(rows.select_related("blob").order_by("as_of", "pk"))
    if len(found) < len(set(wanted)):
        raise BadInput(_("One of these documents is not there for you, or is not finished."), field=name)
    return found


def require_opened(document: Any, actor: User, *, field: str) -> None:
    """The log says that the person took the file."""
    opened = AuditEntry.objects.filter(object_id=document.pk, actor=actor, action=f"{document.noun}.downloaded")
    if not opened.exists():
        told = _("You have not opened this document yet: %s. Open it, then conclude the review.")
        raise BadInput(told % words(document), field=field)


def words(document: Any) -> str:
    """A document as the review keeps it: what it is, its code, the digest of its file."""
    return f"{codes.title_of(document)} – {document} – {document.code} – {document.blob.digest}"
