"""What a worker does for group fairness: counts in the child, verdicts here."""

from typing import Any

from rai.models import CheckRun
from rai.running import counting
from rai.running.judging import attempt, bound, judged, rules


def group_fairness(job: CheckRun) -> dict[str, Any]:
    """Counts in the child, verdicts here: the judging code sees numbers only."""
    from rai.checks import group_fairness as check
    from rai.engine.cube import Cube

    wanted = job.parameters
    prediction = wanted["prediction"] + wanted.get("cut", "")
    read = {"target": wanted["target"], "prediction": prediction, "sensitive": wanted["sensitive"],
            "positive": wanted["positive"]}  # fmt: skip
    found = counting.counted(job, read)
    outcome = judged(
        check.run, Cube.from_json(found.json), thresholds=rules(job), intersections=wanted["intersections"],
        min_group=wanted["min_group"], attempt=attempt(job), role=job.predictions.role,
    )  # fmt: skip
    return bound(outcome, job, ("duckdb", "numpy"), found.level)
