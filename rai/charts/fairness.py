"""Group fairness as a picture, by what is predicted: labels in percent, numbers in their own units."""

from typing import Any

from django.utils import translation

from rai.charts.drawing import THEMES, svg
from rai.charts.groups import fairness_panels
from rai.charts.scores import compared_panels


def fairness(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """The spread of each judged metric against its limit, then every group's metric with its interval.

    `language` is the active one unless named. Raises KeyError for a theme that does not exist.
    """
    with translation.override(language or translation.get_language()):
        is_number = outcome.get("inputs", {}).get("parameters", {}).get("kind") == "regression"
        panels = compared_panels if is_number else fairness_panels
        return svg(panels(outcome, THEMES[theme]), THEMES[theme])
