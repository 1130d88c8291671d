"""Bridges from the broker to the work: an id in, the row claimed, the work called."""

from typing import Any

from celery import shared_task

from rai.models import CheckRun, Predictions
from rai.running import partitions, runs
from registry import jobs


@shared_task(name="rai.read_columns")
def read_columns(pk: str) -> None:
    """Read the columns of an uploaded table."""
    jobs.work(Predictions, pk, runs.read_columns)


@shared_task(name="rai.run_check")
def run_check(pk: str) -> None:
    """Run a check that was asked for."""
    jobs.work(CheckRun, pk, runs.run_check)


@shared_task(name=partitions.TASK)
def count_part(pk: str, read: dict[str, Any], part: list[int]) -> None:
    """Help with a part of a run that another worker holds."""
    partitions.help_with(pk, read, (part[0], part[1]))
