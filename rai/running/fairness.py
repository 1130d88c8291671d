"""What a worker does for group fairness, by what is predicted: counts or sums in the child, verdicts here."""

from typing import Any

from rai.models import CheckRun
from rai.running.child import in_child, upload_caps
from rai.running.groups import on_counts
from rai.running.judging import bound, judged
from rai.running.scores import book_of, chosen, files_of, read_of


def group_fairness(job: CheckRun) -> dict[str, Any]:
    """Two labels, several classes or numbers; a run from before there was a choice is one of two labels."""
    kinds = {"multiclass": of_classes, "regression": of_numbers}
    return kinds.get(job.parameters.get("kind", ""), of_labels)(job)


def of_labels(job: CheckRun) -> dict[str, Any]:
    """Rates of two labels and how they differ."""
    from rai.checks import group_fairness as check

    return on_counts(job, check.run)


def of_classes(job: CheckRun) -> dict[str, Any]:
    """Rates of each class against the rest, and means over the classes."""
    from rai.checks import group_fairness_classes as check
    from rai.engine.class_messages import class_cube_of

    wanted = job.parameters
    read = {"target": wanted["target"], "prediction": said(job), "sensitive": wanted["sensitive"]}
    found = in_child(job, "classes", {"read": read, "caps": upload_caps()}, files_of(job))
    outcome = judged(check.run, judged(class_cube_of, found.json), **chosen(job))
    return bound(outcome, job, ("duckdb", "numpy", "scipy"), found.level)


def of_numbers(job: CheckRun) -> dict[str, Any]:
    """Mean prediction and errors."""
    from rai.checks import group_fairness_numbers as check

    book, level = book_of(job, read_of(job, said(job)) | {"positive": None})
    return bound(judged(check.run, book, **chosen(job)), job, ("duckdb", "numpy", "scipy"), level)


def said(job: CheckRun) -> str:
    """The prediction; a cut-off, which has no meaning here, is not passed over but refused with the column."""
    return str(job.parameters["prediction"]) + (job.parameters.get("cut") or "")
