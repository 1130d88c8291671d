"""Erases the personal text of an entry: asked for by one person, carried out when another confirms; the log still holds."""

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AuditBody, AuditEntry, BodyErasure, BusinessUnit, User
from registry.transactions import retried

SHORTEST = 10


def unit_of(entry: AuditEntry) -> BusinessUnit:
    """Whose duties decide on an erasure: the unit of the entry, or the whole organisation where it has none."""
    return entry.unit or BusinessUnit.objects.get(parent=None)


@retried
def request_erasure(entry: AuditEntry, *, reason: str, actor: User) -> BodyErasure:
    """Ask that the text of an entry be erased: snapshot, reason and names; its hash, time and act stay."""
    unit = unit_of(entry)
    access.require(actor, access.ERASE_REQUEST, unit)
    if len(reason.strip()) < SHORTEST:
        raise BadInput(_("Say in at least ten characters why the text must go, without repeating it."), field="reason")
    # Held until the end, so that of two requests at once the second finds the first; the entry itself is never locked.
    list(BusinessUnit.objects.select_for_update(no_key=True).filter(pk=unit.pk))
    if BodyErasure.objects.filter(entry=entry).exists():
        raise NotAllowed(_("The erasure of entry %d was asked for already.") % entry.pk)
    if not AuditBody.objects.filter(pk=entry.pk, body__isnull=False).exists():
        raise NotAllowed(_("Entry %d holds no text any more.") % entry.pk)
    erasure = BodyErasure(entry=entry, unit=unit, reason=reason.strip(), requested_by=actor)
    erasure.save()
    log.record(actor, "erasure.requested", erasure)
    return erasure


@retried
def confirm_erasure(erasure: BodyErasure, *, actor: User) -> BodyErasure:
    """Agree, as a second person: text and salt are gone, and what remains is the commitment in the header."""
    separation.require_now(actor, access.ERASE_CONFIRM, erasure.unit)
    erasure = BodyErasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
    refusal = _("You asked for this erasure, so somebody else must confirm it.")
    separation.require_apart(actor, {erasure.requested_by_id}, refusal, action=access.ERASE_CONFIRM, obj=erasure.unit)
    if erasure.confirmed_at is not None:
        raise NotAllowed(_("Entry %d was erased already.") % erasure.entry_id)
    erasure.confirmed_by, erasure.confirmed_at = actor, timezone.now()
    erasure.save()
    AuditBody.objects.filter(pk=erasure.entry_id).update(
        body=None, salt=None, erased_at=erasure.confirmed_at, erased_reason=erasure.reason
    )
    log.record(actor, "erasure.confirmed", erasure)
    return erasure
