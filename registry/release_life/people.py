"""Who may deploy the releases of a system, and who answers for what runs: read from duties and deployments."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry import access
from registry.models import AISystem, Deployment, RoleAssignment


@dataclass(frozen=True)
class Runner:
    """What runs, and who answers for its use and for its build."""

    deployment: Deployment
    business: Any
    technical: Any


def deployers(system: AISystem) -> list[RoleAssignment]:
    """The duties held today by which people may start deployments of the system; each person once."""
    may = [duty for duty, role in access.DUTY_ROLE.items() if access.MATRIX[access.DEPLOYMENT_START][role] == "●"]
    above = [UUID(pk) for pk in system.unit.path.split("/") if pk]
    rows = RoleAssignment.objects.current().filter(duty__in=may, unit__in=above, person__is_active=True)
    held = rows.filter(system=None) | rows.filter(system=system)
    return list({row.person_id: row for row in held.select_related("person").order_by("person__name")}.values())


def runners(system: AISystem) -> list[Runner]:
    """What of the system runs, with its owners."""
    rows = Deployment.objects.running().filter(release__system=system).select_related(
        "release__version__model", "release__system__business_owner", "release__system__technical_owner",
        "business_owner", "technical_owner",
    )  # fmt: skip
    return [Runner(row, *row.owners) for row in rows]
