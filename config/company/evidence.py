"""Test rows drawn for the systems whose release needs a check, and the checks computed on them by the worker."""

import io
import time
from collections.abc import Iterable
from typing import Any

from django.db import connection

from config.company.story import Company, Story
from rai import actions as checks
from rai.models import CheckRun, Predictions
from registry.models import Job, JobStatus

PATIENCE = 120.0
PAUSE = 0.1
ROWS = 6000
LIMIT = "selection_rate_difference<=0.10"
COLUMNS = {"target": "label", "prediction": "decision", "positive": "1", "sensitive": ["sex", "age_band"]}


def is_checked(told: dict[str, Any]) -> bool:
    """The release of the system needs a check."""
    return bool(told.get("checked"))


def upload(company: Company, stories: list[Story]) -> list[Job]:
    """For each system a limit and a table of predictions, all on their way at once."""
    return [uploaded(company, story) for story in stories]


def request(company: Company, stories: list[Story], tables: list[Job]) -> list[Job]:
    """A fairness check on each table, once it has been read."""
    return [requested(company, story, table) for story, table in zip(stories, tables, strict=True)]


def let_worker_write(jobs: list[Job]) -> None:
    """A pause between two transactions while there is work, until it wrote: SQLite is not fair to a writer who waits."""
    if connection.vendor != "sqlite" or all(map(is_over, jobs)):
        return
    known, until = changes_of_others(), time.monotonic() + PAUSE
    while changes_of_others() == known and time.monotonic() < until:
        time.sleep(PAUSE / 20)


def changes_of_others() -> int:
    """A number that SQLite moves when another connection has written."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


def wait(runs: Iterable[Job]) -> None:
    """Return when all are over; RuntimeError with the reason of one that failed."""
    for run in runs:
        waited(run)


def uploaded(company: Company, story: Story) -> Predictions:
    """The limit, set by the risk officer before any figure is known, and the drawn rows."""
    limit = checks.propose_baseline(
        story.system, slug="group_fairness", rule=LIMIT, rationale=story.words["limit"],
        actor=company.people["risk"],
    )  # fmt: skip
    checks.approve_baseline(limit, reason=story.words["decided"], actor=company.people["second_approver"])
    return checks.upload_predictions(
        story.version, content=drawn_rows(company), name="test_rows.csv", actor=story.system.technical_owner
    )


def drawn_rows(company: Company) -> bytes:
    """A CSV of drawn cases: label, score, decision and two group columns that hardly touch the decision."""
    table = io.StringIO()
    table.write("label,score,decision,sex,age_band\n")
    draw = company.draw
    for _row in range(ROWS):
        sex, band = draw.choice(("female", "male")), draw.choice(("18-34", "35-54", "55+"))
        score = min(max(draw.gauss(0.5 if band != "55+" else 0.49, 0.2), 0.001), 0.999)
        label = int(draw.random() < score)
        table.write(f"{label},{score:.4f},{int(score >= 0.55)},{sex},{band}\n")
    return table.getvalue().encode()


def requested(company: Company, story: Story, table: Job) -> CheckRun:
    """The fairness check on the rows, once they have been read."""
    return checks.request_check(
        story.version, slug="group_fairness", predictions=waited(table), actor=story.system.technical_owner,
        parameters=COLUMNS,
    )  # fmt: skip


def is_over(job: Job) -> bool:
    """The job has ended, well or not, as the database has it now."""
    return type(job).objects.get(pk=job.pk).is_over


def waited(job: Job) -> Any:
    """The job when it is over; RuntimeError with its reason when it erred or takes too long."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        job = type(job).objects.get(pk=job.pk)
        if job.status == JobStatus.FINISHED:
            return job
        if job.is_over:
            raise RuntimeError(f"{job.noun} {job.get_status_display()}: {job.reason}")
        time.sleep(0.1)
    raise RuntimeError(f"{job.noun} is still {job.get_status_display()} after {PATIENCE:.0f} s; see worker.log.")
