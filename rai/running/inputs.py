"""What a worker does for feature attribution: SHAP values in the child, statistics here."""

from typing import Any

from django.utils.translation import gettext as _

from rai.models import CheckRun
from rai.running.child import in_child, upload_caps
from rai.running.judging import attempt, bound, judged, rules
from rai.running.scores import number_of
from registry.errors import BadInput

MOST_ROWS_EXPLAINED = 200_000
MOST_CHOSEN = 10


def feature_attribution(job: CheckRun) -> dict[str, Any]:
    """SHAP values in the child, statistics here."""
    from rai.checks import feature_attribution as check
    from rai.engine import attribution, forests

    forests.prepare()
    model = [(job.version.artifact, job.version.artifact_name)]
    info = in_child(job, "model_info", {}, {"model": model}).json
    asked = {"seed": 0, "groups": [job.parameters["groups"]] if job.parameters.get("groups") else [], **one_by_one(job)}
    most = min(job.predictions.rows or 0, MOST_ROWS_EXPLAINED)
    files = {"model": model, "data": job.predictions.files}
    size = attribution.array_size(most, features=len(info["features"]), groups=len(asked["groups"]))
    found = in_child(job, "attribute", asked | {"caps": upload_caps()}, files, array=size)
    outcome = judged(
        check.run, attribution.from_reply(found.json, found.array), thresholds=rules(job), attempt=attempt(job),
        asked={name: asked[name] for name in ("rows", "cut", "fixed")},
    )  # fmt: skip
    return bound(outcome, job, ("lightgbm", "xgboost-cpu", "numpy", "shap"), found.level)


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
