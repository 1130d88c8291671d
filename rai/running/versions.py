"""What a worker does for checks over versions, time and places. Files go to the child, judging stays here."""

from typing import Any

from rai.models import CheckRun
from rai.running.child import in_child, upload_caps
from rai.running.judging import attempt, bound, judged, looks, rules
from rai.running.scores import files_of
from rai.running.tables import second_table
from registry.models import Evidence

LIBRARIES = ("duckdb", "numpy", "scipy")
KEYS_TOLD = 20
AS_IT_STANDS = "none"


def golden_set(job: CheckRun) -> dict[str, Any]:
    """Both tables matched in the child, changes judged here; keys leave the child only where they name no person."""
    from rai.checks import golden_set as check
    from rai.engine.pair_messages import pairs_of

    wanted = job.parameters
    asked = {
        "key": wanted["key"], **judged_columns(job),
        "shown": KEYS_TOLD if wanted["key_is"] == "case" else 0,
    }  # fmt: skip
    files, previous = files_of(job), None
    if wanted.get("previous"):
        previous = second_table(job, "previous")
        files["previous"] = previous.files
    found = in_child(job, "pair", {"asked": asked, "caps": upload_caps()}, files)
    outcome = judged(
        check.run, judged(pairs_of, found.json), thresholds=rules(job), attempt=attempt(job),
        role=job.predictions.role, looks=looks(job), parameters=asked | {"previous": previous.blob.digest if previous else None},
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)


def generalisation(job: CheckRun) -> dict[str, Any]:
    """Counts and sums by part in the child, parts held against each other here."""
    from rai.checks import generalisation as check
    from rai.engine.parts import parts_of

    wanted = job.parameters
    unit = wanted["unit"] if wanted["unit"] != AS_IT_STANDS else None
    asked = {"column": wanted["column"], "unit": unit, **judged_columns(job)}
    found = in_child(job, "parts", {"asked": asked, "caps": upload_caps()}, files_of(job))
    outcome = judged(
        check.run, judged(parts_of, found.json), thresholds=rules(job), min_group=wanted["min_group"],
        reference=wanted.get("reference") or None, attempt=attempt(job), role=job.predictions.role, looks=looks(job),
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)


def field(job: CheckRun) -> dict[str, Any]:
    """Labelled rows summed up in the child, held here against what the version showed on its test rows."""
    from rai.checks import field as check
    from rai.engine.labelled import labelled_of

    wanted = job.parameters
    asked = {"column": wanted.get("column") or None, "unit": None, **judged_columns(job)}
    if asked["column"]:
        asked["unit"] = wanted["unit"]
    found = in_child(job, "labelled", {"asked": asked, "caps": upload_caps()}, files_of(job))
    outcome = judged(
        check.run, judged(labelled_of, found.json), frozen_evidence(job), thresholds=rules(job),
        min_group=wanted["min_group"], attempt=attempt(job), role=job.predictions.role, looks=looks(job),
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)


def frozen_evidence(job: CheckRun) -> Any:
    """What the version showed on its test rows, bound by the digest of what is stored now; None where there was nothing."""
    from rai.checks.contract import digest_of_value
    from rai.checks.frozen import frozen_of
    from rai.running.replaying import content

    if not job.parameters.get("against"):
        return None
    outcome = Evidence.objects.get(pk=job.parameters["against"]).outcome
    return judged(frozen_of, outcome, digest_of_value(content(outcome)))


def judged_columns(job: CheckRun) -> dict[str, Any]:
    """What is predicted, and the columns that hold it."""
    wanted = job.parameters
    return {
        "target": wanted["target"], "prediction": wanted["prediction"] + (wanted.get("cut") or ""),
        "score": wanted.get("score") or None, "positive": wanted["positive"], "kind": wanted["kind"],
    }  # fmt: skip
