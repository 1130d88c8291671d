"""What a worker does for checks of counts by group: counts in the child, verdicts here."""

from collections.abc import Callable
from typing import Any

from rai.models import CheckRun
from rai.running import counting
from rai.running.judging import attempt, bound, judged, looks, rules


def sample_adequacy(job: CheckRun) -> dict[str, Any]:
    """How wide intervals are: on the counts of group fairness, so that rows read for one are not read for the other."""
    from rai.checks import sample_adequacy as check

    return on_counts(job, check.run)


def on_counts(job: CheckRun, run: Callable[..., Any]) -> dict[str, Any]:
    """Counts in the child, verdicts here: the judging code sees numbers only."""
    from rai.engine.cube import Cube

    wanted = job.parameters
    prediction = wanted["prediction"] + wanted.get("cut", "")
    read = {"target": wanted["target"], "prediction": prediction, "sensitive": wanted["sensitive"],
            "positive": wanted["positive"]}  # fmt: skip
    found = counting.counted(job, read)
    outcome = judged(
        run, Cube.from_json(found.json), thresholds=rules(job), intersections=wanted["intersections"],
        min_group=wanted["min_group"], attempt=attempt(job), role=job.predictions.role, looks=looks(job),
    )  # fmt: skip
    return bound(outcome, job, ("duckdb", "numpy"), found.level)
