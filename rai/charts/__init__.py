"""Draws outcomes as SVG, in a worker: same outcome, language and theme, same bytes. The one place that knows altair."""

from rai.charts.adequacy import sample_adequacy
from rai.charts.attribution_shifts import attribution_drift
from rai.charts.cells import data_quality
from rai.charts.fairness import fairness
from rai.charts.field import field
from rai.charts.inputs import attribution
from rai.charts.people import representation
from rai.charts.policies import threshold_what_if
from rai.charts.privacy import personal_data, reidentification
from rai.charts.proxies import proxy_features
from rai.charts.scores import calibration, performance
from rai.charts.shifts import drift
from rai.charts.trials import trials
from rai.charts.versions import golden_set

__all__ = [
    "attribution",
    "attribution_drift",
    "calibration",
    "data_quality",
    "drift",
    "fairness",
    "field",
    "golden_set",
    "performance",
    "personal_data",
    "proxy_features",
    "reidentification",
    "representation",
    "sample_adequacy",
    "threshold_what_if",
    "trials",
]
