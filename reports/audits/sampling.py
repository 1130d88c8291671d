"""Samples that anybody can draw again: rows ranked by the hash of a seed and their id, the first of them taken."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _, gettext_lazy

from rai.models import CheckRun
from registry.canonical import digest
from registry.errors import BadInput
from registry.models import Deployment, ModelVersion, Release, RoleAssignment, User, Waiver
from reports.audits.actions import add_item
from reports.models import DeskItem
from risk.models import Incident, Risk


@dataclass(frozen=True)
class Population:
    """A table to draw from, and the way from a row to its system."""

    label: Any
    table: Any
    system: str


POPULATIONS: Final = {
    "versions": Population(gettext_lazy("Versions"), ModelVersion, "model__system"),
    "releases": Population(gettext_lazy("Releases"), Release, "system"),
    "check_runs": Population(gettext_lazy("Check runs"), CheckRun, "version__model__system"),
    "deployments": Population(gettext_lazy("Deployments"), Deployment, "release__system"),
    "waivers": Population(gettext_lazy("Waivers"), Waiver, "version__model__system"),
    "risks": Population(gettext_lazy("Risks"), Risk, "system"),
    "incidents": Population(gettext_lazy("Incidents"), Incident, "system"),
}
LARGEST: Final = 500


def drawn(ids: Iterable[str], *, size: int, seed: str) -> list[str]:
    """`size` of the ids: those with the smallest SHA-256 of `<seed>:<id>`, in this order. Any tool can repeat it."""
    return sorted(ids, key=lambda pk: hashlib.sha256(f"{seed}:{pk}".encode()).digest())[:size]


def rows(population: str, engagement: RoleAssignment, person: User) -> Any:
    """The rows of a population within an engagement, as the auditor may see them."""
    found = POPULATIONS[population]
    inside: dict[str, Any] = {f"{found.system}__unit__path__startswith": engagement.unit.path}
    inside |= {found.system: engagement.system_id} if engagement.system_id else {}
    return found.table.objects.visible_to(person).filter(**inside)


def draw_sample(
    engagement: RoleAssignment, *, population: str, size: int, seed: str, title: str, actor: User, text: str = ""
) -> DeskItem:
    """Draw, and record what was drawn from what: the digest of the sorted ids of the population, seed, size, sample."""
    if population not in POPULATIONS:
        raise BadInput(_("“%s” is no population.") % population, field="population")
    ids = sorted(str(pk) for pk in rows(population, engagement, actor).values_list("pk", flat=True))
    if not 0 < size <= min(len(ids), LARGEST):
        raise BadInput(
            _("There are %(count)d; draw between 1 and %(most)d of them.")
            % {"count": len(ids), "most": min(len(ids), LARGEST)},
            field="size",
        )
    sample = {
        "population": population, "count": len(ids), "digest": digest(ids), "seed": seed, "size": size,
        "ids": drawn(ids, size=size, seed=seed),
    }  # fmt: skip
    return add_item(engagement, kind=DeskItem.Kind.SAMPLE, title=title, text=text, actor=actor, sample=sample)


def is_repeated(item: DeskItem, person: User) -> bool:
    """Drawn again from what was there then, the sample is the same."""
    held, found = item.sample, rows(item.sample["population"], item.engagement, person)
    ids = sorted(str(pk) for pk in found.filter(created_at__lte=item.created_at).values_list("pk", flat=True))
    return held["digest"] == digest(ids) and held["ids"] == drawn(ids, size=held["size"], seed=held["seed"])


def sampled(item: DeskItem, person: User) -> list[Any]:
    """The drawn rows that the reader may see, in the order of drawing."""
    table = POPULATIONS[item.sample["population"]].table
    held = {str(row.pk): row for row in table.objects.visible_to(person).filter(pk__in=item.sample["ids"])}
    return [held[pk] for pk in item.sample["ids"] if pk in held]
