"""What auditors and those they ask do: ask, note, find, answer with evidence, look at the answer."""

from datetime import date
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, blobs, quotas
from registry.actions import work
from registry.actions.inventory import display_name, saved
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Attachment, Duty, RoleAssignment, Task, User
from registry.transactions import retried
from reports.framework_files import SLUGS, load
from reports.models import DeskItem

LARGEST: Final = 10_000_000
ROLE: Final = "desk"
SHORTEST: Final = 10


def own_engagements(person: Any) -> Any:
    """The engagements in which the person audits today."""
    return RoleAssignment.objects.current().filter(person=person.pk, duty=Duty.AUDITOR).select_related("unit", "system")


@retried
def add_item(
    engagement: RoleAssignment, *, kind: str, title: str, actor: User, text: str = "", system: AISystem | None = None,
    owner: User | None = None, due_on: date | None = None, framework: str = "", requirement: str = "",
    sample: dict[str, Any] | None = None,
) -> DeskItem:  # fmt: skip
    """Put a request, a note, a sample or a finding on one's own desk; who owns a request or finding gets a task."""
    row = DeskItem(
        engagement=engagement, unit=system.unit if system else engagement.unit, system=system or engagement.system,
        kind=kind, title=title.strip(), text=text.strip(), owner=owner, due_on=due_on, framework=framework,
        requirement=requirement.strip(), sample=sample or {},
    )  # fmt: skip
    require_engagement(row, actor)
    require_requirement(row)
    row.status = DeskItem.Status.OPEN if row.is_followed else DeskItem.Status.RECORDED
    if row.is_followed:
        require_follower(row)
    saved(row, actor, "desk_item.added")
    ask(row, actor)
    return row


def require_engagement(row: DeskItem, actor: User) -> None:
    """The engagement is the actor's own, holds today, and reaches what the item is about."""
    access.require(actor, access.DESK_WRITE, row)
    own = own_engagements(actor).filter(pk=row.engagement_id).first()
    if own is None:
        raise NotAllowed(_("This is no engagement of yours that holds today."))
    outside = own.system_id not in {None, row.system_id} or not row.unit.path.startswith(own.unit.path)
    if outside:
        raise NotAllowed(_("%(thing)s lies outside the engagement %(engagement)s.") % {
            "thing": row.system or row.unit, "engagement": own,
        })  # fmt: skip


def require_requirement(row: DeskItem) -> None:
    """A requirement is one of its framework."""
    if row.requirement and row.framework not in SLUGS:
        raise BadInput(_("Say of which framework."), field="framework")
    if row.requirement and row.requirement not in {one.id for one in load(row.framework).requirements}:
        raise BadInput(_("The framework has no such requirement."), field="requirement")


def require_follower(row: DeskItem) -> None:
    """Somebody who may see it answers until a day, and is not the auditor."""
    if row.owner is None or row.due_on is None:
        raise BadInput(_("Say who answers, and until when."), field="owner" if row.owner is None else "due_on")
    if row.due_on < timezone.localdate():
        raise BadInput(_("The day lies in the past."), field="due_on")
    if row.owner_id == row.engagement.person_id or not access.allowed(row.owner, access.AUDIT_VIEW, row):
        raise BadInput(_("%s is not one who can answer here: name somebody with a duty in the unit.") % row.owner,
                       field="owner")  # fmt: skip


def ask(row: DeskItem, actor: Any) -> None:
    """The task of whoever answers."""
    if row.is_followed:
        work.open_task(
            row, kind=Task.Kind.ANSWER_AUDITOR, system=row.system, url=row.get_absolute_url(), actor=actor,
            person=row.owner, due_on=row.due_on,
        )  # fmt: skip


def locked(row: DeskItem, *statuses: str) -> DeskItem:
    """The row as it is now, when it is in one of the statuses."""
    log.locked_head()
    row = DeskItem.objects.select_related("engagement__person", "unit", "system", "owner").get(pk=row.pk)
    if row.status not in statuses:
        raise NotAllowed(_("%(item)s is %(status)s; this cannot be done to it now.") % {
            "item": row, "status": row.get_status_display().lower(),
        })  # fmt: skip
    return row


