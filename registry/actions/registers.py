"""Writes entries of registers: new ones, changes, moves between statuses, acceptances. Approval has a module of its own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import register_approval, work
from registry.actions.inventory import saved
from registry.actions.vendors import require_text
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import BusinessUnit, RegisterEntry, Task, User
from registry.registers import acceptance, budgets, kind_named, moves, rights, subjects
from registry.registers.kinds import WAITING, Kind, Move
from registry.registers.values import require_sound
from registry.registers.words import title_of
from registry.transactions import retried


@retried
def add_entry(
    about: Any, *, kind: Kind, fields: dict[str, Any], actor: User, title: str = "", owner: User | None = None,
    due_on: date | None = None, status: str = "",
) -> RegisterEntry:  # fmt: skip
    """Write a new entry about something; it begins with the first status, or with one that a person may give it."""
    sort = subjects.sort_of(about)
    require_about(kind, about, sort)
    rights.require_write(kind, actor, about)
    if status and status not in kind.typed:
        raise BadInput(_("“%s” is not typed; a verb leads there.") % status, field="status")
    log.locked_head()
    row = RegisterEntry(
        kind=kind.name, number=next_number(kind.name), title=title.strip(), fields=require_sound(kind, fields),
        status=status or kind.begins, owner=owner or actor, author=actor, due_on=due_on, **subjects.columns(about),
    )  # fmt: skip
    require_columns(row)
    moves.carry(row, moves.ADDED, actor)
    saved(row, actor, "entry.added")
    budgets.look(row, actor=actor)
    return row


def require_about(kind: Kind, about: Any, sort: str) -> None:
    """The kind is one of entries about such a thing."""
    is_root = isinstance(about, BusinessUnit) and about.parent_id is None
    if (("organisation" if is_root else sort) not in kind.about) and not (is_root and "unit" in kind.about):
        raise BadInput(_("%(kind)s is not about this: %(row)s.") % {"kind": kind.label, "row": about}, field="about")


def require_columns(row: RegisterEntry) -> None:
    """A title, and the date where the kind demands one."""
    row.title = title_of(row) if row.of.named_by else row.title
    if not row.title:
        raise BadInput(_("Give it a title."), field="title")
    if row.of.due and row.of.due.required and row.due_on is None:
        raise BadInput(_("It needs a date."), field="due_on")


def next_number(kind: str) -> int:
    """The number after the last one of a kind."""
    return (RegisterEntry.objects.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0) + 1


@retried
def edit_entry(
    row: RegisterEntry, *, fields: dict[str, Any], actor: User, title: str = "", owner: User | None = None,
    due_on: date | None = None, status: str = "",
) -> RegisterEntry:  # fmt: skip
    """Change what an entry says. Of an approved one a new revision is written, a draft until it is approved, too."""
    rights.require_write(row.of, actor, row)
    log.locked_head()
    row = RegisterEntry.objects.get(pk=row.pk)
    if not row.is_standing:
        raise NotAllowed(_("%s is no longer in use; it stays as it is.") % row)
    was = row.due_on
    stamped = {name: value for name, value in row.fields.items() if row.of.fields[name].stamped}
    is_new = row.of.approve is not None and row.status == "approved"
    row = next_revision(row, actor) if is_new else row
    if status and not (row.of.is_edited_freely and status in row.of.typed):
        raise BadInput(_("“%s” is not typed; a verb leads there.") % status, field="status")
    row.fields = {**require_sound(row.of, fields), **stamped}
    row.title, row.owner, row.due_on, row.status = title.strip(), owner or row.owner, due_on, status or written(row)
    require_columns(row)
    moves.carry(row, moves.EDITED, actor)
    saved(row, actor, "entry.revised" if is_new else "entry.edited", fields=sorted(fields))
    if row.due_on != was:
        work.close_tasks(row, actor=actor, kind=Task.Kind.ENTRY_DUE)
    work.close_tasks(row, actor=actor, kind="" if row.is_settled else Task.Kind.APPROVE_ENTRY)
    budgets.look(row, actor=actor)
    return row


def written(row: RegisterEntry) -> str:
    """The status after a change: what waited for approval is a draft again."""
    return row.of.begins if row.of.approve is not None and row.status == WAITING else row.status


def next_revision(row: RegisterEntry, actor: User) -> RegisterEntry:
    """A draft of the next revision; one at a time."""
    last = RegisterEntry.objects.filter(kind=row.kind, number=row.number).latest("revision")
    if last.revision > row.revision and last.is_standing:
        raise NotAllowed(_("Revision %d is being written already; go on there.") % last.revision)
    return RegisterEntry(
        kind=row.kind, number=row.number, revision=last.revision + 1, title=row.title, status=row.of.begins,
        unit=row.unit, system=row.system, model_version=row.model_version, vendor=row.vendor, dataset=row.dataset,
        owner=row.owner, author=actor,
    )  # fmt: skip


@retried
def withdraw_entry(row: RegisterEntry, *, reason: str, actor: User) -> None:
    """Take an entry out of use, with a reason: a draft or a record by who may edit it, an approved one by who may
    approve it."""
    separation.keep_duties(actor)
    log.locked_head()
    row = RegisterEntry.objects.get(pk=row.pk)
    if row.status == "approved":
        register_approval.require_duty(row, actor=actor)
    else:
        rights.require_write(row.of, actor, row)
    require_text(reason, "reason")
    if not row.is_standing:
        raise NotAllowed(_("%s is out of use already.") % row)
    row.status = row.of.retired if row.status == "approved" else "withdrawn"
    saved(row, actor, "entry.retired" if row.approved_by else "entry.withdrawn", reason=reason.strip())
    work.close_tasks(row, actor=actor)


@retried
def move_entry(
    row: RegisterEntry, *, move: str, reason: str, actor: User, stamped: Mapping[str, Any] | None = None
) -> None:
    """Take a step to another status, with a reason. One that asks for a duty is taken by who holds it and did not write
    the entry; `stamped` are fields that the act fills which takes the step."""
    log.locked_head()
    row = RegisterEntry.objects.get(pk=row.pk)
    step = next((each for each in row.of.moves_from(row.status) if each.name == move), None)
    if step is None:
        rights.require_write(row.of, actor, row)
        raise NotAllowed(_("%(entry)s is %(status)s; this step does not begin there.") % {
            "entry": row, "status": row.get_status_display().lower(),
        })  # fmt: skip
    require_mover(row, step, actor)
    require_text(reason, "reason")
    row.fields = {**row.fields, **(stamped or {})}
    moves.carry(row, move, actor)
    today = timezone.localdate().isoformat()
    stamps = {step.stamp: today} if step.stamp else {}
    kept = {step.keeps_reason_in: reason.strip()} if step.keeps_reason_in else {}
    row.status, row.fields = step.to, {**row.fields, **stamps, **kept}
    saved(row, actor, "entry.moved", reason=reason.strip(), move=move)
    work.close_tasks(row, actor=actor)


def require_mover(row: RegisterEntry, step: Move, actor: User) -> None:
    """Who may edit the entry; of a guarded step, who holds its duty and did not write the entry or say it is done."""
    if not step.duties:
        rights.require_write(row.of, actor, row)
        return
    separation.require_now(actor, access.REGISTER_APPROVE, row)
    register_approval.require_one_of(row, step.duties, actor)
    separation.require_not_written(
        actor, row, acts=(*register_approval.WRITTEN, "entry.moved"), action=access.REGISTER_APPROVE
    )


@transaction.atomic
def accept_entry(row: RegisterEntry, *, actor: User) -> RegisterEntry:
    """Say that one has read and accepts what is in force; once a revision."""
    row = RegisterEntry.objects.get(pk=row.pk)
    if row.status != "approved" or not row.of.acknowledged_in or not acceptance.is_for(row, actor):
        raise NotAllowed(_("%s is not yours to accept, or is not in force.") % row)
    kind = kind_named(row.of.acknowledged_in)
    given = acceptance.given(row).filter(author=actor).first()
    if given is not None:
        return given
    log.locked_head()
    fields = {"policy": str(row.pk), "person": str(actor.pk), "acknowledged_at": timezone.localdate().isoformat()}
    accepted = RegisterEntry(
        kind=kind.name, number=next_number(kind.name), fields=fields, status=kind.begins, owner=actor, author=actor,
        unit=row.unit, system=row.system,
    )  # fmt: skip
    accepted.title = title_of(accepted)
    saved(accepted, actor, "entry.accepted")
    work.close_tasks(row, actor=actor, kind=Task.Kind.ACCEPT_POLICY, person=actor)
    return accepted
