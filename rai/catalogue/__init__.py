"""The checks that this installation offers, in the order of its pages. Dotted paths are resolved in the worker alone."""

from rai.catalogue import inputs, people, privacy, quality, time, trials
from rai.parameters import CheckType, Parameter
from registry.record_checks import RECORD_CHECKS, RecordCheck

__all__ = ["CHECKS", "CheckType", "Parameter", "limited"]

# The slug of a check stands in its entry and nowhere else.
CHECKS: dict[str, CheckType] = {
    check.slug: check
    for check in (
        people.GROUP_FAIRNESS,
        inputs.FEATURE_ATTRIBUTION,
        people.REPRESENTATION,
        time.DRIFT,
        inputs.ATTRIBUTION_DRIFT,
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
        privacy.PII_INPUT,
        privacy.PII_OUTPUT,
        privacy.REIDENTIFICATION,
    )
}


def limited() -> dict[str, CheckType | RecordCheck]:
    """The checks that limits are set for: all of these, and those of the records that say how a limit is read."""
    return CHECKS | {slug: check for slug, check in RECORD_CHECKS.items() if check.read_rule}
