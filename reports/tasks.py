"""Bridges from the broker to the work: an id in, the row claimed, the work called."""

from celery import shared_task

from registry import jobs
from reports import building, countersigning, minutes
from reports.models import BoardPack, Minutes, Pack, Report, Signature
from reports.packs import building as packs
from reports.standings import keeping


@shared_task(name="reports.build_report")
def build_report(pk: str) -> None:
    """Build a report."""
    jobs.work(Report, pk, building.build_report)


@shared_task(name="reports.build_pack")
def build_pack(pk: str) -> None:
    """Build an evidence pack."""
    jobs.work(Pack, pk, packs.build_pack)


@shared_task(name="reports.build_board_pack")
def build_board_pack(pk: str) -> None:
    """Build a board pack."""
    jobs.work(BoardPack, pk, building.build_board_pack)


@shared_task(name="reports.build_minutes")
def build_minutes(pk: str) -> None:
    """Build the minutes of a meeting."""
    jobs.work(Minutes, pk, minutes.build_minutes)


@shared_task(name="reports.sign")
def sign(pk: str) -> None:
    """Sign a pack, in the process that holds the key."""
    jobs.work(Signature, pk, countersigning.give)


@shared_task(name="reports.renew_standings")
def renew_standings() -> None:
    """Bring the standings up to date; more than one at once does no harm."""
    keeping.renew_logged()
