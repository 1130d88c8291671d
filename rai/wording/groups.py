"""Turns outcomes of group fairness into sentences in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _

from rai.wording.rules import details, dropped, metric_of, threshold_sentence
from rai.wording.scores import rule_sentence, without


def group_fairness(outcome: dict[str, Any]) -> list[str]:
    """One sentence a rule, then how the verdict came about, then what the interval does not cover."""
    thresholds = outcome.get("thresholds", [])
    kind = kind_of(outcome)
    said = [nothing_compared(entry, outcome) or verdict_sentence(entry, kind) for entry in thresholds]
    if not thresholds:
        said = [_("No limit was given, so nothing was judged; the rates are recorded.")]
    said += [detail for entry in thresholds for detail in details(entry)]
    said += without(outcome) if kind == "regression" else dropped(outcome)
    said.append(
        _(
            "The interval covers sampling error only: not biased labels, not a test sample unlike the people served, not proxies."
        )
    )
    return list(dict.fromkeys(said))


def kind_of(outcome: dict[str, Any]) -> str:
    """What is predicted; an outcome that does not say so speaks of two labels."""
    return str(outcome.get("inputs", {}).get("parameters", {}).get("kind") or "classification")


def verdict_sentence(entry: dict[str, Any], kind: str) -> str:
    """The verdict on one rule: numbers in their own units, rates in points; of one class where it is about one."""
    if kind == "regression":
        return rule_sentence(entry)
    if not entry.get("control"):
        return threshold_sentence(entry)
    stratum = ", ".join(str(value) for value in entry["control"].values())
    return _("For %(stratum)s: %(said)s") % {"stratum": stratum, "said": threshold_sentence(entry)}


def nothing_compared(entry: dict[str, Any], outcome: dict[str, Any]) -> str:
    """What is said, and what to do, where fewer than two groups could be judged; empty where they were compared."""
    if "nothing_to_compare" not in entry.get("reasons", []):
        return ""
    facts = {"metric": metric_of(entry["rule"])[0], "by": " × ".join(entry["by"]), "rule": entry["rule"]}
    present = [group for group in outcome.get("groups", []) if group["by"] == list(entry["by"])]
    if len(present) == 1:
        facts["group"] = ", ".join(str(value) for value in present[0]["group"].values())
        return (
            _(
                "%(metric)s by %(by)s could not be compared: every row is of one group, %(group)s. Group by another column, or upload a table that holds rows of the other groups too."
            )
            % facts
        )
    return (
        _(
            "%(metric)s by %(by)s could not be compared: fewer than two groups have rows enough to decide on %(rule)s. This is not a pass and not a fault of the model. Upload a table with more rows of each group."
        )
        % facts
    )
