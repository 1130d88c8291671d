"""How far the log is protected from whoever owns the database, as the pages of the log tell it, in one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.audit import checkpoints, publishing
from registry.models import AuditCheckpoint

RECENT = 100
PLACES: Final = {
    "folder": _("a folder"),
    "git": _("a git repository"),
    "mail": _("mail to auditors"),
    "witness": _("another installation as witness"),
}


@dataclass(frozen=True)
class Receipt:
    """What a place answered when a note was put there."""

    place: str
    is_taken: bool
    at: datetime | None
    says: str


@dataclass(frozen=True)
class Standing:
    """The newest note that lies outside, the newest at all, and where notes are put."""

    outside: AuditCheckpoint | None
    newest: AuditCheckpoint | None
    places: tuple[str, ...]
    warning: str

    @property
    def is_sound(self) -> bool:
        """A note lies outside, every place took the newest one, and nothing else is to be said."""
        return self.outside is not None and bool(self.places) and not self.refusals and not self.warning

    @property
    def receipts(self) -> list[Receipt]:
        """Of the places that hold the protecting note."""
        return [] if self.outside is None else [row for row in receipts(self.outside) if row.is_taken]

    @property
    def refusals(self) -> list[Receipt]:
        """Of the places that did not take the newest note."""
        return [] if self.newest is None else [row for row in receipts(self.newest) if not row.is_taken]

    @property
    def wanted(self) -> str:
        """The settings that name places."""
        return publishing.wanted_places()


def standing() -> Standing:
    """As it is now, from the newest hundred checkpoints."""
    recent = list(AuditCheckpoint.objects.order_by("-size").only("size", "made_at", "receipts")[:RECENT])
    return Standing(
        outside=next((row for row in recent if publishing.is_outside(row)), None),
        newest=recent[0] if recent else None,
        places=tuple(label(place.name) for place in publishing.places()),
        warning=checkpoints.same_volume_warning(),
    )


def receipts(row: AuditCheckpoint) -> list[Receipt]:
    """The answers of the places to one note, the first place first."""
    return [
        Receipt(label(name), bool(said.get("ok")), moment(said.get("at")), str(said.get("says", "")))
        for name, said in sorted(row.receipts.items())
    ]


def label(name: str) -> str:
    """The place in words."""
    return str(PLACES.get(name, name))


def moment(text: str | None) -> datetime | None:
    """The time of a receipt, or None when it is none."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None
