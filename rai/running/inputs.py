"""What a worker does for feature attribution: SHAP values in the child, statistics here."""

from typing import Any

from django.utils.translation import gettext as _

from rai.models import CheckRun
from rai.running.child import in_child, upload_caps
from rai.running.judging import attempt, bound, judged, looks, rules
from rai.running.scores import number_of
from registry.errors import BadInput
from registry.models import Evidence

LIBRARIES = ("lightgbm", "xgboost-cpu", "numpy", "shap")
MOST_ROWS_EXPLAINED = 200_000
MOST_CHOSEN = 10


def feature_attribution(job: CheckRun) -> dict[str, Any]:
    """SHAP values in the child, statistics here."""
    from rai.checks import feature_attribution as check

    groups = [job.parameters["groups"]] if job.parameters.get("groups") else []
    asked = {"seed": 0, "groups": groups, "curves": list(job.parameters.get("curves") or []), **one_by_one(job)}
    found, level = explained(job, job, asked)
    outcome = judged(
        check.run, found, thresholds=rules(job), attempt=attempt(job),
        asked={name: asked[name] for name in ("rows", "cut", "fixed", "curves")},
    )  # fmt: skip
    return bound(outcome, job, LIBRARIES, level)


def attribution_drift(job: CheckRun) -> dict[str, Any]:
    """SHAP values of this model on these rows, and anew of the approved one on the rows that it was approved with."""
    from rai.checks import attribution_drift as check

    if not job.parameters.get("against"):
        raise BadInput(
            _(
                "No version of this model is in use whose inputs were explained. Run feature attribution on the approved "
                "version first."
            )
        )
    evidence = Evidence.objects.get(pk=job.parameters["against"])
    approved = CheckRun.objects.select_related("version__artifact", "predictions__blob").get(evidence=evidence)
    if (approved.version_id, approved.predictions.blob_id) == (job.version_id, job.predictions.blob_id):
        raise BadInput(_("These are the rows that the version was approved with; choose later ones."))
    asked = {"seed": 0, "groups": []}
    (now, level), (before, _level) = explained(job, job, asked), explained(job, approved, asked)
    bound_to = {"against": evidence.digest, "against_model": approved.version.artifact_hash, "against_data": approved.predictions.blob.digest}  # fmt: skip
    outcome = judged(
        check.run,
        now,
        before,
        thresholds=rules(job),
        attempt=attempt(job),
        looks=looks(job),
        asked={"seed": 0, **bound_to},
    )
    return bound(outcome, job, LIBRARIES, level)


def explained(job: CheckRun, run: CheckRun, asked: dict[str, Any]) -> tuple[Any, str]:
    """Attributions of a run's model on its rows, worked out in the child for a job, and the walls that it ran in."""
    from rai.engine import attribution, forests

    forests.prepare()
    model = [(run.version.artifact, run.version.artifact_name)]
    info = in_child(job, "model_info", {}, {"model": model}).json
    most = min(run.predictions.rows or 0, MOST_ROWS_EXPLAINED)
    size = attribution.array_size(most, features=len(info["features"]), groups=len(asked["groups"]))
    files = {"model": model, "data": run.predictions.files}
    found = in_child(job, "attribute", asked | {"caps": upload_caps()}, files, array=size)
    return attribution.from_reply(found.json, found.array), found.level


def one_by_one(job: CheckRun) -> dict[str, Any]:
    """The rows that were chosen, and what a change that turns them must keep to."""
    rows, cut = row_numbers(job.parameters.get("rows")), number_of(job.parameters.get("cut"))
    if cut is not None and not rows:
        raise BadInput(
            _("A change is looked for row by row: name the rows to explain, or leave “Positive from” empty.")
        )
    return {"rows": rows, "cut": cut, "fixed": list(job.parameters.get("fixed") or [])}


def row_numbers(text: str | None) -> list[int]:
    """Row numbers as a person writes them, each once."""
    words = (text or "").replace(",", " ").replace(";", " ").split()
    if not all(word.isascii() and word.isdecimal() and int(word) > 0 for word in words) or len(words) > MOST_CHOSEN:
        raise BadInput(_("“%s” names no rows; write up to ten whole numbers from 1 on, such as 4, 17, 203.") % text)
    return list(dict.fromkeys(int(word) for word in words))
