"""The areas that a board asks about, each with the requirements of the NIST AI RMF that decide its status."""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.evaluation import Evaluation

AREAS: Final[tuple[tuple[str | Promise, tuple[str, ...]], ...]] = (
    (_("Fairness"), ("MEASURE 2.11",)),
    (_("Explanation"), ("MEASURE 2.9",)),
    (_("Governance"), ("GOVERN 1.1", "GOVERN 1.4", "GOVERN 2.1", "MANAGE 1.1")),
    (_("Privacy"), ("MEASURE 2.10",)),
    (_("Security"), ("MEASURE 2.7",)),
    (_("Robustness"), ("MEASURE 2.5", "MEASURE 2.6")),
    (_("Transparency"), ("MEASURE 2.8",)),
)


def by_area(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Each area with what its requirements came to together, and which they are: met only where all that apply are."""
    found = {entry.requirement.id: entry.result for entry in evaluation.requirements}
    return [
        {"area": str(label), "result": together([found[name] for name in names]), "requirements": list(names)}
        for label, names in AREAS
    ]


def together(results: list[str]) -> str:
    """The result of several: all met is met, none met or partly is not met, nothing that applies is not applicable."""
    asked = [one for one in results if one != "not_applicable"]
    if not asked:
        return "not_applicable"
    if set(asked) == {"met"}:
        return "met"
    return "not_met" if set(asked) == {"not_met"} else "partly"
