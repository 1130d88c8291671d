"""Matches a vendor's list of ends to the inventory: by base model, by provider and name, and by components in use."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry.models import ComponentUse, ModelVersion, VendorEndMatch
from registry.retirement.days import OVER
from registry.retirement.vendor_lists import End, plain

How = VendorEndMatch.How


@dataclass(frozen=True)
class Match:
    """A version to which a line applies, and how that was found."""

    version: ModelVersion
    how: str

    @property
    def how_label(self) -> str:
        """How, in words."""
        return str(How(self.how).label)


def matches(ends: list[End], person: Any, unit: Any) -> dict[int, list[Match]]:
    """For each row of a list the versions of the unit that it applies to, as far as the person may see them."""
    wanted = {plain(end.provider + end.model) for end in ends} | {plain(end.model) for end in ends}
    known: dict[str, list[Match]] = {}
    for name, match in named(person, unit):
        if name in wanted:
            known.setdefault(name, []).append(match)
    return {end.row: each_once([*known.get(plain(end.provider + end.model), ()), *bare(end, known)]) for end in ends}


def named(person: Any, unit: Any) -> Iterator[tuple[str, Match]]:
    """Every name under which a list may speak of a version that has not ended."""
    rows = ModelVersion.objects.visible_to(person).filter(model__system__unit__path__startswith=unit.path)
    by_system: dict[Any, list[ModelVersion]] = {}
    owners = ("model__system__unit", "model__system__business_owner", "model__system__technical_owner")
    for version in rows.exclude(status__in=OVER).select_related(*owners):
        by_system.setdefault(version.model.system_id, []).append(version)
        yield from ((name, Match(version, how)) for name, how in names_of(version))
    yield from by_components(person, unit, by_system)


def names_of(version: ModelVersion) -> Iterator[tuple[str, str]]:
    """The names of a version itself: provider and base model, or provider and its own name."""
    if version.base_model:
        yield plain(version.provider + version.base_model), How.BASE_MODEL
        yield plain(version.base_model), How.BASE_MODEL
    if version.provider:
        yield plain(version.provider + version.model.name), How.NAME
        yield plain(f"{version.provider}{version.model.name}{version.version}"), How.NAME


def by_components(person: Any, unit: Any, by_system: dict[Any, list[ModelVersion]]) -> Iterator[tuple[str, Match]]:
    """The names of components in use: for the version that uses one, or for every version where the system does."""
    uses = ComponentUse.objects.visible_to(person).live().filter(system__unit__path__startswith=unit.path)
    for use in uses.select_related("component"):
        versions = by_system.get(use.system_id, ())
        of_use = [version for version in versions if use.version_id in {None, version.pk}]
        part = use.component
        for name in (plain(part.provider + part.name), plain(part.provider + part.name + part.version)):
            yield from ((name, Match(version, How.COMPONENT)) for version in of_use)


def bare(end: End, known: dict[str, list[Match]]) -> list[Match]:
    """Versions that name the base model alone; whoever tuned it is their provider."""
    return [match for match in known.get(plain(end.model), ()) if match.how == How.BASE_MODEL]


def each_once(found: list[Match]) -> list[Match]:
    """Each version by the first way in which it was found."""
    return list({match.version.pk: match for match in reversed(found)}.values())[::-1]