def sentence(text: str, field: str) -> str:
    """The text, when it says something."""
    if len(text.strip()) < SHORTEST:
        raise BadInput(_("Say it in at least %d characters.") % SHORTEST, field=field)
    return text.strip()


@retried
def answer_item(row: DeskItem, *, answer: str, actor: User) -> DeskItem:
    """Answer a request, or say what was done about a finding; the auditor looks at it now."""
    row = locked(row, DeskItem.Status.OPEN)
    require_owner(row, actor)
    row.answer, row.answered_by, row.answered_at = sentence(answer, "answer"), actor, timezone.now()
    row.status = DeskItem.Status.ANSWERED
    saved(row, actor, "desk_item.answered")
    work.close_tasks(row, actor=actor)
    work.open_task(
        row, kind=Task.Kind.VERIFY_ANSWER, system=row.system, url=row.get_absolute_url(), actor=actor,
        person=row.engagement.person,
    )  # fmt: skip
    return row


def require_owner(row: DeskItem, actor: User) -> None:
    """The one who was asked, still with a duty there."""
    access.require(actor, access.AUDIT_VIEW, row)
    if row.owner_id != actor.pk:
        raise NotAllowed(_("%s was asked, and answers.") % row.owner)


@retried
def attach_evidence(row: DeskItem, *, file: Any, actor: User) -> Attachment:
    """Keep a file with an item that one was asked about."""
    row = locked(row, DeskItem.Status.OPEN, DeskItem.Status.ANSWERED)
    require_owner(row, actor)
    quotas.require_storage(row.unit)
    if file.size > LARGEST:
        raise BadInput(_("The file is larger than %d MB. Split it.") % (LARGEST // 1_000_000), field="file")
    file.seek(0)
    kept = Attachment(
        blob=blobs.store(file.read(), "application/octet-stream"), name=display_name(file.name), role=ROLE,
        object_type=row._meta.label, object_id=row.pk,
    )  # fmt: skip
    kept.save()
    log.record(actor, "desk_item.file_attached", kept)
    return kept


def require_judge(row: DeskItem, actor: User) -> None:
    """An auditor or a risk officer of the unit, who is neither asked nor has answered."""
    access.require(actor, access.DESK_WRITE, row)
    if actor.pk in {row.owner_id, row.answered_by_id}:
        raise NotAllowed(_("Whoever answered does not say whether it suffices; somebody else does."))


@retried
def close_item(row: DeskItem, *, reason: str, actor: User) -> DeskItem:
    """Say, as somebody else than who answered, that the answer suffices or the finding is put right."""
    row = locked(row, DeskItem.Status.ANSWERED)
    require_judge(row, actor)
    row.status, row.closed_by, row.closed_at = DeskItem.Status.CLOSED, actor, timezone.now()
    saved(row, actor, "desk_item.closed", reason=sentence(reason, "reason"))
    work.close_tasks(row, actor=actor)
    return row


@retried
def return_item(row: DeskItem, *, reason: str, actor: User) -> DeskItem:
    """Say that the answer does not suffice; whoever was asked goes on."""
    row = locked(row, DeskItem.Status.ANSWERED)
    require_judge(row, actor)
    row.status = DeskItem.Status.OPEN
    saved(row, actor, "desk_item.returned", reason=sentence(reason, "reason"))
    work.close_tasks(row, actor=actor)
    ask(row, actor)
    return row


@retried
def withdraw_item(row: DeskItem, *, reason: str, actor: User) -> DeskItem:
    """Take back what one asked or found."""
    row = locked(row, DeskItem.Status.OPEN, DeskItem.Status.ANSWERED)
    require_engagement(row, actor)
    row.status = DeskItem.Status.WITHDRAWN
    saved(row, actor, "desk_item.withdrawn", reason=sentence(reason, "reason"))
    work.close_tasks(row, actor=actor)
    return row
