"""What a worker does for feature attribution: SHAP values in the child, statistics here."""

from typing import Any

from rai.models import CheckRun
from rai.running.child import in_child, upload_caps
from rai.running.judging import attempt, bound, judged, rules

MOST_ROWS_EXPLAINED = 200_000


def feature_attribution(job: CheckRun) -> dict[str, Any]:
    """SHAP values in the child, statistics here."""
    from rai.checks import feature_attribution as check
    from rai.engine import attribution

    model = [(job.version.artifact, job.version.artifact_name)]
    info = in_child(job, "model_info", {}, {"model": model}).json
    groups = [job.parameters["groups"]] if job.parameters.get("groups") else []
    most = min(job.predictions.rows or 0, MOST_ROWS_EXPLAINED)
    files = {"model": model, "data": job.predictions.files}
    size = attribution.array_size(most, features=len(info["features"]), groups=len(groups))
    found = in_child(job, "attribute", {"seed": 0, "groups": groups, "caps": upload_caps()}, files, array=size)
    outcome = judged(
        check.run, attribution.from_reply(found.json, found.array), thresholds=rules(job), attempt=attempt(job)
    )
    return bound(outcome, job, ("lightgbm", "xgboost-cpu", "numpy", "shap"), found.level)
