"""What a worker does for checks that try the model itself: trials in the child, intervals and verdicts here."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from rai.models import CheckRun
from rai.running.child import in_child, upload_caps
from rai.running.judging import attempt, bound, judged, rules
from rai.running.tables import second_table
from registry.errors import BadInput

LIBRARIES = ("lightgbm", "xgboost-cpu", "onnxruntime", "scikit-learn", "numpy", "scipy")
ROWS, ROWS_ATTACKED, ROWS_OF_EACH = 2_000, 400, 20_000


def perturbation(job: CheckRun) -> dict[str, Any]:
    """Rows moved by noise."""
    return tried(job, {"cut": number(job, "cut"), "share": positive(job, "share")}, rows=ROWS)


def adversarial(job: CheckRun) -> dict[str, Any]:
    """Rows moved by one plausible step each."""
    fixed = list(job.parameters.get("fixed") or [])
    return tried(job, {"cut": number(job, "cut"), "reach": positive(job, "reach"), "fixed": fixed}, rows=ROWS_ATTACKED)


def counterfactual_fairness(job: CheckRun) -> dict[str, Any]:
    """Rows with another value of the protected attribute."""
    return tried(job, {"cut": number(job, "cut"), "protected": job.parameters["protected"]}, rows=ROWS)


def out_of_distribution(job: CheckRun) -> dict[str, Any]:
    """Rows pushed beyond all that was seen."""
    return tried(job, {}, rows=ROWS)


def consistency(job: CheckRun) -> dict[str, Any]:
    """The same rows again, and beside uploaded scores."""
    asked = {"uploaded": job.parameters.get("uploaded") or None, "tolerance": number(job, "tolerance")}
    return tried(job, asked, rows=ROWS_OF_EACH)


def membership_inference(job: CheckRun) -> dict[str, Any]:
    """Rows of the training beside rows that the model never saw."""
    other = second_table(job, "other")
    asked = {"target": job.parameters["target"], "positive": job.parameters["positive"]}
    return tried(
        job, asked, rows=ROWS_OF_EACH, tables={"members": other.files}, most=2 * ROWS_OF_EACH, other=other.blob.digest
    )


def tried(
    job: CheckRun, asked: dict[str, Any], *, rows: int, tables: Mapping[str, Any] | None = None, most: int | None = None, **more: Any
) -> dict[str, Any]:  # fmt: skip
    """The trial in the child, then its outcome."""
    from rai.checks import trials

    files = {
        "model": [(job.version.artifact, job.version.artifact_name)],
        "data": job.predictions.files,
        **(tables or {}),
    }
    request = {"trial": job.slug, "seed": 0, "rows": rows, **asked, "caps": upload_caps()}
    found = in_child(job, "attempt", request, files, array=(most or rows, 3))
    outcome = judged(
        trials.run, judged(trials.lines_of, found.json, found.array), check=job.slug, thresholds=rules(job), attempt=attempt(job),
        asked={"seed": 0, **asked, **more},
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)


def number(job: CheckRun, name: str) -> float:
    """A number as a person writes it."""
    text = str(job.parameters.get(name) or "")
    try:
        return float(text)
    except ValueError as error:
        raise BadInput(_("“%s” is no number; write one such as 0.5.") % text, field=name) from error


def positive(job: CheckRun, name: str) -> float:
    """A number above 0."""
    found = number(job, name)
    if not 0 < found < float("inf"):
        raise BadInput(_("“%s” is not above 0; write a number such as 0.1.") % job.parameters[name], field=name)
    return found
