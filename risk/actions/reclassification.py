"""Changes the class of a data set, gives each version that learned from it to its owner, and follows what they decide."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import output_review, work
from registry.audit import log
from registry.datasets import standard
from registry.errors import BadInput, NotAllowed
from registry.models import Dataset, Task, User
from registry.transactions import retried
from risk.actions.incidents import require_text
from risk.actions.register import store
from risk.affected import Affected, Touched, affected_by
from risk.models import AffectedVersion, Reclassification

DAYS_TO_DECIDE: Final = 14
D, S = AffectedVersion.Disposition, Reclassification.Status


@retried
def reclassify(dataset: Dataset, *, new_class: str, reason: str, actor: User) -> Reclassification:
    """Change the class of a data set. A higher one opens a task for each version that came from it, whoever owns it.

    The owners are asked by the software: who raises the class need not see what they own. A lower class is given by
    somebody who decides in the unit and is not the steward.
    """
    wanted = standard.class_named(new_class, "new_class")
    require_text("reason", reason)
    # No link of lineage may slip in between what is counted here and the new class.
    log.locked_head()
    dataset = Dataset.objects.select_for_update(of=("self",)).select_related("unit").get(pk=dataset.pk)
    if dataset.classification == wanted.slug:
        raise BadInput(
            _("%(data)s is “%(class)s” already.") % {"data": dataset, "class": wanted.label}, field="new_class"
        )
    is_raised = wanted.rank > standard.rank_of(dataset.classification)
    require_may(dataset, actor, is_raised=is_raised)
    affected = affected_by(dataset)
    record = Reclassification(
        dataset=dataset, old_class=dataset.classification, new_class=wanted.slug, reason=reason.strip(),
        counts=affected.counts, requested_by=actor,
    )  # fmt: skip
    record.status = S.OPEN if is_raised and affected.to_decide else S.COMPLETED
    record.completed_at = timezone.now() if record.status == S.COMPLETED else None
    store(record)
    log.record(actor, "dataset.reclassified", record, reason=record.reason)
    dataset.classification = wanted.slug
    store(dataset)
    log.record(actor, "dataset.class_changed", dataset, reason=record.reason)
    if is_raised:
        give_out(record, affected, actor=actor)
    return record


def require_may(dataset: Dataset, actor: User, *, is_raised: bool) -> None:
    """The steward or who keeps the risks of the unit raises a class; lowering it is a decision of somebody else."""
    if is_raised:
        access.require(actor, access.RISK_EDIT, dataset)
        return
    separation.require_now(actor, access.APPROVAL_DECIDE, dataset)
    if dataset.is_own(actor):
        raise NotAllowed(_("You are its steward; somebody else lowers the class."))


def give_out(record: Reclassification, affected: Affected, *, actor: User) -> None:
    """One row and one task for each version, and the question about the outputs of the systems."""
    for touched in affected.to_decide:
        ask_owner(record, touched, actor=actor)
    output_review.review_outputs(affected.systems, record.new_class, actor=actor)


def ask_owner(record: Reclassification, touched: Touched, *, actor: User) -> None:
    """The technical owner of the version's home decides what becomes of it."""
    row = AffectedVersion(reclassification=record, version=touched.row, path=[str(pk) for pk in touched.way])
    store(row)
    log.record(actor, "version.affected", row)
    system = row.home_system
    work.open_task(
        row, kind=Task.Kind.RECLASSIFIED, system=system, url=row.get_absolute_url(), person=system.technical_owner,
        due_on=timezone.localdate() + timedelta(days=DAYS_TO_DECIDE), actor=actor,
    )  # fmt: skip


@retried
def decide_affected(affected: AffectedVersion, *, disposition: str, reason: str, actor: User) -> AffectedVersion:
    """Say what becomes of a version that learned from reclassified data; to accept it as it is ends the matter."""
    access.require(actor, access.RISK_EDIT, affected)
    if disposition not in D.values:
        raise BadInput(_("“%s” is no decision here.") % disposition, field="disposition")
    require_text("reason", reason)
    affected = locked(affected)
    affected.disposition, affected.reason = disposition, reason.strip()
    affected.decided_by, affected.decided_at = actor, timezone.now()
    if disposition == D.ACCEPT:
        affected.done_at = affected.decided_at
    return kept(affected, "affected_version.decided", actor=actor)


@retried
def finish_affected(affected: AffectedVersion, *, outcome_note: str, actor: User) -> AffectedVersion:
    """Say that what was decided has been done."""
    access.require(actor, access.RISK_EDIT, affected)
    require_text("outcome_note", outcome_note)
    affected = locked(affected)
    if not affected.disposition:
        raise NotAllowed(_("Nothing has been decided yet; decide first."))
    affected.outcome_note, affected.done_at = outcome_note.strip(), timezone.now()
    return kept(affected, "affected_version.finished", actor=actor)


def locked(affected: AffectedVersion) -> Any:
    """The row as it is now, after its reclassification, of which only one may be worked on at a time."""
    Reclassification.objects.select_for_update().get(pk=affected.reclassification_id)
    found = AffectedVersion.objects.select_for_update(of=("self",)).get(pk=affected.pk)
    if found.done_at is not None:
        raise NotAllowed(_("This is done already."))
    return found


def kept(affected: AffectedVersion, event: str, *, actor: User) -> AffectedVersion:
    """Save what was decided or done; the task and the reclassification end with it."""
    store(affected)
    log.record(actor, event, affected, reason=affected.outcome_note or affected.reason)
    if affected.done_at is not None:
        work.close_tasks(affected, actor=actor, kind=Task.Kind.RECLASSIFIED)
    record = affected.reclassification
    left = record.affected.open().exists()
    status = S.IN_PROGRESS if left else S.COMPLETED
    if record.status != status:
        record.status, record.completed_at = status, None if left else timezone.now()
        store(record)
        log.record(actor, "reclassification.moved", record)
    return affected
