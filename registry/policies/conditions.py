"""The conditions that a policy may ask at a moment of decision. Any app adds a kind with `@condition`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise

from registry.gate_results import GateResult
from registry.gate_titles import TITLES, title_of
from registry.models import AISystem, Deployment, ModelVersion, Release

INTAKE, RELEASE, PUBLICATION = "intake", "release", "publication"
STAGE, DEPLOYMENT = "stage", "deployment"
PREFIX = "condition"


@dataclass(frozen=True)
class Case:
    """What is asked about: a system, or a release of it, or a deployment of that, at a moment."""

    system: AISystem
    at: str
    release: Release | None = None
    deployment: Deployment | None = None

    @property
    def version(self) -> ModelVersion | None:
        """The version of the release."""
        return self.release.version if self.release is not None else None


Asked = Mapping[str, Any]
Question = Callable[[Case, Asked], GateResult]


@dataclass(frozen=True)
class Kind:
    """A kind of condition: the key that names it, its question, the JSON schema of its value and of its further keys."""

    name: str
    ask: Question
    value: dict[str, Any]
    more: dict[str, dict[str, Any]]
    needs_release: bool


KINDS: dict[str, Kind] = {}


def condition(
    name: str, title: str | Promise, *, value: dict[str, Any], more: dict[str, dict[str, Any]] | None = None,
    needs_release: bool = False,
) -> Callable[[Question], Question]:  # fmt: skip
    """Register a kind of condition under the key that names it in a policy.

    `value` is the JSON schema of what stands behind the key, `more` of keys beside it; a kind that `needs_release`
    cannot be asked at intake or when a system moves from stage to stage.
    """

    def register(ask: Question) -> Question:
        KINDS[name] = Kind(name, ask, value, more or {}, needs_release)
        TITLES[f"{PREFIX}:{name}"] = title
        return ask

    return register


def kind_of(asked: Asked) -> str:
    """The key that names the kind; empty where no app knows one of the keys."""
    return next((name for name in asked if name in KINDS), "")


def slug_of(asked: Asked) -> str:
    """The name by which pages, waivers and records know a condition."""
    name = f"{PREFIX}:{kind_of(asked)}"
    return f"{name}:{asked['name']}" if asked.get("name") else name


def moments(asked: Asked) -> tuple[str, ...]:
    """When it is asked."""
    found = asked.get("at", RELEASE)
    return (found,) if isinstance(found, str) else tuple(found)


def is_of_release(moment: str) -> bool:
    """A release is there at this moment; at intake and when a system moves on there is none."""
    return moment in {RELEASE, PUBLICATION} or moment.partition(":")[0] == DEPLOYMENT


def concerns(asked: Asked, system: AISystem) -> bool:
    """The system is of the kind that the condition names; where it names none, every system is."""
    when = asked.get("when", "")
    return not when or bool(getattr(system, when, False))


def is_asked(asked: Asked, case: Case) -> bool:
    """At this moment, of this system; `deployment` alone stands for every environment."""
    named = {case.at, case.at.partition(":")[0]} if case.at.startswith(DEPLOYMENT) else {case.at}
    return bool(named & set(moments(asked))) and concerns(asked, case.system)


def answers(case: Case, asked: Sequence[Asked]) -> list[GateResult]:
    """The answers of those that are asked, in their order, with their names."""
    return [answer(case, one) for one in asked if is_asked(one, case)]


def answer(case: Case, asked: Asked) -> GateResult:
    """One answer. A kind that this installation does not know is unknown, hence no."""
    slug = slug_of(asked)
    kind = KINDS.get(kind_of(asked))
    if kind is None:
        found = GateResult.insufficient(f"{', '.join(sorted(set(asked) - {'at', 'when', 'name'}))}: ?")
    else:
        found = kind.ask(case, asked)
    return replace(found, slug=slug, title=title_of(slug))
