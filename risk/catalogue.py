"""The catalogue of AI risks and controls, and the rule that rates a risk by likelihood and impact; pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.vocabulary import read_yaml

FILE: Final = Path(__file__).parent / "templates_data" / "risk_catalogue.yaml"
STEPS: Final = range(1, 6)
LEVELS: Final = ("low", "medium", "high", "critical")
GRAVE_HARMS: Final = frozenset({"safety", "rights"})
GRAVE_IMPACT: Final = 5
GRAVE_LEVEL: Final = "high"


@dataclass(frozen=True)
class Known:
    """A catalogued risk: what it is, whom it harms, and the controls and checks that speak to it."""

    id: str
    title: str
    component: str
    applies_when: str
    description: str
    harms: tuple[str, ...]
    principle: str
    controls: tuple[str, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Scales, the level of every product, and the catalogued risks and controls."""

    version: str
    likelihood: Mapping[int, str]
    impact: Mapping[int, str]
    bands: tuple[tuple[int, int, str], ...]
    components: Mapping[str, str]
    harms: Mapping[str, str]
    controls: Mapping[str, str]
    risks: Mapping[str, Known]

    def level(self, likelihood: int, impact: int, *, harms: Collection[str] = ()) -> str:
        """The level of a rating, both steps from 1 to 5; an impact of 5 on safety or rights is at least high.

        Raises BadInput for a step outside the scale.
        """
        for name, step in (("likelihood", likelihood), ("impact", impact)):
            if isinstance(step, bool) or step not in STEPS:
                raise BadInput(
                    _("“%(step)s” is no step of the scale for %(name)s; choose 1 to 5.") % {"step": step, "name": name},
                    field=name,
                )
        product = likelihood * impact
        level = next(name for first, last, name in self.bands if first <= product <= last)
        if impact == GRAVE_IMPACT and GRAVE_HARMS & set(harms):
            return max(level, GRAVE_LEVEL, key=LEVELS.index)
        return level


def scale(steps: list[str]) -> Mapping[int, str]:
    """Steps written as `1 rare`."""
    pairs = (step.split(" ", 1) for step in steps)
    return MappingProxyType({int(number): name for number, name in pairs})


def known(raw: Mapping[str, Any]) -> Known:
    """One catalogued risk."""
    names = ("id", "title", "component", "applies_when", "description")
    lists = {name: tuple(raw.get(name, ())) for name in ("harms", "controls", "checks")}
    return Known(principle=raw.get("principle", ""), **{name: raw[name] for name in names} | lists)


def parsed(path: Path) -> Catalogue:
    """The catalogue in a file; BadInput names what does not hold."""
    raw = read_yaml(path)
    bands = tuple((band["from"], band["to"], band["level"]) for band in raw["scales"]["level_from_product"])
    found = Catalogue(
        version=str(raw["version"]),
        likelihood=scale(raw["scales"]["likelihood"]),
        impact=scale(raw["scales"]["impact"]),
        bands=bands,
        components=MappingProxyType(raw["components"]),
        harms=MappingProxyType(raw["harms"]),
        controls=MappingProxyType({control["id"]: control["name"] for control in raw["controls"]}),
        risks=MappingProxyType({entry["id"]: known(entry) for entry in raw["risks"]}),
    )
    for fault in faults(found, listed=len(raw["risks"])):
        raise BadInput(f"{path.name}: {fault}")
    return found


def faults(found: Catalogue, *, listed: int) -> list[str]:
    """What does not hold, one sentence each."""
    sentences = []
    covered = [product for first, last, _level in found.bands for product in range(first, last + 1)]
    if covered != list(range(1, 26)) or tuple(level for *_edges, level in found.bands) != LEVELS:
        sentences.append("level_from_product must cover 1 to 25 once, from low to critical.")
    if set(found.likelihood) != set(STEPS) or set(found.impact) != set(STEPS):
        sentences.append("likelihood and impact need the steps 1 to 5.")
    if len(found.risks) != listed:
        sentences.append("an id of a risk stands twice.")
    for risk in found.risks.values():
        strange = [name for name in risk.controls if name not in found.controls]
        strange += [name for name in risk.harms if name not in found.harms]
        strange += [risk.component] if risk.component not in found.components else []
        sentences += [f"{risk.id}: {name} is not defined in the file." for name in strange]
    return sentences


@cache
def catalogue() -> Catalogue:
    """The catalogue of this installation, read once a process."""
    return parsed(FILE)
