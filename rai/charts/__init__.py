"""Draws outcomes as SVG, in a worker: same outcome, language and theme, same bytes. The one place that knows altair."""

from rai.charts.cells import data_quality
from rai.charts.groups import fairness
from rai.charts.inputs import attribution
from rai.charts.people import representation
from rai.charts.scores import calibration, performance
from rai.charts.shifts import drift

__all__ = ["attribution", "calibration", "data_quality", "drift", "fairness", "performance", "representation"]
