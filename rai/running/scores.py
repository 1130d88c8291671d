"""What a worker does for checks of scores: performance, calibration, thresholds. Files go to the child, judging stays here."""

from typing import Any

from django.utils.translation import gettext as _

from rai.models import CheckRun
from rai.running import counting
from rai.running.child import in_child, upload_caps
from rai.running.judging import attempt, bound, judged, looks, rules
from registry.errors import BadInput

LIBRARIES = ("duckdb", "numpy", "scipy")
PAIRS = 2


def performance(job: CheckRun) -> dict[str, Any]:
    """Counts, and sums of the scores where a column is named; for numbers the sums of their errors."""
    wanted = job.parameters
    if wanted["kind"] == "regression":
        return numbers(job)
    from rai.checks import performance as check
    from rai.engine.cube import Cube

    read = {"target": wanted["target"], "prediction": wanted["prediction"] + wanted.get("cut", ""),
            "sensitive": wanted["sensitive"], "positive": wanted["positive"]}  # fmt: skip
    found = counting.counted(job, read)
    book = book_of(job, read_of(job, wanted["score"]))[0] if wanted.get("score") else None
    outcome = judged(check.run, Cube.from_json(found.json), book, **chosen(job))
    return bound(outcome, job, LIBRARIES, found.level)


def numbers(job: CheckRun) -> dict[str, Any]:
    """Errors of predicted numbers; pairs of columns are read for the search for weak spots."""
    from rai.checks import performance_numbers as check

    read = read_of(job, job.parameters["prediction"])
    read |= {"positive": None, "searched": PAIRS}
    book, level = book_of(job, read)
    return bound(judged(check.run, book, **chosen(job)), job, LIBRARIES, level)


def calibration(job: CheckRun) -> dict[str, Any]:
    """Sums and bins of scores in the child, intervals and verdicts here."""
    from rai.checks import calibration as check

    book, level = book_of(job, read_of(job, job.parameters["score"]) | {"is_probability": True})
    return bound(judged(check.run, book, **chosen(job)), job, LIBRARIES, level)


def read_of(job: CheckRun, score: str) -> dict[str, Any]:
    """Which columns the child reads."""
    wanted = job.parameters
    return {
        "target": wanted["target"], "score": score, "groups": wanted.get("sensitive") or [],
        "positive": wanted["positive"], "intersections": wanted["intersections"],
    }  # fmt: skip


def book_of(job: CheckRun, read: dict[str, Any]) -> tuple[Any, str]:
    """What the scores come to, and how the child was held."""
    from rai.engine import score_messages

    found = in_child(job, "scores", {"read": read, "caps": upload_caps()}, files_of(job))
    return judged(score_messages.book_of, found.json), found.level


def files_of(job: CheckRun) -> dict[str, Any]:
    """The uploaded table."""
    return {"data": job.predictions.files}


def chosen(job: CheckRun) -> dict[str, Any]:
    """How the run judges."""
    wanted = job.parameters
    return {
        "thresholds": rules(job), "intersections": wanted["intersections"], "min_group": wanted["min_group"],
        "attempt": attempt(job), "role": job.predictions.role, "looks": looks(job),
    }  # fmt: skip


def threshold_what_if(job: CheckRun) -> dict[str, Any]:
    """Rows above each threshold counted in the child, policies and verdicts here."""
    from rai.checks import threshold_what_if as check
    from rai.engine.cuts_message import cuts_of

    wanted = job.parameters
    threshold = number_of(wanted.get("threshold"))
    read = read_of(job, wanted["score"]) | {"threshold": threshold}
    found = in_child(job, "cuts", {"read": read, "caps": upload_caps()}, files_of(job))
    outcome = judged(
        check.run, judged(cuts_of, found.json), thresholds=rules(job), threshold=threshold,
        cost_false_positive=float(wanted["cost_false_positive"]), cost_false_negative=float(wanted["cost_false_negative"]),
        min_group=wanted["min_group"], attempt=attempt(job), looks=looks(job),
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)


def number_of(text: str | None) -> float | None:
    """A threshold as a person writes it; None where none was written."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise BadInput(_("“%s” is no threshold; write a number on the scale of the scores, such as 0.5.") % text) from error  # fmt: skip
