"""Whether data may stand where a link would put them: cleared for, not withdrawn, approved for that use."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from registry import lineage
from registry.datasets import output_uses, standard
from registry.datasets.asked import unfit_uses
from registry.datasets.inputs import classes_below, clearance_of
from registry.errors import BadInput
from registry.looks import read_once
from registry.models import AISystem, BusinessUnit, DataAccess, DatasetVersion, LineageLink, ModelVersion

S = DatasetVersion.Status


def require_linkable(source: Any, relation: str, target: Any) -> None:
    """Refuse a link by which a system would use data that it may not."""
    require_cleared(source, joining_class(relation, target))
    output_uses.require_allowed(source, relation, target)
    if isinstance(target, DatasetVersion):
        home = getattr(source, "home_system", None)  # an artefact belongs to a unit, not to one system
        asks = home is not None and not source.is_draft and asks_approval(home)
        problem = unfit(target, relation, asks=asks) or not_lent(source, relation, target)
        if problem:
            raise BadInput(problem, field="target")


def joining_class(relation: str, target: Any) -> str:
    """The highest class of data that a link brings to its source; empty where it brings none."""
    if relation in lineage.NO_FLOW or relation in lineage.GIVES:
        return ""
    return standard.highest(classes_below(target))


def require_cleared(source: Any, data_class: str) -> None:
    """No system that would learn from the data, by this version or by one that came from it, is cleared for less."""
    if not data_class:
        return
    for system in systems_from(source):
        clearance = clearance_of(system)
        if standard.rank_of(data_class) > standard.rank_of(clearance):
            named = system if system == getattr(source, "home_system", None) else _("a system that uses this version")
            raise BadInput(
                _("This would bring data of the class “%(class)s” to %(system)s, cleared up to “%(clearance)s”.") % {
                    "class": standard.label_of(data_class), "system": named,
                    "clearance": standard.label_of(clearance),
                },
                field="target",
            )  # fmt: skip


def systems_from(source: Any) -> list[AISystem]:
    """The home of a version, then those of all versions that came from it."""
    below = lineage.came_of(source.pk, LineageLink.objects.all())
    versions = [each.id for each in below if each.type == ModelVersion._meta.label]
    home = [source.home_system] if isinstance(source, ModelVersion) else []
    others = AISystem.objects.filter(models__versions__in=versions).exclude(pk__in=[system.pk for system in home])
    return [*home, *others.distinct()]


def asks_approval(system: AISystem) -> bool:
    """Releases of the system need data that somebody approved."""
    return standard.asks_approval(system.risk_tier)


def unfit(data: DatasetVersion, relation: str, *, asks: bool) -> str:
    """Why a version of data may not be used this way, as a sentence; empty where it may.

    What was withdrawn, or restricted to other uses, may never; what nobody has decided on may where none `asks`.
    """
    uses = standard.uses_for(relation)
    if uses and not set(uses) - set(unfit_uses(data, list(uses))):
        return _("%(data)s holds data of the type “%(kind)s”, which never serve so.") % {
            "data": data, "kind": data.dataset.get_kind_display(),
        }  # fmt: skip
    if data.status == S.WITHDRAWN:
        return _("%(data)s is withdrawn: %(reason)s") % {"data": data, "reason": data.decision_reason}
    if not uses or data.is_approved_for(uses):
        return ""
    wanted = " / ".join(str(DatasetVersion.Use(use).label) for use in uses)
    if data.status == S.RESTRICTED:
        return _("%(data)s is approved for other uses only, not for: %(uses)s.") % {"data": data, "uses": wanted}
    if asks:
        return _("Nobody has approved %(data)s for: %(uses)s.") % {"data": data, "uses": wanted}
    return ""


def is_use(relation: str, target: Any) -> bool:
    """A link by which data are used."""
    return isinstance(target, DatasetVersion) and relation not in lineage.NO_FLOW and relation not in lineage.GIVES


def not_lent(source: Any, relation: str, data: DatasetVersion) -> str:
    """Why something may not use data of another unit, as a sentence; empty where it may or they are of its own."""
    system = getattr(source, "home_system", None)
    return no_access(system, source.unit, data) if is_use(relation, data) else ""


def no_access(system: AISystem | None, unit: BusinessUnit, data: DatasetVersion) -> str:
    """The same for a system, or for all systems of a unit. Data of a unit serve that unit and those below it."""
    if unit.path.startswith(data.unit.path):
        return ""
    asks = {"system": system} if system else {"system__unit": unit}
    if DataAccess.objects.in_force().filter(dataset=data.dataset_id, **asks).exists():
        return ""
    return _("%s belongs to another unit, and no access to it is in force. Ask its steward for access.") % data


@read_once
def used_by(version: ModelVersion) -> list[tuple[str, DatasetVersion]]:
    """The versions of data at the ends of a version's own links, each with the relation."""
    return linked_to([version.pk])


def linked_to(versions: Iterable[Any]) -> list[tuple[str, DatasetVersion]]:
    """The same for the ids of several versions."""
    links = LineageLink.objects.filter(source_id__in=versions, target_type=DatasetVersion._meta.label)
    rows = DatasetVersion.objects.select_related("dataset__unit").in_bulk([link.target_id for link in links])
    return [(link.relation, rows[link.target_id]) for link in links if link.target_id in rows]
