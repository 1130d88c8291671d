"""Plans for the end of versions as facts, and the ends that were reached by them."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from registry.models import ComponentUse, Consumer, PlanItem, RetirementPlan
from reports.facts import Fact, Subject, WorkflowFact
from reports.scope import Scope, fields_of, subject_of, subjects_of


def plans_in(scope: Scope) -> list[RetirementPlan]:
    """The plans of versions of the systems in sight."""
    rows = scope.rows(RetirementPlan).select_related("version__model", "version__successor")
    return [row for row in rows if row.version.model.system_id in scope.system_ids]


def components_of(scope: Scope) -> dict[UUID, set[UUID]]:
    """By version: the components that it uses."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for version, component in (
        scope.rows(ComponentUse).filter(version__isnull=False).values_list("version", "component")
    ):
        found[version].add(component)
    return found


def looked_at(scope: Scope) -> dict[UUID, list[str]]:
    """By version: what was done about those who use it and about what came from it."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for line in scope.rows(PlanItem).filter(key__in=("consumers_told", "dependants_checked")).select_related("plan"):
        found[line.plan.version_id].append(line.evidence)
    for use in scope.rows(Consumer).filter(acknowledged_at__isnull=False):
        found[use.version_id].append(use.answer or str(use.acknowledged_date))
    return found


def access_removed(scope: Scope) -> dict[UUID, str]:
    """By version: what shows that access was removed."""
    lines = scope.rows(PlanItem).filter(key="access_removed").select_related("plan")
    return {line.plan.version_id: line.evidence for line in lines}


def subjects(scope: Scope, row: RetirementPlan, components: dict[UUID, set[UUID]]) -> frozenset[Subject]:
    """The version, the systems that it serves, and the components of others that end with it."""
    named: set[Subject] = {("component", str(pk)) for pk in components.get(row.version_id, ())}
    return frozenset(named) | subjects_of(scope.systems_served_by(row.version_id)) | {
        ("model_version", str(row.version_id))
    }  # fmt: skip


def plans(scope: Scope) -> Iterator[Fact]:
    """One row a plan; what takes the place of the version is its successor, or what the plan says."""
    components, checked, removed = components_of(scope), looked_at(scope), access_removed(scope)
    for row in plans_in(scope):
        yield Fact(
            id=str(row.pk), label=str(row), subject=subject_of(row.version.model.system_id),
            also=subjects(scope, row, components), url=row.get_absolute_url(),
            fields=fields_of(
                row, "retirement_plan", retire_on=row.version.retirement_date,
                replacement=str(row.version.successor) if row.version.successor else row.plan,
                dependency_review="\n".join(checked[row.version_id]), access_removed=removed.get(row.version_id),
                approved_at=None,
            ),
        )  # fmt: skip


def retirements(scope: Scope) -> Iterator[WorkflowFact]:
    """Versions that were taken out of use by their plans."""
    components = components_of(scope)
    for row in plans_in(scope):
        if row.completed_at is not None:
            yield WorkflowFact(
                id=str(row.pk), label=str(row), subject=subject_of(row.version.model.system_id),
                also=subjects(scope, row, components), url=row.get_absolute_url(), workflow="retirement",
                outcome="completed", ended_at=row.completed_at,
                steps={"author": frozenset({str(row.written_by_id)})},
            )  # fmt: skip
