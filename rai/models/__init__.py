"""Predictions, check runs, limits and test plans: what is computed on, what was computed, and what was promised before."""

from rai.models.limits import MetricBaseline
from rai.models.plans import PlannedCheck, PlanRun, TestPlan
from rai.models.runs import MONITORING, PART, ROWS_ARE, CheckRun, OfVersion, Predictions

__all__ = [
    "MONITORING",
    "PART",
    "ROWS_ARE",
    "CheckRun",
    "MetricBaseline",
    "OfVersion",
    "PlanRun",
    "PlannedCheck",
    "Predictions",
    "TestPlan",
]
