"""Takes in what people report on the report page: an entry of a register, a person who answers it, and a key to the answer."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.actions import work
from registry.actions.registers import next_number
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.hearing.sorts import Sort, sorts
from registry.models import AISystem, BusinessUnit, Duty, RegisterEntry, RoleAssignment, Task, User
from registry.registers.moves import with_move
from registry.registers.words import title_of
from registry.transactions import retried

LEAST, MOST = 10, 5000
SIGNER: Final = signing.Signer(salt="a report of somebody")
ANSWERED: Final = frozenset({"complaint", "appeal", "flag"})


@retried
def receive(
    *, sort: str, place: str, text: str, actor: User | None = None, system: AISystem | None = None
) -> RegisterEntry:
    """Write what somebody reported; who answers such reports gets it to do. Nothing of the reporter is kept but the account.

    Without an account it is about the organisation. Who is not to be named in a concern is not written down either.
    """
    found = sorts().get(sort)
    if found is None:
        raise BadInput(_("Choose what you want to report."), field="sort")
    if not LEAST <= len(text.strip()) <= MOST:
        raise BadInput(
            _("Write at least %(least)d and at most %(most)d characters.") % {"least": LEAST, "most": MOST},
            field="text",
        )
    if system is not None and (actor is None or not AISystem.objects.visible_to(actor).filter(pk=system.pk).exists()):
        raise BadInput(_("There is no such system that you may choose."), field="system")
    log.locked_head()
    row = written(found, place=place.strip(), text=text.strip(), author=actor, system=system)
    log.record(row.author, "report.received", row)
    for person in answering(found, row):
        work.open_task(
            row, kind=Task.Kind.RECEIVED, system=system, url=row.get_absolute_url(), person=person, due_on=row.due_on,
            actor=row.author,
        )  # fmt: skip
    return row


def written(sort: Sort, *, place: str, text: str, author: User | None, system: AISystem | None) -> RegisterEntry:
    """The entry, with the first of those who answer as its owner."""
    unit = system.unit if system else BusinessUnit.objects.get(parent=None)
    today = timezone.localdate()
    row = RegisterEntry(
        kind=sort.kind, number=next_number(sort.kind), unit=unit, system=system,
        author=None if sort.values.get("reporter_protected") else author, due_on=today + timedelta(days=sort.days),
        fields={**sort.values, "text": text},
    )  # fmt: skip
    if "received_at" in row.of.fields:
        row.fields["received_at"] = today.isoformat()
    row.status, row.title = row.of.begins, (place or text.splitlines()[0])[:120]
    row.title = title_of(row) if row.of.named_by else row.title
    row.owner = answering(sort, row)[0]
    row.save()
    return row


def answering(sort: Sort, row: RegisterEntry) -> list[User]:
    """Who answers: the holders of the duty there or above, else the risk officers, else whoever administers."""
    above = [UUID(pk) for pk in row.unit.path.split("/") if pk]
    for duty in (sort.duty, Duty.RISK_OFFICER):
        found = (
            holders(duty).filter(role_assignments__unit__in=above, role_assignments__duty=duty)
            if row.system_id
            else holders(duty)
        )
        if found:
            return list(found.distinct().order_by("name", "pk"))
    return list(holders(Duty.ADMINISTRATOR).distinct().order_by("name", "pk")[:1])


def holders(duty: str) -> QuerySet[User]:
    """Active people who hold a duty now."""
    held = RoleAssignment.objects.current().filter(duty=duty)
    return User.objects.filter(is_active=True, pk__in=held.values("person"))


def key_to(row: RegisterEntry) -> str:
    """The secret part of the address under which whoever reported reads the answer; nobody can guess it."""
    return SIGNER.sign(str(row.pk))


def behind(key: str) -> tuple[RegisterEntry, str] | None:
    """The entry of a key and its answer, empty while there is none; None for a key that was never given."""
    try:
        pk = SIGNER.unsign(key)
    except signing.BadSignature:
        return None
    row = RegisterEntry.objects.filter(pk=pk).first()
    sort = next((one for one in sorts().values() if row is not None and is_of(row, one)), None)
    if row is None or sort is None:
        return None
    return row, str(row.fields.get(sort.answer) or "") if row.status in sort.shown_in else ""


def is_of(row: RegisterEntry, sort: Sort) -> bool:
    """The entry was written as this sort."""
    return row.kind == sort.kind and all(row.fields.get(name) == value for name, value in sort.values.items())


@with_move("feedback_item", "decide")
def require_answer(row: RegisterEntry, actor: Any) -> None:
    """A flag, complaint or appeal is decided with an answer."""
    if row.fields.get("feedback_type") in ANSWERED and not row.fields.get("response"):
        raise NotAllowed(_("Write the answer first; whoever reported it reads it."))


def may_choose(person: Any) -> Any:
    """The systems that somebody with an account may name."""
    return AISystem.objects.visible_to(person) if access.grants(person) else AISystem.objects.none()
