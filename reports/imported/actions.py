"""Brings frameworks in, gives their controls rules, and approves or rejects editions."""

from typing import Any, Final

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, blobs, separation
from registry.actions import delegations
from registry.actions.owners import require_reason
from registry.audit import log
from registry.canonical import digest
from registry.errors import BadInput, NotAllowed
from registry.models import BusinessUnit, User
from registry.transactions import retried
from reports.imported import catalogue, rules
from reports.imported.reading import mapping_of
from reports.models import FrameworkApproval, FrameworkEdition

Status = FrameworkEdition.Status
# So many people, none of them the author, bring an edition into force.
APPROVERS: Final = 2


@retried
def bring(*, content: bytes, file: str, slug: str = "", reason: str, actor: User) -> FrameworkEdition:
    """Take in a catalogue, or rules for one that is here.

    A first catalogue without any rule claims nothing and replaces nothing, so that it stands at once; everything else
    waits for two others.
    """
    unit = BusinessUnit.objects.get(parent=None)
    access.require(actor, access.THRESHOLDS_EDIT, unit)
    require_reason(reason)
    log.locked_head()  # two at once are two editions
    body = body_of(content, file=file, slug=slug)
    used = in_force(body["framework"])
    checksum = digest(body)
    if used is not None and used.digest == checksum:
        raise BadInput(_("%s: it changes nothing; this edition is in force already.") % file, field="file")
    row = FrameworkEdition(
        unit=unit, slug=body["framework"], name=body["name"], edition=body["version"], file_name=file[:200],
        source=blobs.store(content, "application/octet-stream"), body=body, digest=checksum, author=actor,
        reason=reason.strip(),
    )  # fmt: skip
    row.save()
    log.record(actor, "framework.brought", row, reason=row.reason)
    if used is None and not any("evidence" in entry for entry in catalogue.controls(body)):
        bring_into_force(row, actor=actor)
    return row


def body_of(content: bytes, *, file: str, slug: str) -> dict[str, Any]:
    """What an edition would hold: a catalogue with the rules that its controls had, or the one in force with rules."""
    raw = mapping_of(content, file=file)
    if not rules.is_rules(raw):
        body = catalogue.read(content, file=file, slug=slug)
        used = in_force(body["framework"])
        return rules.carried(body, used.body if used else None)
    used = in_force(str(raw.get("framework") or ""))
    if used is None:
        told = _("%(file)s, framework: no catalogue “%(named)s” is in force here; bring the catalogue first.")
        raise BadInput(told % {"file": file, "named": raw.get("framework")}, field="file")
    return rules.with_rules(used.body, content, file=file)


def in_force(slug: str) -> FrameworkEdition | None:
    """The edition that decides now."""
    found: FrameworkEdition | None = FrameworkEdition.objects.in_force().filter(slug=slug).first()
    return found


def locked(edition: FrameworkEdition) -> FrameworkEdition:
    """The row as it is now, held until the transaction ends, while it waits."""
    row: FrameworkEdition = (
        FrameworkEdition.objects.select_for_update(of=("self",)).select_related("unit", "author").get(pk=edition.pk)
    )
    if row.status != Status.PROPOSED:
        told = _("%(edition)s is %(status)s; this cannot be done to it now.")
        raise NotAllowed(told % {"edition": row, "status": row.get_status_display().lower()})
    return row


@retried
def approve(edition: FrameworkEdition, *, reason: str, actor: User) -> FrameworkEdition:
    """One of two approvals; the second brings it into force and supersedes the one before."""
    separation.require_now(actor, access.THRESHOLDS_APPROVE, edition)
    log.locked_head()
    row = locked(edition)
    require_reason(reason)
    act: dict[str, Any] = {"action": access.THRESHOLDS_APPROVE, "obj": row}
    separation.require_apart(actor, {row.author_id}, _("You brought this edition; two other people approve it."), **act)
    given = separation.decided_by(dict(FrameworkApproval.objects.filter(edition=row).values_list("pk", "person_id")))
    refusal = _("You have approved this edition already; a second person does as well.")
    separation.require_apart(actor, given, refusal, **act)
    separation.require_settled_role(actor, access.THRESHOLDS_APPROVE, row, pending_since=row.created_at)
    require_newest(row)
    approval = FrameworkApproval(edition=row, person=actor, reason=reason.strip())
    approval.save()
    log.record(actor, "framework.approved", approval, reason=approval.reason)
    delegations.note_act(approval, action=access.THRESHOLDS_APPROVE, actor=actor)
    if FrameworkApproval.objects.filter(edition=row).count() >= APPROVERS:
        bring_into_force(row, actor=actor)
    return row


def require_newest(row: FrameworkEdition) -> None:
    """What was made of an edition that is in force no more would take away what came since."""
    since = FrameworkEdition.objects.filter(slug=row.slug).aggregate(last=Max("in_force_at"))["last"]
    if since is not None and since > row.created_at:
        raise NotAllowed(_("Another edition came into force after this one was brought. Bring this one again."))


def bring_into_force(row: FrameworkEdition, *, actor: User) -> None:
    """It decides from now on; the one before is kept."""
    before = in_force(row.slug)
    if before is not None:
        before.status, before.ended_at = Status.SUPERSEDED, timezone.now()
        before.save()
        log.record(actor, "framework.superseded", before)
    row.status, row.in_force_at = Status.IN_FORCE, timezone.now()
    row.save()
    log.record(actor, "framework.brought_into_force", row)


@retried
def reject(edition: FrameworkEdition, *, reason: str, actor: User) -> FrameworkEdition:
    """End a proposal: whoever may approve it does, or its author, who takes it back."""
    row = locked(edition)
    if row.author_id != actor.pk:
        separation.require_now(actor, access.THRESHOLDS_APPROVE, row)
    require_reason(reason)
    row.status, row.ended_at = Status.REJECTED, timezone.now()
    row.save()
    log.record(actor, "framework.rejected", row, reason=reason.strip())
    return row
