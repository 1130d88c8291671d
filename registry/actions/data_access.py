"""Access to data of another unit, or outside production: asked for, decided on by the steward, reviewed and ended."""

from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.actions.datasets import locked
from registry.actions.inventory import saved
from registry.actions.texts import required_text
from registry.datasets import standard
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, DataAccess, Dataset, Deployment, Task, User
from registry.transactions import retried

S = DataAccess.Status
DAYS_TO_DECIDE: Final = 14


@retried
def request_access(
    dataset: Dataset, *, system: AISystem, environment: str, people: str, purpose: str, ends_on: date, actor: User
) -> DataAccess:
    """Ask the steward for access of a system to a data set until a last day."""
    access.require(actor, access.LINEAGE_EDIT, system)
    if not Dataset.objects.offered_to(actor).filter(pk=dataset.pk).exists():
        raise BadInput(_("There is no such data set."), field="dataset")
    if environment == Deployment.Environment.PRODUCTION and system.unit.path.startswith(dataset.unit.path):
        raise BadInput(_("%s may use these data in production already; they are of its own unit.") % system)
    require_last_day(ends_on)
    end_past(dataset, system, environment)
    row = DataAccess(
        dataset=dataset, system=system, environment=environment, ends_on=ends_on, requested_by=actor,
        people=required_text(people, field="people"), purpose=required_text(purpose, field="purpose"),
    )  # fmt: skip
    saved(row, actor, "data_access.requested", reason=row.purpose)
    open_task(row, Task.Kind.DECIDE_ACCESS, due_on=timezone.localdate() + timedelta(days=DAYS_TO_DECIDE), actor=actor)
    return row


def require_last_day(ends_on: date) -> None:
    """It lies ahead, and no farther than the standard allows."""
    latest = timezone.localdate() + timedelta(days=standard.days("access_most_days"))
    if not timezone.localdate() < ends_on <= latest:
        raise BadInput(_("Choose a last day after today and no later than %s.") % date_format(latest), field="ends_on")


def end_past(dataset: Dataset, system: AISystem, environment: str) -> None:
    """An access whose last day is over makes room for the next."""
    past = DataAccess.objects.filter(
        dataset=dataset, system=system, environment=environment, status=S.GRANTED, ends_on__lt=timezone.localdate()
    )
    for row in past:
        row.status, row.ended_at, row.end_reason = S.ENDED, timezone.now(), "–"
        saved(row, None, "data_access.ended", reason="Its last day is over.")


def open_task(row: DataAccess, kind: str, *, due_on: date, actor: Any) -> None:
    """A task for the steward of the data."""
    work.open_task(
        row, kind=kind, system=None, url=row.get_absolute_url(), person=row.dataset.steward, due_on=due_on, actor=actor
    )


@retried
def decide_access(row: DataAccess, *, decision: str, reason: str, actor: User) -> DataAccess:
    """Grant or refuse; by the steward of the data, who did not ask."""
    separation.keep_duties(actor)
    row = held(row, S.REQUESTED, reason=reason, actor=actor)
    refusal = _("You asked for this access; somebody else decides on it.")
    separation.require_apart(actor, {row.requested_by_id}, refusal, action=access.DATASET_UPLOAD, obj=row.dataset)
    if decision not in {S.GRANTED, S.REFUSED}:
        raise BadInput(_("Grant the access or refuse it."), field="decision")
    if decision == S.GRANTED:
        require_last_day(row.ends_on)
    row.status, row.decision_reason = decision, reason.strip()
    row.decided_by, row.decided_at = actor, timezone.now()
    if decision == S.GRANTED and row.is_outside_production:
        row.review_due = next_review(row)
    saved(row, actor, f"data_access.{decision}", reason=row.decision_reason)
    work.close_tasks(row, actor=actor, kind=Task.Kind.DECIDE_ACCESS)
    if row.review_due:
        open_task(row, Task.Kind.REVIEW_ACCESS, due_on=row.review_due, actor=actor)
    return row


