"""Takes proposed uses of AI into the inventory, and notes uses that were found outside of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, duplicates, gates
from registry.actions import inventory, work
from registry.actions.owners import require_reason
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.intake import columns, questionnaire
from registry.models import AISystem, BusinessUnit, Duty, Fitness, FoundUse, Intake, Stage, Task, User
from registry.transactions import retried

BOARD = (Duty.BOARD_CHAIR, Duty.APPROVER)
MOST_LINES = 500


@transaction.atomic
def take_in(
    unit: BusinessUnit, *, name: str, purpose: str, business_owner: User, technical_owner: User,
    answers: Mapping[str, str], actor: User, is_none_of_these: bool = False, found: FoundUse | None = None,
    **deputies: Any,
) -> AISystem:  # fmt: skip
    """Enter a proposed use as a system in intake, with the tier and the word of the policy that follow from the answers.

    Refused while systems that the person may see look like the same one, unless the person says that it is none of them.
    """
    access.require(actor, access.MODEL_CREATE, unit)
    require_answers(answers)
    if not is_none_of_these and duplicates.likely(name, purpose, person=actor):
        raise BadInput(
            _("Systems that look like this one are listed. Say that it is none of them."), field="is_none_of_these"
        )
    form = questionnaire()
    rule, use = form.draft(answers), form.uses[answers["use"]]
    system = inventory.register_system(
        unit, name=name, purpose=purpose, business_owner=business_owner, technical_owner=technical_owner, actor=actor,
        stage=Stage.INTAKE, risk_tier=rule.tier, **columns(answers), **deputies,
    )  # fmt: skip
    row = Intake(
        system=system, answers={**answers, "version": form.version}, use=use.id, fitness=use.fitness, asked_by=actor,
        draft_tier=rule.tier, rules=[rule.because],
    )  # fmt: skip
    inventory.saved(row, actor, "intake.answered")
    gates.require_open(system, at=gates.INTAKE, actor=actor)
    ask_board(system, use.fitness, actor=actor)
    if found is not None:
        settle(found, FoundUse.Status.TAKEN_IN, system=system, actor=actor)
    return system


def require_answers(answers: Mapping[str, str]) -> None:
    """Every question has one of its answers, and nothing else is answered."""
    asked = {question.id: question for question in questionnaire().questions}
    for name in sorted(set(answers) - set(asked)):
        raise BadInput(_("“%s” is no question of intake.") % name, field="answers")
    for name, question in asked.items():
        if answers.get(name) not in question.answers:
            raise BadInput(
                _("Answer “%(question)s” by one of: %(answers)s.")
                % {"question": name, "answers": ", ".join(question.answers)}, field=name,
            )  # fmt: skip


def ask_board(system: AISystem, fitness: str, *, actor: User) -> None:
    """A task for the board where the policy wants it to look at the use."""
    for duty in BOARD if fitness == Fitness.BOARD else ():
        work.open_task(
            system, kind=Task.Kind.JUDGE_USE, system=system, url=system.get_absolute_url(), duty=duty, actor=actor
        )


@transaction.atomic
def note_uses(
    unit: BusinessUnit, *, names: str, source: str, actor: User, note: str = "", found_on: date | None = None
) -> list[FoundUse]:
    """Note uses of AI that the inventory does not hold, one a line; what is noted and open already is left out."""
    access.require(actor, access.MODEL_CREATE, unit)
    lines = list(dict.fromkeys(line.strip() for line in names.splitlines() if line.strip()))
    if not lines:
        raise BadInput(_("Write what was found, one use a line."), field="names")
    if len(lines) > MOST_LINES:
        raise BadInput(_("%(count)d lines are more than %(most)d; split the list.") % {
            "count": len(lines), "most": MOST_LINES,
        }, field="names")  # fmt: skip
    for number, line in enumerate(lines, 1):
        if len(line) > 160:
            raise BadInput(_("Line %d is longer than 160 characters; shorten it.") % number, field="names")
    waiting = FoundUse.objects.filter(unit=unit, status=FoundUse.Status.OPEN, name__in=lines)
    known = set(waiting.values_list("name", flat=True))
    rows = [
        FoundUse(unit=unit, name=line, note=note.strip(), source=source, found_on=found_on or timezone.localdate(),
                 found_by=actor)
        for line in lines if line not in known
    ]  # fmt: skip
    return [inventory.saved(row, actor, "found_use.noted") for row in rows]


@retried
def dismiss(found: FoundUse, *, reason: str, actor: User) -> FoundUse:
    """Say, with a reason, that what was found is no use of AI to be listed; a controlling duty does, not a developer's."""
    access.require(actor, access.MODEL_ASSIGN_OWNER, found)
    require_reason(reason)
    return settle(found, FoundUse.Status.DISMISSED, reason=reason.strip(), actor=actor)


def settle(found: FoundUse, status: str, *, actor: User, system: AISystem | None = None, reason: str = "") -> FoundUse:
    """Close what was found."""
    found = FoundUse.objects.select_for_update(of=("self",)).select_related("unit").get(pk=found.pk)
    if found.status != FoundUse.Status.OPEN:
        raise NotAllowed(_("%(found)s is settled already (%(status)s).") % {
            "found": found, "status": found.get_status_display().lower(),
        })  # fmt: skip
    found.status, found.system, found.reason = status, system, reason
    found.decided_by, found.decided_at = actor, timezone.now()
    found.save()
    log.record(actor, f"found_use.{status}", found, reason=reason)
    return found
