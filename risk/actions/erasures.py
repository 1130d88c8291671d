"""Follows requests for erasure through the lineage: each version is decided on, dealt with, and verified by another."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Dataset, Duty, RegisterEntry, Task, User
from registry.registers.moves import with_move
from registry.transactions import retried
from risk.actions.incidents import require_text
from risk.actions.register import store
from risk.affected import Touched, affected_by
from risk.models import AffectedVersion, ErasureStep

KIND = "erasure_request"
D = AffectedVersion.Disposition


def datasets_of(request: RegisterEntry) -> list[Dataset]:
    """The data sets of a request: what it is about, and those that it names."""
    keys = [*(request.fields.get("datasets") or []), *([request.dataset_id] if request.dataset_id else [])]
    return list(Dataset.objects.filter(pk__in=keys).order_by("name"))


def touched_by(request: RegisterEntry) -> list[Touched]:
    """The versions that came from its data by the lineage, each once, without those that ended for good."""
    found: dict[Any, Touched] = {}
    for dataset in datasets_of(request):
        for each in affected_by(dataset).to_decide:
            found.setdefault(each.row.pk, each)
    return list(found.values())


@with_move(KIND, "begin")
def give_out(request: RegisterEntry, actor: Any) -> None:
    """One step and one task for each version that came from the data, whoever owns it; versions come in once."""
    known = set(request.erasure_steps.values_list("version", flat=True))
    for touched in touched_by(request):
        if touched.row.pk not in known:
            ask_owner(request, touched, actor=actor)


def ask_owner(request: RegisterEntry, touched: Touched, *, actor: Any) -> None:
    """The technical owner of the version's home decides what becomes of it, in the time that the request has."""
    row = ErasureStep(request=request, version=touched.row, path=[str(pk) for pk in touched.way])
    store(row)
    log.record(actor, "erasure_step.opened", row)
    ask(row, kind=Task.Kind.ERASE, actor=actor, person=row.home_system.technical_owner)


def ask(row: ErasureStep, *, kind: str, actor: Any, person: Any = None, duty: str = "") -> None:
    """Give the step to somebody to do until the day of the request."""
    work.open_task(
        row, kind=kind, system=row.home_system, url=row.get_absolute_url(), person=person,
        duty="" if person else duty or Duty.PRIVACY_OFFICER, due_on=row.request.due_on, actor=actor,
    )  # fmt: skip


@with_move(KIND, "complete")
def require_followed(request: RegisterEntry, actor: Any) -> None:
    """A request is complete when no version that came from its data is left: none open, none that came since."""
    known = {row.version_id: row for row in request.erasure_steps.all()}
    new = [each.row for each in touched_by(request) if each.row.pk not in known]
    waiting = [row for row in known.values() if row.verified_at is None]
    if new or waiting:
        raise NotAllowed(
            _("%(count)d versions that came from the data are not dealt with and verified yet, among them %(version)s.")
            % {"count": len(new) + len(waiting), "version": (new or waiting)[0]}
        )


@retried
def decide_step(row: ErasureStep, *, disposition: str, reason: str, actor: User) -> ErasureStep:
    """Say what becomes of a version; to accept it as it is needs nothing more but somebody else who verifies it."""
    access.require(actor, access.RISK_EDIT, row)
    if disposition not in D.values:
        raise BadInput(_("“%s” is no decision here.") % disposition, field="disposition")
    require_text("reason", reason)
    row = locked(row)
    row.disposition, row.reason = disposition, reason.strip()
    row.decided_by, row.decided_at = actor, timezone.now()
    row.done_by, row.done_at = (actor, row.decided_at) if disposition == D.ACCEPT else (None, None)
    return kept(row, "erasure_step.decided", reason=row.reason, actor=actor)


@retried
def finish_step(row: ErasureStep, *, outcome_note: str, actor: User) -> ErasureStep:
    """Say that what was decided has been done."""
    access.require(actor, access.RISK_EDIT, row)
    require_text("outcome_note", outcome_note)
    row = locked(row)
    if not row.disposition:
        raise NotAllowed(_("Nothing has been decided yet; decide first."))
    row.outcome_note, row.done_by, row.done_at = outcome_note.strip(), actor, timezone.now()
    return kept(row, "erasure_step.finished", reason=row.outcome_note, actor=actor)


@retried
def verify_step(row: ErasureStep, *, finding: str, actor: User) -> ErasureStep:
    """See that it is done: by who neither decided nor did it nor owns the system."""
    row = verifiable(row, actor=actor)
    require_text("finding", finding)
    row.finding, row.verified_by, row.verified_at = finding.strip(), actor, timezone.now()
    return kept(row, "erasure_step.verified", reason=row.finding, actor=actor)


@retried
def send_back_step(row: ErasureStep, *, reason: str, actor: User) -> ErasureStep:
    """Say that it is not done as it should be: it is decided on anew."""
    row = verifiable(row, actor=actor)
    require_text("reason", reason)
    row.done_by, row.done_at, row.finding = None, None, reason.strip()
    return kept(row, "erasure_step.sent_back", reason=row.finding, actor=actor)


def require_verifier(row: ErasureStep, person: Any) -> None:
    """Who verifies: an officer who neither decided nor did it nor owns the system."""
    access.require(person, access.ERASE_CONFIRM, row)
    barred = {row.decided_by_id, row.done_by_id, *row.home_system.owner_ids}
    refusal = _("You decided it, did it or own the system, so somebody else must verify it.")
    separation.require_apart(person, barred, refusal, action=access.ERASE_CONFIRM, obj=row)


def verifiable(row: ErasureStep, *, actor: User) -> ErasureStep:
    """The step, done and not verified, for somebody who may verify it."""
    separation.keep_duties(actor)
    row = locked(row)
    require_verifier(row, actor)
    if row.done_at is None:
        raise NotAllowed(_("It is not done yet."))
    return row


def locked(row: ErasureStep) -> ErasureStep:
    """The step as it is now; what is verified stays as it is."""
    found = ErasureStep.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if found.verified_at is not None:
        raise NotAllowed(_("This is verified already."))
    return found


def kept(row: ErasureStep, event: str, *, reason: str, actor: User) -> ErasureStep:
    """Save the step; its tasks go to who has the next turn."""
    store(row)
    log.record(actor, event, row, reason=reason)
    work.close_tasks(row, actor=actor)
    if row.verified_at is None and row.done_at is not None:
        ask(row, kind=Task.Kind.VERIFY_ERASURE, actor=actor)
    elif row.verified_at is None:
        ask(row, kind=Task.Kind.ERASE, actor=actor, person=row.home_system.technical_owner)
    return row