def next_review(row: DataAccess) -> date:
    """The day by which it is looked at again, at the latest its last."""
    return min(row.ends_on, timezone.localdate() + timedelta(days=standard.days("access_review_days")))


def held(row: DataAccess, status: str, *, reason: str, actor: User) -> DataAccess:
    """The locked row in this status, for the steward of the data."""
    access.require(actor, access.DATASET_UPLOAD, row.dataset)
    row = locked(row)
    if row.status != status:
        raise NotAllowed(_("This access is %s; this cannot be done to it now.") % row.get_status_display())
    required_text(reason)
    return row


@retried
def review_access(row: DataAccess, *, outcome: str, reason: str, actor: User, found_digest: str = "") -> DataAccess:
    """Look at an access outside production again: keep or end it, with what was found.

    Bytes found there that are no version of the data set were changed by somebody: such access is not kept.
    """
    row = held(row, S.GRANTED, reason=reason, actor=actor)
    if outcome not in {"kept", "ended"}:
        raise BadInput(_("Keep the access or end it."), field="outcome")
    if outcome == "kept" and found_digest and not row.dataset.versions.filter(hash=found_digest).exists():
        raise BadInput(
            _("No version of %s has this digest, so somebody changed the data there. End the access, or restore them.")
            % row.dataset,
            field="found_digest",
        )
    row.reviewed_at, row.reviewed_by, row.review_note = timezone.now(), actor, reason.strip()
    row.review_due = next_review(row) if outcome == "kept" else None
    saved(row, actor, "data_access.reviewed", reason=row.review_note, outcome=outcome, found_digest=found_digest)
    work.close_tasks(row, actor=actor, kind=Task.Kind.REVIEW_ACCESS)
    if outcome == "ended":
        return ended(row, reason=reason, actor=actor)
    assert row.review_due is not None  # it was kept
    open_task(row, Task.Kind.REVIEW_ACCESS, due_on=row.review_due, actor=actor)
    return row


@retried
def end_access(row: DataAccess, *, reason: str, actor: User) -> DataAccess:
    """End an access before its last day: by the steward, or by who asked for it."""
    if actor.pk != row.requested_by_id:
        access.require(actor, access.DATASET_UPLOAD, row.dataset)
    row = locked(row)
    if row.status not in {S.REQUESTED, S.GRANTED}:
        raise NotAllowed(_("This access is %s; this cannot be done to it now.") % row.get_status_display())
    return ended(row, reason=required_text(reason), actor=actor)


def ended(row: DataAccess, *, reason: str, actor: User) -> DataAccess:
    """The end of an access; whoever builds on the data learns of it."""
    was_granted = row.status == S.GRANTED
    row.status, row.ended_by, row.ended_at, row.end_reason = S.ENDED, actor, timezone.now(), reason.strip()
    saved(row, actor, "data_access.ended", reason=row.end_reason)
    work.close_tasks(row, actor=actor)
    if was_granted:
        tell_builders(row, actor=actor)
    return row


def tell_builders(row: DataAccess, *, actor: User | None) -> None:
    """A task for the technical owner of the system whose versions use data to which its access ended."""
    if not row.system.data_uses.filter(data__dataset=row.dataset_id).exists():
        return
    work.open_task(
        row, kind=Task.Kind.ACCESS_ENDED, system=row.system, url=row.get_absolute_url(),
        person=row.system.technical_owner, due_on=timezone.localdate(), actor=actor,
    )  # fmt: skip


def tell_of_past(today: date) -> int:
    """Tell builders of every access whose last day is over; each once, since an equal task is kept. How many there were."""
    over = DataAccess.objects.filter(status=S.GRANTED, ends_on__lt=today).select_related("system__technical_owner")
    told = Task.objects.filter(kind=Task.Kind.ACCESS_ENDED).values("object_id")
    rows = list(over.exclude(pk__in=told))
    for row in rows:
        tell_builders(row, actor=None)
    return len(rows)
