"""What depends on a vendor or a component: systems and versions that use it, and what came from these, by which path."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from registry import lineage
from registry.models import AISystem, Audited, Component, ComponentUse, LineageLink, ModelVersion, Vendor

# Beginnings of one recursive query; SQLite takes 500 at most.
AT_ONCE: Final = 400


@dataclass(frozen=True)
class Dependant:
    """A system or version that would be touched, with the steps that lead from the vendor or component to it."""

    id: UUID
    type: str
    label: str
    path: tuple[str, ...]

    @property
    def distance(self) -> int:
        """How many steps away."""
        return len(self.path)


def components_of(found: Vendor | Component, person: Any) -> Any:
    """The component itself, or those of the vendor, as far as the person may see them."""
    rows = Component.objects.visible_to(person)
    return rows.filter(pk=found.pk) if isinstance(found, Component) else rows.filter(vendor=found)


def uses_on(found: Vendor | Component, person: Any) -> Any:
    """The live uses of it that the person may see."""
    rows = ComponentUse.objects.visible_to(person).live().filter(component__in=components_of(found, person))
    return rows.select_related("component__vendor", "system", "version__model").order_by("created_at", "pk")


def systems_on(found: Vendor | Component, person: Any) -> Any:
    """The systems that use it, by name."""
    uses = ComponentUse.objects.live().filter(component__in=components_of(found, person))
    return AISystem.objects.visible_to(person).filter(component_uses__in=uses).distinct().order_by("name")


def depends_on(found: Vendor | Component, person: Any) -> list[Dependant]:
    """Everything that depends on a vendor or component, nearest first, each once by a shortest path."""
    nearest: dict[UUID, Dependant] = {}
    used_by = list(uses_on(found, person))
    for use in used_by:
        keep(nearest, dependant(use.version or use.system, steps_to(use, found)))
    links = LineageLink.objects.visible_to(person)
    begun = [each for each in nearest.values() if each.type == ModelVersion._meta.label]
    for first, below in came_of_each(begun, links):
        for each in below:
            path = (*first.path, *(link.words for link in each.path))
            keep(nearest, Dependant(each.id, each.type, each.label, path))
    return sorted(nearest.values(), key=lambda each: (each.distance, each.label, str(each.id)))


def came_of_each(begun: list[Dependant], links: Any) -> Iterable[tuple[Dependant, list[lineage.Reached]]]:
    """What came of each version that uses it."""
    for start in range(0, len(begun), AT_ONCE):
        some = begun[start : start + AT_ONCE]
        below = lineage.reached_each([each.id for each in some], links, lineage.DOWN)
        yield from ((each, below[each.id]) for each in some)


def keep(nearest: dict[UUID, Dependant], each: Dependant) -> None:
    """Keep the shorter path to a thing."""
    known = nearest.get(each.id)
    if known is None or each.distance < known.distance:
        nearest[each.id] = each


def dependant(row: Audited, path: tuple[str, ...]) -> Dependant:
    """A row at the end of a path."""
    return Dependant(row.pk, row._meta.label, str(row), path)


def steps_to(use: ComponentUse, found: Vendor | Component) -> tuple[str, ...]:
    """The sentences from the vendor or component to who uses it."""
    uses = _("%(user)s uses %(component)s") % {"user": use.version or use.system, "component": use.component}
    if isinstance(found, Component):
        return (uses,)
    return _("%(component)s is supplied by %(vendor)s") % {"component": use.component, "vendor": found}, uses
