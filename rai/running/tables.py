"""What a worker does for checks of the data itself: representation, drift, data quality. Files go to the child, judging stays here."""

from typing import Any

from rai.models import CheckRun, Predictions
from rai.running import counting
from rai.running.child import in_child, upload_caps
from rai.running.judging import attempt, bound, judged, look_attempt, looks, rules

LIBRARIES = ("duckdb", "numpy", "scipy")


def representation(job: CheckRun) -> dict[str, Any]:
    """Labels counted by group in the child, shares and distances here."""
    from rai.checks import representation as check
    from rai.checks.shares import read_shares
    from rai.engine.cube import Cube

    wanted = job.parameters
    read = {name: wanted[name] for name in ("target", "sensitive", "positive")}
    read |= {"prediction": wanted["target"], "control": wanted.get("control") or []}
    found = counting.counted(job, read)
    outcome = judged(
        check.run, Cube.from_json(found.json), thresholds=rules(job), intersections=wanted["intersections"],
        min_group=wanted["min_group"], shares=judged(read_shares, wanted.get("shares") or ""), attempt=attempt(job),
        looks=looks(job),
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)


def drift(job: CheckRun) -> dict[str, Any]:
    """Both tables read in the child, shifts judged here as a look of the year: all looks share its budget."""
    from rai.checks import drift as check
    from rai.engine.shift_message import shift_of

    wanted, other = job.parameters, second_table(job, "reference")
    asked = {
        "outputs": [wanted["score"]] if wanted.get("score") else [], "features": wanted.get("features") or [], "target": wanted.get("target"),
        "prediction": wanted["prediction"] + (wanted.get("cut") or ""), "positive": wanted["positive"],
    }  # fmt: skip
    files = {"data": job.predictions.files, "reference": other.files}
    found = in_child(job, "compare", {"asked": asked, "caps": upload_caps()}, files)
    parameters = asked | {"reference": other.blob.digest, "reference_is": wanted["reference_is"]}
    outcome = judged(
        check.run,
        shift_of(found.json),
        thresholds=rules(job),
        looks=looks(job) or wanted["looks"],
        attempt=look_attempt(job),
        parameters=parameters,
    )
    return bound(outcome, job, LIBRARIES, found.level)


def second_table(job: CheckRun, name: str) -> Predictions:
    """The other table that a run was asked with; its digest goes into the outcome, and so into the evidence."""
    return Predictions.objects.select_related("blob").get(pk=job.parameters[name])


def data_quality(job: CheckRun) -> dict[str, Any]:
    """Cells and rows counted in the child, shares judged here."""
    from rai.checks import data_quality as check
    from rai.engine.quality_message import quality_of

    given = job.parameters
    wanted = {"target": given.get("target"), "positive": given["positive"], "key": given.get("key") or [], "expected": given.get("expected") or ""}  # fmt: skip
    files, parameters = {"data": job.predictions.files}, dict(wanted)
    if given.get("other"):
        other = second_table(job, "other")
        files["other"], parameters["other"] = other.files, other.blob.digest
    found = in_child(job, "look", {"wanted": wanted, "caps": upload_caps()}, files)
    outcome = judged(
        check.run, quality_of(found.json), thresholds=rules(job), attempt=attempt(job), looks=looks(job),
        parameters=parameters,
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)


def proxy_features(job: CheckRun) -> dict[str, Any]:
    """Inputs counted by protected group in the child, associations and verdicts here."""
    from rai.checks import proxy_features as check
    from rai.engine.proxies_message import proxies_of

    given = job.parameters
    names = {"protected": "sensitive", "features": "features", "leave_out": "leave_out"}
    asked = {name: given.get(parameter) or [] for name, parameter in names.items()}
    files = {"data": job.predictions.files}
    found = in_child(job, "beside", {"asked": asked, "caps": upload_caps()}, files)
    outcome = judged(
        check.run, judged(proxies_of, found.json), thresholds=rules(job), min_rows=given["min_group"],
        attempt=attempt(job), looks=looks(job), parameters=asked,
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, found.level)
