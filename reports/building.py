"""What a worker does for a report or a pack: gather, render, hash, store, record."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from registry import blobs, jobs, moment
from registry.audit import log
from registry.lineage_graph import joined, picture
from registry.models import BusinessUnit, ModelVersion
from registry.plugins import resolved
from reports import contents, formats, glossary, pdf, printing, told
from reports.catalogue import BOARD_PACK, REPORTS, ReportType
from reports.models import BoardPack, Document, Minutes, Report
from reports.printing import Printed

# Percent at which the drawing begins and how many it takes; after so many pages half of them are told.
DRAWING: Final = 30
SHARE: Final = 45
HALF: Final = 60
EACH: Final = 10


def version_of(document: Document) -> ModelVersion:
    """The version that a document is about."""
    if document.version is None:
        raise ValueError(_("Reports on a system without a version are not built in this installation."))
    return document.version


def build_report(job: Report) -> None:
    """Build the report and finish the job in one transaction."""
    as_of = timezone.now()
    kind = REPORTS[job.kind]
    jobs.report_progress(job, 10, _("gathering evidence"))
    subject = kind.subject_of(job)
    data = gathered(kind, subject, as_of=as_of, language=job.language)
    jobs.report_progress(job, DRAWING, _("drawing the pages"))
    pictures = pictures_of(data, subject, job.language)
    document = printing.printed(kind, data, language=job.language, serial=str(job.pk), at_page=drawing(job), **pictures)
    hand_over(job, document, as_of=as_of)


def drawing(job: Report | BoardPack) -> pdf.AtPage:
    """Shows on the job's row, every tenth page, how far the drawing is; how many pages are left nobody knows."""

    reached = DRAWING

    def tell(page: int) -> None:
        nonlocal reached
        if page % EACH == 0:  # laid out anew when a page number in the contents moved: the share never goes back
            reached = max(reached, DRAWING + SHARE * page // (page + HALF))
            jobs.report_progress(job, reached, _("drawing page %d") % page)

    return tell


def hand_over(job: Report | BoardPack | Minutes, document: Printed, *, as_of: datetime) -> None:
    """Store a document in every format and its data, and finish the job that was asked for it."""
    jobs.report_progress(job, 80, _("writing the other formats"))
    written = formats.written(document)
    with transaction.atomic():
        job.blob = blobs.store(document.pdf, "application/pdf")
        job.data = blobs.store(printing.as_json(document.data), "application/json")
        job.as_of, job.code = as_of, document.code
        for name, content in written.items():
            formats.attach(job, name, content)
        jobs.finish(job)
        log.record(None, f"{job.noun}.built", job)
        told.tell_owner(job)


def build_board_pack(job: BoardPack) -> None:
    """Build the board pack and finish the job in one transaction."""
    as_of = timezone.now()
    jobs.report_progress(job, 10, _("gathering evidence"))
    document = board_document(job.of_unit, as_of=as_of, language=job.language, serial=str(job.pk), at_page=drawing(job))
    hand_over(job, document, as_of=as_of)


def board_document(
    unit: BusinessUnit, *, as_of: datetime, language: str, serial: str = "", at_page: pdf.AtPage | None = None
) -> Printed:
    """The board pack of a unit."""
    data = gathered(BOARD_PACK, unit, as_of=as_of, language=language)
    return printing.printed(BOARD_PACK, data, language=language, serial=serial, at_page=at_page)


def built(kind: ReportType, subject: Any, *, as_of: datetime, language: str) -> tuple[dict[str, Any], bytes]:
    """The data of a report and its PDF, as a part of something else: without a code of its own."""
    data = gathered(kind, subject, as_of=as_of, language=language)
    return data, printing.printed(kind, data, language=language, **pictures_of(data, subject, language)).pdf


def pictures_of(data: dict[str, Any], subject: Any, language: str) -> dict[str, Any]:
    """The pictures that a template asks for: of the frozen runs, and of the lineage where the data tells of it."""
    lineage = lineage_picture(subject, language) if data.get("lineage") else ""
    return {"charts": charts(data, language), "lineage_picture": lineage}


def gathered(kind: ReportType, subject: Any, *, as_of: datetime, language: str) -> dict[str, Any]:
    """What the database holds for a report, in the reader's language, told as of that moment and not as of the clock."""
    with translation.override(language), moment.at(as_of):
        data: dict[str, Any] = resolved(kind.contents)(subject, as_of=as_of)
        data.setdefault("title", str(kind.title))
        data["glossary"] = glossary.words(kind.kind) + glossary.measures(subject)
    return data


def charts(data: dict[str, Any], language: str) -> dict[str, str]:
    """The charts of the frozen runs as pictures, by the id of the run."""
    found = {}
    for check in data.get("checks", ()):
        for attachment in contents.charts_of(check["id"], language):
            found[check["id"]] = pdf.picture(attachment.blob.read())
    return found


def lineage_picture(version: ModelVersion, language: str) -> str:
    """What the version came from and what came from it, as on its page; empty where it could not be drawn."""
    try:
        with translation.override(language):
            return pdf.picture(picture.svg(joined.unit_graph(version)))
    except picture.NotDrawn:
        return ""  # the list beside it says the same
