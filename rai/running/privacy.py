"""What a worker does for checks of personal data: cells are looked over in the child, only counts come back and are judged here."""

from dataclasses import asdict
from typing import Any

from rai.models import CheckRun
from rai.running.child import in_child, upload_caps
from rai.running.judging import attempt, bound, judged, looks, rules

LIBRARIES = ("duckdb", "numpy", "scipy")


def pii_input(job: CheckRun) -> dict[str, Any]:
    """Personal data in what the version reads."""
    return personal_data(job)


def pii_output(job: CheckRun) -> dict[str, Any]:
    """Personal data in what the version puts out."""
    return personal_data(job)


def personal_data(job: CheckRun) -> dict[str, Any]:
    """Cells looked over in the child, held against what the record declared when the check was asked for."""
    from rai.checks import personal_data as check
    from rai.engine.personal.message import personal_of

    given = job.parameters
    declared = [check.Declared(**one) for one in given.get("declared") or []]
    columns, held_back = given.get("columns") or [], given.get("held_back") or None
    asked = asdict(check.asked_of(declared, columns=columns, held_back=held_back))
    found = in_child(job, "personal", {"asked": asked, "caps": upload_caps()}, {"data": job.predictions.files})
    outcome = judged(
        check.run, judged(personal_of, found.json), check=job.slug, declared=declared, thresholds=rules(job),
        attempt=attempt(job), looks=looks(job), parameters={"columns": list(columns), "held_back": held_back},
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)


def reidentification(job: CheckRun) -> dict[str, Any]:
    """Classes of rows counted in the child, judged here."""
    from rai.checks import reidentification as check
    from rai.engine.anonymity import classes_of

    asked = {"quasi": job.parameters.get("quasi") or [], "sensitive": job.parameters.get("sensitive") or None}
    found = in_child(job, "classes_apart", {"asked": asked, "caps": upload_caps()}, {"data": job.predictions.files})
    outcome = judged(
        check.run, judged(classes_of, found.json), thresholds=rules(job), attempt=attempt(job), looks=looks(job),
        parameters=asked,
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)
