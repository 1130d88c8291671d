"""The release policy of a tier: read from data, frozen into each review with its digest."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from registry.canonical import digest
from registry.decision.stages import Stage, stages_of
from registry.models import AISystem, Release, Review, ReviewPolicy
from registry.policies import reading
from registry.policies.promises import ALWAYS_MATERIAL
from registry.policies.refusals import NEVER_WAIVED

SOURCE = Path(__file__).parent / "data" / "policies.yaml"
# What an addition for a kind of system adds to; what else it names takes the place of what the tier says.
ADDING = ("evidence", "gates")
# What a dry run supposes, by the id of the release; gates take a release and nothing else, and ask for its policy here.
SUPPOSED: ContextVar[Mapping[UUID, "Policy"]] = ContextVar("SUPPOSED", default=MappingProxyType({}))


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
        return [slot for stage in self.stages for slot in stage.slots]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages in order."""
        return stages_of(self.body)

    @property
    def reminders(self) -> dict[str, Any]:
        """`days_before`, `escalate_after_days`, `escalate_to`, as far as it says (registry/reminders/rules.py)."""
        return dict(self.body.get("reminders", {}))

    @property
    def sign_in(self) -> str:
        """How a decision is signed: in the `session`, with the password given `fresh` for it, or with a `passkey`."""
        return str(self.body.get("sign_in", "session"))

    @property
    def approval_conditions(self) -> dict[str, Any]:
        """`most_days` that a condition may take, `publish_open` (before it is kept?), `on_overdue` (red or suspend)."""
        return {"most_days": 90, "publish_open": False, "on_overdue": "red"} | self.body.get("conditions", {})

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

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """The structured conditions, each with the moments at which it is asked; older bodies have none."""
        return list(self.body.get("gates", ()))

    @property
    def approval_days(self) -> int | None:
        """For how many days an approval holds; a policy that says nothing lets it hold without end."""
        return self.body.get("approval_valid_days")

    @property
    def suspends_at_end(self) -> bool:
        """Whether a published release is suspended when its approval has ended; else only its gate is red."""
        return bool(self.body.get("on_approval_end", "red") == "suspend")

    @property
    def on_failed_run(self) -> str:
        """What a later run that fails does to a published release: `red` closes its gate, `suspend` suspends it, too."""
        return str(self.body.get("on_failed_run", "red"))

    @property
    def rollout(self) -> list[dict[str, int]]:
        """The steps in which production is given to a release: `share` in per cent, `days` before the next step."""
        return list(self.body.get("rollout", ()))

    @property
    def immaterial(self) -> frozenset[str]:
        """Parts of the material whose change voids no sign-off."""
        return frozenset(self.body.get("immaterial", ())) - ALWAYS_MATERIAL

    def evidence_for(self, system: AISystem) -> list[dict[str, Any]]:
        """The evidence asked for on this system: `check` (vocabulary name) and the least `verdict`."""
        return [ask for ask in self.body["evidence"] if applies(ask.get("applies_when", ""), system)]


def applies(condition: str, system: AISystem) -> bool:
    """Whether a condition, the name of a yes/no field of the system, holds; an empty one always does."""
    return not condition or bool(getattr(system, condition))


@cache
def shipped() -> dict[str, Any]:
    """The policy that comes with the software; it is in force until one is approved, and has the number 0."""
    return reading.require_readable(SOURCE.read_text(encoding="utf-8"), people=False) | {"number": 0}


@lru_cache(maxsize=64)
def approved(pk: UUID) -> dict[str, Any]:
    """The body of an approved policy, which never changes again."""
    row = ReviewPolicy.objects.get(pk=pk)
    return {**row.body, "number": row.number}


def document() -> dict[str, Any]:
    """The policy in force: all tiers, and what is added for kinds of systems and for single ones."""
    pk = ReviewPolicy.objects.in_force().values_list("pk", flat=True).first()
    return shipped() if pk is None else approved(pk)


def of_tier(tier: str) -> Policy:
    """The policy in force for a tier, without what is added for kinds of systems."""
    return composed(document(), tier)


def of_system(system: AISystem, source: dict[str, Any] | None = None) -> Policy:
    """What a policy, by default the one in force, asks of a system: of its tier, of its kind and of itself."""
    found = source or document()
    kinds = [kind for kind in found.get("kinds", {}) if applies(kind, system)]
    parts = [found["kinds"][kind] for kind in kinds]
    if system.slug in found.get("systems", {}):
        kinds, parts = [*kinds, system.slug], [*parts, found["systems"][system.slug]]
    return composed(found, system.risk_tier, parts, kinds)


def composed(
    source: dict[str, Any], tier: str, parts: Sequence[dict[str, Any]] = (), kinds: Sequence[str] = ()
) -> Policy:
    """The body for a tier with additions: conditions and evidence are added, everything else is replaced."""
    body = {"name": source["name"], "version": source.get("version", 0), "number": source["number"], "tier": tier,
            **source["tiers"][tier]}  # fmt: skip
    for part in parts:
        more = {name: [*body.get(name, []), *part[name]] for name in ADDING if name in part}
        body = body | part | more
    return Policy(body | ({"kinds": list(kinds)} if kinds else {}))


def of_release(release: Release) -> Policy:
    """The policy frozen in the release's review, or the one of its system where nothing is frozen yet.

    A review is read once for each release at hand: what it froze never changes. A dry run supposes another policy.
    """
    supposed = SUPPOSED.get().get(release.pk)
    if supposed is not None:
        return supposed
    review: Review | None = None if release._state.adding else getattr(release, "review", None)
    return Policy(review.policy) if review else of_system(release.system)


@contextmanager
def supposing(release: Release, asked: Policy) -> Iterator[None]:
    """Within this block every gate that asks for the policy of the release gets this one."""
    before = SUPPOSED.set({**SUPPOSED.get(), release.pk: asked})
    try:
        yield
    finally:
        SUPPOSED.reset(before)
