"""Who is looked at and what applies: populations and conditions, read from the inventory and the risk register."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from registry.models import AISystem, DatasetVersion, Release, Stage, Tier
from reports import data_rows, exception_rows, plan_rows, register_rows, supply_rows
from reports.duty_rows import current_duties, systems_of_duty
from reports.facts import ORGANISATION, Member
from reports.risk_rows import risks_in
from reports.scope import IN_USE, Scope
from risk.models import Risk

HIGH = (Tier.HIGH, Tier.CRITICAL)
OUTSIDE = ("vendor_contact", "end_user")
Found = tuple[Member, frozenset[UUID]]
"""A member and the systems to which it belongs."""


def is_in_use(system: AISystem) -> bool:
    """In pilot or production."""
    return system.lifecycle_stage in IN_USE


def is_high(system: AISystem) -> bool:
    """Of tier high or critical."""
    return system.risk_tier in HIGH


def member_of(system: AISystem) -> Member:
    """A system as a member."""
    return Member("system", str(system.pk), str(system), str(system.risk_tier))


def organisation(scope: Scope) -> list[Found]:
    """The organisation itself, of which every system is a part."""
    return [(Member(*ORGANISATION, label=_("The organisation")), frozenset(scope.systems))]


def systems_where(*questions: Callable[[AISystem], Any]) -> Callable[[Scope], list[Found]]:
    """The systems of which every question is answered by yes."""

    def found(scope: Scope) -> list[Found]:
        chosen = [system for system in scope.systems.values() if all(question(system) for question in questions)]
        return [(member_of(system), frozenset({system.pk})) for system in chosen]

    return found


def published_releases(scope: Scope) -> list[Found]:
    """Releases that are published and were so within a year."""
    since = scope.until - timedelta(days=366)
    return [
        (
            Member("release", str(pk), str(release), scope.tiers[release.system_id]),
            frozenset({release.system_id}),
        )
        for pk, release in scope.releases.items()
        if release.status == Release.Status.PUBLISHED
        and release.published_at
        and since <= release.published_at < scope.until
    ]


def open_high_risks(scope: Scope) -> list[Found]:
    """Risks that are not accepted or closed and of which much is left."""
    return [
        (Member("risk", str(risk.pk), str(risk), scope.tiers[risk.system_id]), frozenset({risk.system_id}))
        for risk in risks_in(scope)
        if risk.status in (Risk.Status.OPEN, Risk.Status.TREATED) and risk.is_high
    ]


def datasets_in_use(scope: Scope) -> list[Found]:
    """Versions of data sets that are linked to a system in use."""
    found = []
    for version in scope.rows(DatasetVersion).select_related("dataset"):
        used = [pk for pk in scope.systems_of_data.get(version.pk, ()) if pk in scope.in_use]
        if used:
            member = Member("dataset_version", str(version.pk), str(version), scope.highest_tier(used))
            found.append((member, frozenset(used)))
    return found


def people_with_ai_roles(scope: Scope) -> list[Found]:
    """People who hold a duty on the day, or own a system; contacts of vendors and end users are left out."""
    names: dict[UUID, str] = {}
    served: dict[UUID, set[UUID]] = {}
    for row in current_duties(scope):
        if row.duty not in OUTSIDE:
            names[row.person_id] = str(row.person)
            served.setdefault(row.person_id, set()).update(systems_of_duty(scope, row))
    for system in scope.systems.values():
        for person in (system.business_owner, system.technical_owner):
            names[person.pk] = str(person)
            served.setdefault(person.pk, set()).add(system.pk)
    return [
        (Member("person", str(pk), name, scope.highest_tier(served[pk])), frozenset(served[pk]))
        for pk, name in sorted(names.items(), key=lambda entry: entry[1])
    ]


POPULATIONS: dict[str, Callable[[Scope], list[Found]]] = {
    "organisation": organisation,
    "self": systems_where(),
    "all_systems": systems_where(lambda system: system.lifecycle_stage != Stage.RETIRED),
    "systems_in_use": systems_where(is_in_use),
    "high_tier_in_use": systems_where(is_in_use, is_high),
    "generative_in_use": systems_where(is_in_use, lambda system: system.is_generative),
    "agentic_in_use": systems_where(is_in_use, lambda system: system.is_agentic),
    "third_party_in_use": systems_where(is_in_use, lambda system: system.has_vendor_component),
    "personal_data_in_use": systems_where(is_in_use, lambda system: system.processes_personal_data),
    "people_affecting_in_use": systems_where(is_in_use, lambda system: system.affects_people),
    "retired_systems": systems_where(lambda system: system.lifecycle_stage == Stage.RETIRED),
    "published_releases_365": published_releases,
    "open_high_risks": open_high_risks,
    "incidents_365": exception_rows.incidents_of_the_year,
    "serious_incidents_365": exception_rows.serious_incidents_of_the_year,
    "third_party_incidents_365": exception_rows.third_party_incidents_of_the_year,
    "breaches_365": plan_rows.breaches_of_the_year,
    "datasets_in_use": datasets_in_use,
    "reclassifications_365": data_rows.reclassifications_of_the_year,
    "active_vendors": supply_rows.active_vendors,
    "critical_vendors": supply_rows.critical_vendors,
    "vendor_models_in_use": supply_rows.vendor_models_in_use,
    "people_with_ai_roles": people_with_ai_roles,
    **register_rows.POPULATIONS,
}


def builds_on_pretrained(scope: Scope, system: AISystem) -> bool:
    """A version in force names the model that it was made from."""
    return any(scope.versions[pk].base_model.strip() for pk in scope.versions_in_force.get(system.pk, ()))


CONDITIONS: dict[str, Callable[[Scope, AISystem], bool]] = {
    "always": lambda _scope, _system: True,
    "in_use": lambda _scope, system: is_in_use(system),
    "generative": lambda _scope, system: system.is_generative,
    "agentic": lambda _scope, system: system.is_agentic,
    "third_party": lambda _scope, system: system.has_vendor_component,
    "pretrained_model": builds_on_pretrained,
    "personal_data": lambda _scope, system: system.processes_personal_data,
    "affects_people": lambda _scope, system: system.affects_people,
    "interacts_with_people": lambda _scope, system: system.interacts_with_people,
    "high_tier": lambda _scope, system: is_high(system),
}


def retired_exists(scope: Scope) -> bool:
    """At least one system is retired, or a version of one is past its retirement date."""
    day = scope.as_of.date()
    versions = scope.versions.values()
    has_ended = any(version.retirement_date and version.retirement_date <= day for version in versions)
    return has_ended or any(system.lifecycle_stage == Stage.RETIRED for system in scope.systems.values())


ORGANISATION_CONDITIONS: dict[str, Callable[[Scope], bool]] = {"retired_exists": retired_exists}
