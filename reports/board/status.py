"""What the frameworks come to in a unit, as the board pack tells it: by function, as kept or decided for the pack."""

from typing import Any, Final

from registry.models import BusinessUnit
from reports.framework_files import load
from reports.standings.grid import Place, counted, grid

FRAMEWORK: Final = "nist_ai_rmf"


def framework_status(unit: BusinessUnit) -> dict[str, Any]:
    """How many requirements of each function came to what in the unit and all units below it."""
    found = grid(load(FRAMEWORK), Place(unit=unit), person=None)
    functions = [
        {"function": top.id, "total": len(cells), **counted(cells)}
        for top in found.framework.groups if not top.parent
        for cells in [[entry.cell for entry in found.requirements if top.id in entry.requirement.group[:1]]]
    ]  # fmt: skip
    overridden = [entry.requirement.id for entry in found.requirements if entry.cell.is_overridden]
    return {
        "name": found.framework.name, "rules": found.framework.digest, "functions": functions,
        "stale": [entry.requirement.id for entry in found.stale], "overridden": overridden,
    }  # fmt: skip
