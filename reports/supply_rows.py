"""What comes from others, and artefacts, as facts: vendors, agreements, components in use, versions of artefacts."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from registry.models import Agreement, ArtifactVersion, Component, ComponentUse, Release, Vendor
from reports.facts import Fact, Member
from reports.risk_rows import said_to
from reports.scope import Scope, fields_of, subjects_of
from risk.models import VendorAssessment

DECIDED = (Release.Status.APPROVED, Release.Status.PUBLISHED)
"""What stands in a release of these statuses was approved with it."""


def systems_by_component(scope: Scope) -> dict[UUID, set[UUID]]:
    """The systems that use each component today."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for use in scope.rows(ComponentUse).live():
        found[use.component_id].add(use.system_id)
    return found


def systems_by_vendor(scope: Scope) -> dict[UUID, set[UUID]]:
    """The systems that use something of each vendor."""
    used = systems_by_component(scope)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for pk, vendor in scope.rows(Component).filter(vendor__isnull=False).values_list("pk", "vendor"):
        found[vendor] |= used.get(pk, set())
    return found


def vendors(scope: Scope) -> Iterator[Fact]:
    """One row a vendor, about itself and the systems that use something of it."""
    served = systems_by_vendor(scope)
    for row in scope.rows(Vendor):
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=("vendor", str(row.pk)),
            also=subjects_of(served.get(row.pk, set())),
            url=row.get_absolute_url(),
            fields=fields_of(row, "vendor"),
        )


def agreements(scope: Scope) -> Iterator[Fact]:
    """One row an agreement, about its vendor and the systems that rest on it."""
    served = systems_by_vendor(scope)
    for row in scope.rows(Agreement).select_related("vendor"):
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=("vendor", str(row.vendor_id)),
            also=subjects_of(served.get(row.vendor_id, set())),
            url=row.get_absolute_url(),
            fields=fields_of(row, "agreement"),
        )


def assessments(scope: Scope) -> Iterator[Fact]:
    """One row an assessment that was decided on, about its vendor and the systems that use something of it."""
    served = systems_by_vendor(scope)
    for row in scope.rows(VendorAssessment).filter(status="decided").select_related("vendor"):
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=("vendor", str(row.vendor_id)),
            also=subjects_of(served.get(row.vendor_id, set())),
            url=row.get_absolute_url(),
            fields=fields_of(row, "vendor_assessment", **said_to(row)),
        )


def components(scope: Scope) -> Iterator[Fact]:
    """One row a component of the catalogue, with what was changed in it and when the terms of its vendor were read."""
    used, changed = systems_by_component(scope), changes_of(scope)
    read = dict(
        Agreement.objects.active().filter(reviewed_at__isnull=False).order_by("reviewed_at")
        .values_list("vendor", "reviewed_at")
    )  # fmt: skip
    for row in scope.rows(Component).select_related("vendor"):
        fields = fields_of(
            row,
            "component",
            supplier=row.vendor.name if row.vendor else row.provider,
            retirement_date=row.end_of_life,
            modifications="\n".join(changed.get(row.pk, ())),
            terms_reviewed_at=read.get(row.vendor_id),
        )
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=("component", str(row.pk)),
            also=subjects_of(used.get(row.pk, set()))
            | (frozenset({("vendor", str(row.vendor_id))}) if row.vendor_id else frozenset()),
            url=row.get_absolute_url(),
            fields=fields,
        )


def changes_of(scope: Scope) -> dict[UUID, list[str]]:
    """By component: what those who use it changed in it."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for pk, text in scope.rows(ComponentUse).live().exclude(modifications="").values_list("component", "modifications"):
        found[pk].append(text)
    return found


def artifact_versions(scope: Scope) -> Iterator[Fact]:
    """One row a version of a prompt, guardrail, index or other artefact, about the systems in whose releases it stands."""
    served: dict[UUID, set[UUID]] = defaultdict(set)
    decided: set[UUID] = set()
    through = ArtifactVersion.releases.through.objects  # type: ignore[attr-defined]
    for pk, release in through.values_list("artifactversion", "release"):
        if release in scope.releases:
            served[pk].add(scope.releases[release].system_id)
            decided |= {pk} if scope.releases[release].status in DECIDED else set()
    for row in scope.rows(ArtifactVersion).select_related("artifact", "content"):
        fields = fields_of(
            row,
            "artifact_version",
            artifact_type=row.artifact.artifact_type,
            owner=str(row.artifact.owner_id),
            status="approved" if row.pk in decided and row.status == ArtifactVersion.Status.FROZEN else str(row.status),
            approved_at=row.frozen_at,
        )
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=("artifact_version", str(row.pk)),
            also=subjects_of(served.get(row.pk, set())),
            url=row.get_absolute_url(),
            fields=fields,
        )


def members(scope: Scope, rows: Any, kind: str, served: dict[UUID, set[UUID]]) -> list[tuple[Member, frozenset[UUID]]]:
    """Rows as members of a population, with the systems that they serve."""
    return [
        (
            Member(kind, str(row.pk), str(row), scope.highest_tier(served.get(row.pk, ()))),
            frozenset(served.get(row.pk, ())),
        )
        for row in rows
    ]


def active_vendors(scope: Scope) -> list[tuple[Member, frozenset[UUID]]]:
    """Vendors that were let in."""
    return members(scope, scope.rows(Vendor).filter(status__in=Vendor.USABLE), "vendor", systems_by_vendor(scope))


def critical_vendors(scope: Scope) -> list[tuple[Member, frozenset[UUID]]]:
    """Of these, the ones without which much would stop."""
    rows = scope.rows(Vendor).filter(status__in=Vendor.USABLE, criticality__in=("high", "critical"))
    return members(scope, rows, "vendor", systems_by_vendor(scope))


def vendor_models_in_use(scope: Scope) -> list[tuple[Member, frozenset[UUID]]]:
    """Models of others that a system in pilot or production uses."""
    live = scope.in_use
    used = {pk: systems & live for pk, systems in systems_by_component(scope).items() if systems & live}
    rows = scope.rows(Component).filter(component_type=Component.Kind.MODEL, pk__in=list(used))
    return members(scope, rows.exclude(provider="", vendor=None), "component", used)
