"""Turns an outcome, which is codes and numbers, into sentences in the reader's language."""

from typing import Any

from rai.catalogue import CHECKS
from rai.wording import reported
from registry import record_checks
from registry.plugins import resolved


def sentences(outcome: dict[str, Any]) -> list[str]:
    """What an outcome says, most important first; the caveat of the intervals last. Empty for a check that is gone."""
    if "reported" in outcome:
        return reported.sentences(outcome)
    check = CHECKS.get(outcome.get("check", ""))
    return resolved(check.words)(outcome) if check else record_checks.sentences_of(outcome)
