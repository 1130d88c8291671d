"""The checks that this installation offers, in the order of its pages. Dotted paths are resolved in the worker alone."""

from rai.catalogue import inputs, people, quality, time, trials
from rai.parameters import CheckType, Parameter

__all__ = ["CHECKS", "CheckType", "Parameter"]

# The slug of a check stands in its entry and nowhere else.
CHECKS: dict[str, CheckType] = {
    check.slug: check
    for check in (
        people.GROUP_FAIRNESS,
        inputs.FEATURE_ATTRIBUTION,
        people.REPRESENTATION,
        time.DRIFT,
        inputs.DATA_QUALITY,
        quality.PERFORMANCE,
        time.GOLDEN_SET,
        time.GENERALISATION,
        time.FIELD,
        quality.CALIBRATION,
        quality.SAMPLE_ADEQUACY,
        people.PROXY_FEATURES,
        people.THRESHOLD_WHAT_IF,
        *trials.TRIALS,
    )
}
