"""Moves systems from stage to stage as people decide; deployments move them by themselves."""

from django.utils.translation import gettext as _

from registry import access, gates, owners, stages
from registry.actions import deployments, work
from registry.actions.owners import held, require_reason
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Deployment, Fitness, ModelVersion, Side, Stage, Task, User, VersionStatus
from registry.transactions import retried


@retried
def move_system(system: AISystem, *, verb: str, reason: str, actor: User) -> AISystem:
    """Make a move of the table, with a reason: the stage before must allow it, and what it needs must be so."""
    move = stages.MOVES.get(verb)
    if move is None:
        raise BadInput(_("“%s” is no move of a system.") % verb, field="verb")
    access.require(actor, stages.permission(system, move), system)
    system = held(system)
    if system.lifecycle_stage not in move.sources:
        raise NotAllowed(
            _("%(system)s is in the stage “%(stage)s”; from there this is no move. Allowed: %(moves)s.")
            % {"system": system, "stage": system.get_lifecycle_stage_display(), "moves": moves_from(system)}
        )
    require_reason(reason)
    require_ready(system, move, actor=actor)
    gates.require_open(system, at=f"{gates.STAGE}:{verb}", actor=actor)
    if move.target == Stage.SUSPENDED:
        stop_all(system, reason=reason, actor=actor)
        system = held(system)
    system.lifecycle_stage = move.target
    system.save()
    log.record(actor, "system.moved", system, reason=reason.strip(), stage=str(move.target), verb=verb)
    work.close_tasks(system, kind=Task.Kind.JUDGE_USE, actor=actor)
    return system


def moves_from(system: AISystem) -> str:
    """The moves that the table knows from the stage, for a sentence."""
    found = [str(move.label) for move in stages.MOVES.values() if system.lifecycle_stage in move.sources]
    return ", ".join(found) or _("none; starting or stopping a deployment alone moves it")


def require_ready(system: AISystem, move: stages.Move, *, actor: User) -> None:
    """What stands in the way of a move that the table allows."""
    if move.needs_owners:
        problems = [said for said in (owners.problem(system, side) for side in Side) if said]
        if problems:
            raise NotAllowed(" ".join(dict.fromkeys(problems)))
    if move.target == Stage.RETIRED:
        require_over(system)
    if move.verb == "assess":
        require_fit(system, move, actor=actor)


def require_fit(system: AISystem, move: stages.Move, *, actor: User) -> None:
    """The policy of uses is not against it; where it asks for the board, whoever owns the system does not answer."""
    if stages.fitness_of(system) == Fitness.UNSUITABLE:
        raise NotAllowed(
            _("The policy calls this use not suitable; it stays in intake. Propose another use, or retire it.")
        )
    if stages.needs_board(system, move) and system.is_own(actor):
        raise NotAllowed(_("You own %s, so somebody else of the board must say whether it goes on.") % system)


def require_over(system: AISystem) -> None:
    """Nothing of it runs, and no version of it is in force."""
    running = Deployment.objects.running().filter(release__system=system).first()
    if running is not None:
        raise NotAllowed(_("%s still runs; stop it first.") % running)
    live = (VersionStatus.APPROVED, VersionStatus.PUBLISHED, VersionStatus.DEPRECATED, VersionStatus.IN_REVIEW)
    version = ModelVersion.objects.filter(model__system=system, status__in=live).first()
    if version is not None:
        raise NotAllowed(
            _("%(version)s is %(status)s; retire or withdraw it first.")
            % {"version": version, "status": version.get_status_display().lower()}
        )


def stop_all(system: AISystem, *, reason: str, actor: User) -> None:
    """Stop everything of the system that runs."""
    for running in Deployment.objects.running().filter(release__system=system).order_by("pk"):
        deployments.stop_deployment(running, reason=reason, actor=actor)
