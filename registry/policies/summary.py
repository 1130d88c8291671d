"""A policy in words, tier by tier, for its page."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from registry.act_words import in_words
from registry.check_names import name_of
from registry.decision.stages import Stage, stages_of
from registry.gate_titles import title_of
from registry.models import AISystem, Duty, Tier
from registry.policies import conditions


@dataclass(frozen=True)
class Line:
    """One condition: what is asked, at which moments, of which systems, and what the policy says of it."""

    title: str
    moments: tuple[str, ...]
    when: str
    said: str


@dataclass(frozen=True)
class Summary:
    """What is asked of one tier, or added for a kind of system or a single one."""

    key: str
    label: str
    body: dict[str, Any]
    stages: tuple[Stage, ...]
    lines: tuple[Line, ...]

    @property
    def steps(self) -> list[tuple[Stage, str]]:
        """Each stage with its duties in words."""
        return [
            (
                stage,
                ", ".join(f"{Duty(ask.duty).label}{f' × {ask.count}' if ask.count > 1 else ''}" for ask in stage.asks),
            )
            for stage in self.stages
        ]

    @property
    def waived(self) -> list[str]:
        """What may be waived, in words."""
        return [title_of(slug) for slug in self.body.get("waivers", {}).get("gates", [])]

    @property
    def checks(self) -> list[str]:
        """The checks that are asked for, with what each must say."""
        verdicts = {"pass": _("must pass"), "recorded": _("must be there")}
        return [f"{name_of(ask['check'])} ({verdicts[ask['verdict']]})" for ask in self.body.get("evidence", [])]

    @property
    def rollout(self) -> str:
        """The shares of a roll-out, one after the other."""
        return " → ".join(f"{step['share']} %" for step in self.body.get("rollout", []))

    @property
    def immaterial(self) -> list[str]:
        """The parts whose change voids nothing, in words."""
        return [in_words(name) for name in self.body.get("immaterial", [])]


def summaries(body: dict[str, Any]) -> list[Summary]:
    """The tiers from the least to the most, then what is added for kinds of systems, then for single systems."""
    tiers = [summary(tier, str(Tier(tier).label), body["tiers"][tier]) for tier in Tier.values if tier in body["tiers"]]
    kinds = [summary(kind, field_label(kind), told) for kind, told in body.get("kinds", {}).items()]
    return tiers + kinds + [summary(slug, slug, told) for slug, told in body.get("systems", {}).items()]


def summary(key: str, label: str, told: dict[str, Any]) -> Summary:
    """One part in words."""
    stages = stages_of(told) if "stages" in told else ()
    return Summary(key, label, told, stages, tuple(line(asked) for asked in told.get("gates", [])))


def line(asked: dict[str, Any]) -> Line:
    """One condition in words."""
    kind = conditions.kind_of(asked)
    left = {name: value for name, value in asked.items() if name not in {"at", "when", "name"}}
    said = "; ".join(f"{name}: {plain(value)}" for name, value in left.items())
    when = asked.get("when", "")
    return Line(
        title_of(conditions.slug_of(asked)) if kind else said, conditions.moments(asked),
        field_label(when) if when else "", said,
    )  # fmt: skip


def plain(value: Any) -> str:
    """A value as it is read aloud."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(part)}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def field_label(name: str) -> str:
    """What people call a fact of a system."""
    return str(getattr(AISystem._meta.get_field(name), "verbose_name", name))
