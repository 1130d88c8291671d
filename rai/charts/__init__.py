"""Draws outcomes as SVG, in a worker: same outcome, language and theme, same bytes. The one place that knows altair."""

from rai.charts.groups import fairness
from rai.charts.inputs import attribution

__all__ = ["attribution", "fairness"]
