"""The metrics of scores and numbers that rules can speak of, estimated for every group of a table of scores."""

import math
from dataclasses import dataclass

import numpy as np

from rai.engine.calibration import calibration_error
from rai.engine.cube import Table
from rai.engine.estimates import Areas, CalibrationErrors, Estimates, Means
from rai.engine.moments import Moment
from rai.engine.scores import Part, ScoreTable

NOTHING = Moment(0, 0.0, 0.0)


@dataclass(frozen=True)
class MeanOf:
    """The mean of a quantity (`rai.engine.scores` names them), or its root."""

    name: str
    quantity: str
    range: tuple[float, float]
    is_root: bool = False
    empty: str = "fewer than two rows"
    adds_up: bool = True

    def estimates(self, table: Table) -> Estimates:
        """The mean of every group; NaN below two rows."""
        found = [part.moments.get(self.quantity, NOTHING) for part in parts_in(table)]
        n = np.array([each.n for each in found], dtype=np.float64)
        mean = np.array([each.mean if each.n > 1 else math.nan for each in found])
        deviation = np.array([each.deviation for each in found])
        return Means(
            base=mean, n=n, size=n, clusters=nothing(n), deviation=deviation, range=self.range, is_root=self.is_root
        )


@dataclass(frozen=True)
class AreaUnderCurve:
    """The area under the ROC curve."""

    name: str = "roc_auc"
    empty: str = "no positives or no negatives"
    range: tuple[float, float] = (0.0, 1.0)
    adds_up: bool = False

    def estimates(self, table: Table) -> Estimates:
        """The area of every group; NaN without positives or negatives."""
        parts = parts_in(table)
        found = np.array([part.area for part in parts] + [None], dtype=object)[:-1]
        base = np.array([math.nan if one.value is None else one.value for one in found])
        n = np.array([part.n for part in parts], dtype=np.float64)
        return Areas(base=base, n=n, size=n, clusters=nothing(n), found=found, grown=np.ones(len(n)))


@dataclass(frozen=True)
class CalibrationError:
    """The root of the unbiased squared distance between scores and shares of positives, over bins."""

    name: str = "calibration_error"
    empty: str = "fewer than two bins: too few rows, or one score for nearly all"
    range: tuple[float, float] = (0.0, 1.0)
    adds_up: bool = False

    def estimates(self, table: Table) -> Estimates:
        """The error of every group; NaN with fewer than two bins."""
        parts = parts_in(table)
        bins = np.array([part.bins for part in parts] + [None], dtype=object)[:-1]
        base = np.array([math.nan if one is None else calibration_error(one) for one in bins])
        n = np.array([part.n for part in parts], dtype=np.float64)
        return CalibrationErrors(base=base, n=n, size=n, clusters=nothing(n), bins=bins)


ScoreMetric = MeanOf | AreaUnderCurve | CalibrationError

UNIT = (0.0, 1.0)
POSITIVE = (0.0, math.inf)
# The names are scikit-learn's; the mean residual is label − score.
RANKING: dict[str, ScoreMetric] = {
    "roc_auc": AreaUnderCurve(),
    "brier_score": MeanOf("brier_score", "brier_score", UNIT),
    "log_loss": MeanOf("log_loss", "log_loss", POSITIVE),
}
CALIBRATION: dict[str, ScoreMetric] = {
    "mean_residual": MeanOf("mean_residual", "residual", (-1.0, 1.0)),
    "calibration_error": CalibrationError(),
    "brier_score": MeanOf("brier_score", "brier_score", UNIT),
}
NUMBERS: dict[str, ScoreMetric] = {
    "mean_absolute_error": MeanOf("mean_absolute_error", "absolute", POSITIVE),
    "mean_squared_error": MeanOf("mean_squared_error", "squared", POSITIVE),
    "root_mean_squared_error": MeanOf("root_mean_squared_error", "squared", POSITIVE, is_root=True),
    "mean_residual": MeanOf("mean_residual", "residual", (-math.inf, math.inf)),
}


def parts_in(table: Table) -> tuple[Part, ...]:
    """The groups of a table of scores; raises TypeError for a table of counts, which is a defect."""
    if not isinstance(table, ScoreTable):
        raise TypeError("a metric of scores asked of counts")
    return table.parts


def nothing(n: np.ndarray) -> np.ndarray:
    """No clusters."""
    return np.full(len(n), math.nan)
