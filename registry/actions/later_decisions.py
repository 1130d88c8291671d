"""Decides on a later run that failed: retrain, fall back, or accept it for a time."""

from datetime import date, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import rollbacks, work
from registry.actions.endings import required
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import LaterRun, Task, User
from registry.transactions import retried

MOST_DAYS: Final = 90
Choice = LaterRun.Choice


@retried
def decide_later_run(
    row: LaterRun, *, choice: str, reason: str, actor: User, accepted_until: date | None = None
) -> LaterRun:
    """Say what follows. Whoever made the version does not decide; accepting has an end, and then the gate closes again."""
    access.require(actor, access.APPROVAL_REVOKE, row)
    row = LaterRun.objects.select_for_update(of=("self",)).select_related("release__version__model").get(pk=row.pk)
    if row.status == LaterRun.Status.OVERTAKEN:
        raise NotAllowed(_("A newer run or a roll-back has overtaken this; there is nothing left to decide."))
    separation.require_no_conflict(actor, row.release.version, action=access.APPROVAL_REVOKE)
    separation.require_no_part(actor, row.release.version, action=access.APPROVAL_REVOKE)
    if choice not in Choice.values:
        raise BadInput(_("“%s” is no decision.") % choice, field="choice")
    row.reason, row.choice = required(reason), choice
    row.accepted_until = end_of(accepted_until) if choice == Choice.ACCEPT else None
    row.status, row.decided_by, row.decided_at = LaterRun.Status.DECIDED, actor, timezone.now()
    row.save()
    log.record(actor, "later_run.decided", row, reason=row.reason, choice=choice)
    work.close_tasks(row, actor=actor)
    if choice == Choice.FALL_BACK:
        rollbacks.roll_back_release(row.release, reason=row.reason, actor=actor)
    if choice == Choice.RETRAIN:
        ask_to_retrain(row, actor=actor)
    return row


def end_of(day: date | None) -> date:
    """The last day of an acceptance: in the future, and not too far."""
    today = timezone.localdate()
    if day is None or not today <= day <= today + timedelta(days=MOST_DAYS):
        raise BadInput(
            _("Say until when it is accepted: a day from today until %s.")
            % date_format(today + timedelta(days=MOST_DAYS)),
            field="accepted_until",
        )
    return day


def ask_to_retrain(row: LaterRun, *, actor: User) -> None:
    """The technical owner retrains; the gate stays closed until a newer run passes or a newer version is released."""
    work.open_task(
        row, kind=Task.Kind.RETRAIN, system=row.release.system, url=row.get_absolute_url(),
        person=row.release.system.technical_owner, actor=actor,
    )  # fmt: skip
