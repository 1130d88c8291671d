"""The release policy of a tier: read from data, frozen into each review with its digest."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from registry.canonical import digest
from registry.errors import BadInput
from registry.models import AISystem, Release, Review

SOURCE = Path(__file__).parent / "data" / "policies.yaml"
# Who answers, and what signatures are bound to: no policy lets anybody go without these.
NEVER_WAIVED = frozenset({"owners", "binding"})


@dataclass(frozen=True)
class Policy:
    """What one tier asks. `body` is the JSON that a review freezes."""

    body: dict[str, Any]

    @property
    def digest(self) -> str:
        """Digest of the frozen JSON."""
        return digest(self.body)

    @property
    def slots(self) -> list[tuple[int, str, int]]:
        """Every sign-off that is asked for, as (stage, duty, ordinal), stages counted from 1."""
        return [
            (number, ask["duty"], ordinal)
            for number, stage in enumerate(self.body["stages"], 1)
            for ask in stage
            for ordinal in range(1, ask["count"] + 1)
        ]

    @property
    def card_completeness(self) -> float:
        """Least share of required card fields that must be filled."""
        return float(self.body["card_completeness"])

    @property
    def waivable(self) -> frozenset[str]:
        """The gates that may be waived, by their slugs; a policy that says nothing of waivers allows none."""
        return frozenset(self.body.get("waivers", {}).get("gates", ())) - NEVER_WAIVED

    @property
    def waiver_days(self) -> int:
        """For how many days at most a waiver may hold."""
        return int(self.body.get("waivers", {}).get("most_days", 0))

    def evidence_for(self, system: AISystem) -> list[dict[str, Any]]:
        """The evidence asked for on this system: `check` (vocabulary name) and the least `verdict`."""
        return [ask for ask in self.body["evidence"] if applies(ask.get("applies_when", ""), system)]


def applies(condition: str, system: AISystem) -> bool:
    """Whether a condition, the name of a yes/no field of the system, holds; an empty one always does."""
    return not condition or bool(getattr(system, condition))


@cache
def document() -> dict[str, Any]:
    """The policy file."""
    return checked(yaml.safe_load(SOURCE.read_text(encoding="utf-8")))


def checked(found: dict[str, Any]) -> dict[str, Any]:
    """The policies as they are, when none waives what is never waived."""
    for tier, asked in found["tiers"].items():
        wrong = sorted(NEVER_WAIVED & set(asked.get("waivers", {}).get("gates", ())))
        if wrong:
            raise BadInput(
                f"{SOURCE.name}, tier {tier}: the gate '{wrong[0]}' can never be waived; take it out of 'waivers'."
            )
    return found


def of_tier(tier: str) -> Policy:
    """The policy in force for a tier."""
    source = document()
    return Policy({"name": source["name"], "version": source["version"], "tier": tier, **source["tiers"][tier]})


def of_release(release: Release) -> Policy:
    """The policy frozen in the release's review, or the one of the tier where nothing is frozen yet."""
    review = None if release._state.adding else Review.objects.filter(release=release).first()
    return Policy(review.policy) if review else of_tier(release.system.risk_tier)
