"""What agents use: a tool that is not on the list of its system is reported at once."""

from typing import Any

from registry.actions import work
from registry.models import Duty, RegisterEntry, Task
from registry.registers.moves import ADDED, with_move


def permitted(system: Any) -> set[str]:
    """The tools on the list of a system, in small letters."""
    rows = RegisterEntry.objects.filter(kind="tool_permission", system=system, status="approved")
    return {str(row.fields.get("tool", "")).strip().lower() for row in rows}


@with_move("tool_use", ADDED)
def judge(row: RegisterEntry, actor: Any) -> None:
    """Whether the tool is listed; where it is not, the owner and the security officers have a task."""
    is_listed = str(row.fields.get("tool", "")).strip().lower() in permitted(row.system)
    row.fields = {**row.fields, "permitted": "listed" if is_listed else "not_listed"}
    if is_listed or row.system is None:
        return
    url = row.get_absolute_url()
    work.open_task(
        row, kind=Task.Kind.ALARM, system=row.system, url=url, person=row.system.technical_owner, actor=actor
    )
    work.open_task(row, kind=Task.Kind.ALARM, system=row.system, url=url, duty=Duty.SECURITY_OFFICER, actor=actor)
