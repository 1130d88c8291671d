"""Asks for reports and packs; workers build them."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from registry import access, jobs, quotas
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import BusinessUnit, ModelVersion, User
from reports import told
from reports.catalogue import ON_UNITS, ON_VERSIONS, REPORTS
from reports.models import BoardPack, Filed, Pack, Report, ReportSchedule


def require_language(language: str) -> None:
    """One of the languages that the installation speaks."""
    if language not in dict(settings.LANGUAGES):
        raise BadInput(_("“%s” is no language of this installation.") % language, field="language")


@transaction.atomic
def request_report(
    version: ModelVersion, *, kind: str, actor: User, language: str = "en", schedule: ReportSchedule | None = None
) -> Report:
    """Ask for a report on a version, or on its system where the kind tells of the whole."""
    if kind not in ON_VERSIONS:
        raise BadInput(_("There is no report called “%s”.") % kind, field="kind")
    row = Report(system=version.home_system, version=version, kind=kind, schedule=schedule)
    return asked(row, version, language=language, actor=actor)


@transaction.atomic
def request_report_on(subject: Any, *, actor: User, language: str = "en") -> Report:
    """Ask for the report on one assessment or one incident, by who may read that."""
    kind = next(one for one in REPORTS.values() if one.subject == subject._meta.label)
    if not kind.rows().visible_to(actor).filter(pk=subject.pk).exists():
        raise NotAllowed(_("A report on %s is for those who may read that itself.") % subject)
    row = Report(system=subject.system, version=subject.version, subject_id=subject.pk, kind=kind.kind)
    return asked(row, subject, language=language, actor=actor)


@transaction.atomic
def request_report_of_unit(
    unit: BusinessUnit, *, kind: str = "unit_compliance", actor: User, language: str = "en",
    schedule: ReportSchedule | None = None,
) -> Report:  # fmt: skip
    """Ask for a report on a unit and all units below it, by who may read what it rests on."""
    if kind not in ON_UNITS:
        raise BadInput(_("There is no report called “%s”.") % kind, field="kind")
    row = Report(of_unit=unit, kind=kind, schedule=schedule)
    access.require(actor, access.INCIDENT_VIEW, row)
    return asked(row, row, language=language, actor=actor)


def asked(row: Report, about: Any, *, language: str, actor: User) -> Report:
    """Keep and log the wish, and ring for it."""
    access.require(actor, access.REPORT_GENERATE, about)
    require_language(language)
    quotas.require_room(actor, row.unit)
    row.language, row.requested_by, row.framework = language, actor, REPORTS[row.kind].framework
    row.save()
    log.record(actor, "report.requested", row)
    jobs.enqueue(row)
    return row


@transaction.atomic
def request_pack(version: ModelVersion, *, actor: User, language: str = "en") -> Pack:
    """Ask for an evidence pack of a version; its report is built with it."""
    access.require(actor, access.PACK_GENERATE, version)
    require_language(language)
    quotas.require_room(actor, version.unit)
    row = Pack(system=version.home_system, version=version, language=language, requested_by=actor)
    row.save()
    log.record(actor, "pack.requested", row)
    jobs.enqueue(row)
    return row


@transaction.atomic
def request_board_pack(
    unit: BusinessUnit, *, actor: User, language: str = "en", schedule: ReportSchedule | None = None
) -> BoardPack:
    """Ask for the board pack of a unit and all units below it."""
    row = BoardPack(of_unit=unit, language=language, requested_by=actor, schedule=schedule)
    access.require(actor, access.REPORT_GENERATE, row)
    require_language(language)
    quotas.require_room(actor, unit)
    row.save()
    log.record(actor, "board_pack.requested", row)
    jobs.enqueue(row)
    return row


@transaction.atomic
def note_download(document: Filed, *, actor: User) -> None:
    """Write into the log who took the file: every download of a pack is known."""
    log.record(actor, f"{document.noun}.downloaded", document)
    told.has_read(document, actor=actor)
