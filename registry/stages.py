"""The stages of a system's life: one table of the moves that people make; what runs makes the others.

Pilot and production are entered and left by starting and stopping deployments alone (registry/actions/deployments.py).
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from registry import access
from registry.models import AISystem, Fitness, Stage


@dataclass(frozen=True)
class Move:
    """`verb` leads from any of `sources` to `target`; whoever may do `permission` may make it."""

    verb: str
    label: Any
    sources: frozenset[str]
    target: Stage
    permission: str
    needs_owners: bool = False


def row(verb: str, label: Any, sources: set[str], target: Stage, permission: str, **more: Any) -> Move:
    """One line of the table."""
    return Move(verb, label, frozenset(sources), target, permission, **more)


S = Stage
MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        row("assess", _("Take into assessment"), {S.INTAKE}, S.ASSESSMENT, access.MODEL_EDIT),
        row("develop", _("Begin development"), {S.ASSESSMENT}, S.DEVELOPMENT, access.MODEL_EDIT, needs_owners=True),
        row("validate", _("Hand to validation"), {S.DEVELOPMENT}, S.VALIDATION, access.MODEL_EDIT, needs_owners=True),
        row("rework", _("Back to development"), {S.VALIDATION}, S.DEVELOPMENT, access.MODEL_EDIT),
        row("reassess", _("Assess again"), {S.DEVELOPMENT, S.VALIDATION}, S.ASSESSMENT, access.MODEL_EDIT),
        row("suspend", _("Suspend, and stop what runs"), {S.DEVELOPMENT, S.VALIDATION, S.PILOT, S.PRODUCTION},
            S.SUSPENDED, access.DEPLOYMENT_STOP),
        row("resume", _("Lift the suspension"), {S.SUSPENDED}, S.VALIDATION, access.APPROVAL_REVOKE),
        row("retire", _("Retire the system"), {S.INTAKE, S.ASSESSMENT, S.DEVELOPMENT, S.VALIDATION, S.SUSPENDED},
            S.RETIRED, access.MODEL_RETIRE_REQUEST),
    )
}  # fmt: skip
# In this order on the page; suspended stands beside.
PATH = (S.INTAKE, S.ASSESSMENT, S.DEVELOPMENT, S.VALIDATION, S.PILOT, S.PRODUCTION, S.RETIRED)
# In these stages nothing is released or started.
CLOSED = frozenset({S.INTAKE, S.ASSESSMENT, S.SUSPENDED, S.RETIRED})
# A deployment does not take a system out of these.
HELD = frozenset({S.SUSPENDED, S.RETIRED})


def needs_board(system: AISystem, move: Move) -> bool:
    """The policy of uses sends what was proposed to the board before it is taken into assessment."""
    return move.verb == "assess" and fitness_of(system) == Fitness.BOARD


def fitness_of(system: AISystem) -> str:
    """What the policy of uses said at intake; empty for a system that was registered without it."""
    intake = getattr(system, "intake", None)
    return intake.fitness if intake is not None else ""


def permission(system: AISystem, move: Move) -> str:
    """The action of the permission document that the move is."""
    return access.APPROVAL_DECIDE if needs_board(system, move) else move.permission


def available(system: AISystem, person: Any) -> list[Move]:
    """The moves that this person may ask for now."""
    return [
        move
        for move in MOVES.values()
        if system.lifecycle_stage in move.sources and access.allowed(person, permission(system, move), system)
    ]
