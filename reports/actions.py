"""Asks for reports and packs; workers build them."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from registry import access, jobs, quotas
from registry.audit import log
from registry.errors import BadInput
from registry.models import BusinessUnit, ModelVersion, User
from reports.catalogue import REPORTS
from reports.models import BoardPack, Filed, Pack, Report


def require_language(language: str) -> None:
    """One of the languages that the installation speaks."""
    if language not in dict(settings.LANGUAGES):
        raise BadInput(_("“%s” is no language of this installation.") % language, field="language")


@transaction.atomic
def request_report(version: ModelVersion, *, kind: str, actor: User, language: str = "en") -> Report:
    """Ask for a report on a version."""
    access.require(actor, access.REPORT_GENERATE, version)
    if kind not in REPORTS:
        raise BadInput(_("There is no report called “%s”.") % kind, field="kind")
    require_language(language)
    quotas.require_room(actor, version.unit)
    row = Report(
        system=version.home_system, version=version, kind=kind, framework=REPORTS[kind].framework, language=language,
        requested_by=actor,
    )  # fmt: skip
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
def request_board_pack(unit: BusinessUnit, *, actor: User, language: str = "en") -> BoardPack:
    """Ask for the board pack of a unit and all units below it."""
    row = BoardPack(of_unit=unit, language=language, requested_by=actor)
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
