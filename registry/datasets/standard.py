"""The organisation's standard of data classes: their order, their names, and the uses that a relation asks for."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.models import DataTerms
from registry.models.datasets import DEFAULT_CLASS
from registry.vocabulary import read_yaml

FILE = Path(__file__).parent.parent / "data" / "data_standard.yaml"


@dataclass(frozen=True)
class DataClass:
    """A class of the standard; a higher rank wants more care."""

    slug: str
    title: str
    rank: int
    protection: str
    retention_days: int

    @property
    def label(self) -> str:
        """What people read."""
        return _(self.title)

    @property
    def protection_told(self) -> str:
        """What the standard asks for its protection, as people read it."""
        return _(self.protection)


@cache
def document() -> dict[str, Any]:
    """The file."""
    return read_yaml(FILE)


@cache
def classes() -> dict[str, DataClass]:
    """The classes by slug, lowest first."""
    return {row["slug"]: DataClass(rank=rank, **row) for rank, row in enumerate(document()["classes"])}


def choices() -> list[tuple[str, str]]:
    """Slug and label of each class, for a form."""
    return [(one.slug, one.label) for one in classes().values()]


def class_named(slug: str, field: str = "classification") -> DataClass:
    """The class; a slug that the standard does not hold is refused with those that it holds."""
    if slug not in classes():
        raise BadInput(
            _("“%(given)s” is no class of the standard; it holds %(known)s.")
            % {"given": slug, "known": ", ".join(classes())},
            field=field,
        )
    return classes()[slug]


def label_of(slug: str) -> str:
    """The label of a class; the slug of one that the standard holds no longer; a dash for none."""
    return classes()[slug].label if slug in classes() else slug or "–"


def rank_of(slug: str) -> int:
    """The rank of a class; one that the standard holds no longer counts as the highest, to be safe."""
    return classes()[slug].rank if slug in classes() else len(classes())


def highest(slugs: list[str]) -> str:
    """The highest of some classes; empty for none."""
    return max(slugs, key=rank_of, default="")


def output_class_of(terms: DataTerms) -> str:
    """The class of a system's output; where nobody has said one, that of data of which nobody has."""
    return terms.output_class or DEFAULT_CLASS


def default_clearance() -> str:
    """Up to which class a system is cleared when nobody has said otherwise."""
    return class_named(document().get("default_clearance", DEFAULT_CLASS)).slug


def uses_for(relation: str) -> tuple[str, ...]:
    """The uses for one of which data must be approved to stand at the end of a relation; none are asked for others."""
    return tuple(document()["uses"].get(relation, ()))


def asks_approval(tier: str) -> bool:
    """A release in this tier needs data that somebody approved."""
    return tier in document()["approval_asked_in"]


@dataclass(frozen=True)
class Rule:
    """What the standard asks of data that were obtained so, or are of this type; no `uses` allows all."""

    asks: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    keep_days: int | None = None


@cache
def rule_of(part: str, name: str) -> Rule:
    """The rule of a way of obtaining (`obtained`) or of a type (`kinds`); an empty one where the standard has none."""
    row = document()[part].get(name, {})
    return Rule(tuple(row.get("asks", ())), tuple(row.get("uses", ())), row.get("keep_days"))


def days(name: str) -> int:
    """A number of days that the standard sets."""
    return int(document()[name])
