"""What a verification code tells whoever holds it: kind, day and digests of its document, and whether it still stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from registry.models import VersionStatus
from reports import formats
from reports.catalogue import BOARD_PACK, MINUTES, REPORTS
from reports.models import BoardPack, Filed, Minutes, Pack, Report

# Kinds of documents with a code, and what makes a later one a newer edition of the same.
SAME: Final[dict[Any, tuple[str, ...]]] = {
    Report: ("kind", "framework", "system", "version", "of_unit", "subject_id", "language"),
    Pack: ("system", "version", "of_unit", "engagement", "since", "until", "language"),
    BoardPack: ("of_unit", "language"),
    Minutes: ("meeting", "language"),
}
OUT_OF_USE: Final = (VersionStatus.SUSPENDED, VersionStatus.DEPRECATED, VersionStatus.RETIRED)


@dataclass(frozen=True)
class Told:
    """What is said of a document to people who may not open it. `name` is empty unless the organisation shows names."""

    title: str
    as_of: datetime | None
    sha256: str
    newer: datetime | None
    status: str
    name: str


def document_of(code: str, person: Any = None) -> Filed | None:
    """The document with this code; with a person, only when that person may see it."""
    for model in SAME:
        rows = model.objects.all() if person is None else model.objects.visible_to(person)
        found: Filed | None = rows.select_related("blob", "requested_by").filter(code=code, blob__isnull=False).first()
        if found is not None:
            return found
    return None


def told(row: Any) -> Told:
    """What everybody may know who holds the code."""
    version = getattr(row, "version", None)
    status = version.get_status_display() if version and version.status in OUT_OF_USE else ""
    name = str(row) if settings.VERIFY_SHOWS_NAMES else ""
    return Told(title_of(row), row.as_of, row.blob.sha256, newer_than(row), str(status), name)


def title_of(row: Any) -> str:
    """The kind of a document in words."""
    if row.noun == "pack":
        return str(_("Evidence pack"))
    kinds = {"minutes": MINUTES, "board_pack": BOARD_PACK}
    kind = kinds.get(row.noun) or REPORTS.get(row.kind)
    return str(kind.title) if kind else row.kind


def newer_than(row: Any) -> datetime | None:
    """When the newest edition of the same document was made; None when this is the newest."""
    same = {name: getattr(row, name) for name in SAME[type(row)]}
    rows = type(row).objects.filter(**same, blob__isnull=False, as_of__gt=row.as_of)
    found: datetime | None = rows.order_by("-as_of").values_list("as_of", flat=True).first()
    return found


def form_of(row: Any, sha256: str) -> str:
    """In which of its formats a document has this digest, such as "PDF"; empty when in none of them."""
    if row.blob.sha256 == sha256:
        return "ZIP" if row.noun == "pack" else "PDF"
    if getattr(row, "data", None) and row.data.sha256 == sha256:
        return "JSON"
    return next((name.upper() for name, blob in formats.kept(row).items() if blob.sha256 == sha256), "")
