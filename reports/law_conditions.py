"""Conditions that follow from records of classification, plans and parts: yes, no, or None where nothing is recorded."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from rai.models import TestPlan
from registry.models import AISystem, ComponentUse, RegisterEntry
from reports import register_rows
from reports.scope import Scope
from risk.models import Incident

Answer = bool | None
OPEN_LICENCES = ("apache", "mit", "bsd", "gpl", "mpl", "cc-by", "cc0", "openrail", "llama", "open")
WORK, IDENTIFYING, FRIA_AREAS = ("4", "employment"), ("1", "biometric"), ("5(b)", "5(c)")


def classes(scope: Scope) -> dict[UUID, RegisterEntry]:
    """By system: the classification in force."""
    return scope.once("classes", lambda: classes_in_force(scope))


def classes_in_force(scope: Scope) -> dict[UUID, RegisterEntry]:
    """The same, looked up."""
    rows = register_rows.rows_of(scope, "eu_classification").filter(status="approved", approved_at__lt=scope.until)
    return {row.system_id: row for row in rows.order_by("approved_at")}


def said(scope: Scope, system: AISystem, name: str) -> Any:
    """A field of the classification in force; None without one."""
    row = classes(scope).get(system.pk)
    return None if row is None else row.fields.get(name) or ""


def tier_is(*tiers: str) -> Callable[[Scope, AISystem], Answer]:
    """The class is one of these."""

    def answer(scope: Scope, system: AISystem) -> Answer:
        tier = said(scope, system, "tier")
        return None if tier is None else tier in tiers

    return answer


def high_as(*roles: str) -> Callable[[Scope, AISystem], Answer]:
    """High-risk, in one of these roles."""

    def answer(scope: Scope, system: AISystem) -> Answer:
        tier, role = said(scope, system, "tier"), said(scope, system, "role")
        return None if tier is None else tier == "high" and role in roles

    return answer


def in_area(*words: str) -> Callable[[Scope, AISystem], Answer]:
    """In one of these areas of Annex III."""

    def answer(scope: Scope, system: AISystem) -> Answer:
        area = said(scope, system, "annex_iii_area")
        return None if area is None else any(str(area).lower().startswith(word) for word in words)

    return answer


is_high_risk, is_deployer = tier_is("high"), high_as("deployer", "both")


def owes_fria(scope: Scope, system: AISystem) -> Answer:
    """A high-risk deployer in an area that owes it to everybody; whether it is a public body is not recorded."""
    found = is_deployer(scope, system)
    return True if found and in_area(*FRIA_AREAS)(scope, system) else None if found else found


def claims_exemption(scope: Scope, system: AISystem) -> Answer:
    """In an area of Annex III, and not of the class high."""
    area, tier = said(scope, system, "annex_iii_area"), said(scope, system, "tier")
    return None if tier is None else bool(area) and tier != "high"


def owes_transparency(scope: Scope, system: AISystem) -> Answer:
    """It talks with people, makes content, or was put into that class."""
    return system.interacts_with_people or system.is_generative or tier_is("transparency")(scope, system)


def for_authority(scope: Scope, system: AISystem) -> Answer:
    """Not where it is not high-risk; else that is not recorded."""
    return False if is_high_risk(scope, system) is False else None


def in_scope(scope: Scope, system: AISystem) -> Answer:
    """The law applies to it."""
    outside = tier_is("out_of_scope")(scope, system)
    return None if outside is None else not outside


def tests_people(scope: Scope, system: AISystem) -> Answer:
    """Its approved test plan names people who take part."""
    named = scope.once("people in plans", lambda: people_in_plans(scope))
    return bool(named[system.pk].strip()) if system.pk in named else None


def people_in_plans(scope: Scope) -> dict[UUID, str]:
    """By system: what its approved test plan says of people who take part."""
    plans = scope.rows(TestPlan).filter(status=TestPlan.Status.APPROVED)
    return dict(plans.values_list("system", "human_subjects"))


def has_open_parts(scope: Scope, system: AISystem) -> Answer:
    """A component that it uses has an open licence."""
    if not system.has_vendor_component:
        return False
    rows = scope.rows(ComponentUse).live().values_list("system", "component__licence")
    licences: dict[UUID, list[str]] = scope.once("licences", lambda: grouped(rows))
    found = licences.get(system.pk)
    return None if found is None else any(word in licence.lower() for licence in found for word in OPEN_LICENCES)


def grouped(rows: Iterable[tuple[UUID, str]]) -> dict[UUID, list[str]]:
    """Values by their key."""
    found: dict[UUID, list[str]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found


def had_incident(scope: Scope, system: AISystem) -> Answer:
    """An incident of the last year is recorded."""
    since = scope.until - register_rows.YEAR
    rows = scope.rows(Incident).filter(detected_at__gte=since, detected_at__lt=scope.until)
    return system.pk in scope.once("incidents", lambda: set(rows.values_list("system", flat=True)))


def provides_general_models(word: str) -> Callable[[Scope, AISystem], Answer]:
    """The profile of the organisation names the role."""

    def answer(scope: Scope, _system: AISystem) -> Answer:
        rows = register_rows.rows_of(scope, "organisation_profile").order_by("created_at")
        profile = scope.once("profile", rows.last)
        roles = (profile.fields.get("eu_roles") or []) if profile else None
        return None if not roles else any(word in str(role).lower() for role in roles)

    return answer


RECORDED: dict[str, Callable[[Scope, AISystem], Answer]] = {
    "eu_scope": in_scope,
    "eu_high_risk": is_high_risk,
    "eu_high_risk_provider": high_as("provider", "both"),
    "eu_high_risk_deployer": is_deployer,
    "eu_fria_deployer": owes_fria,
    "eu_annex_iii_claimed_exempt": claims_exemption,
    "eu_transparency": owes_transparency,
    "gpai_provider": provides_general_models("general-purpose"),
    "gpai_systemic": provides_general_models("systemic"),
    "biometric_identification": in_area(*IDENTIFYING),
    "workplace_use": in_area(*WORK),
    "public_authority": for_authority,
    "human_subjects": tests_people,
    "open_source_component": has_open_parts,
    "incident_exists": had_incident,
}
