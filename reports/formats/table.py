"""The formats as one literal table, and how their files are kept beside a document."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry import blobs
from registry.audit import log
from registry.models import Attachment, Blob
from registry.plugins import resolved
from reports.printing import Printed

ROLE: Final = "format:"


@dataclass(frozen=True)
class Format:
    """A format: how a button calls it, its media type, and the function that writes its bytes from a printed document."""

    label: str | Promise
    media_type: str
    write: str


FORMATS: Final[dict[str, Format]] = {
    "html": Format(_("As one HTML file"), "text/html", "reports.formats.page:write"),
    "docx": Format(
        _("For Word"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "reports.formats.word:write",
    ),
    "csv": Format(_("Its tables as CSV"), "text/csv", "reports.formats.tables:write"),
}


def written(document: Printed) -> dict[str, bytes]:
    """A document in every format of the table."""
    return {name: resolved(each.write)(document) for name, each in FORMATS.items()}


def attach(job: Any, name: str, content: bytes) -> None:
    """Keep a format beside its document, frozen like it."""
    row = Attachment(
        blob=blobs.store(content, FORMATS[name].media_type), name=f"{job.noun}.{name}", role=ROLE + name,
        object_type=job._meta.label, object_id=job.pk,
    )  # fmt: skip
    row.save()
    log.record(None, "document.written", row)


def kept(document: Any) -> dict[str, Blob]:
    """The files beside a document by format; a document of an earlier release has none."""
    rows = Attachment.objects.of(document).filter(role__startswith=ROLE).select_related("blob")
    return {row.role.removeprefix(ROLE): row.blob for row in rows}
