"""Does what the rules say of an incident: suspends what was approved, tells the board, begins the notices of the law."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry.actions import rounds, work
from registry.actions.registers import next_number
from registry.audit import log
from registry.models import RegisterEntry, Release, Review, Task, VersionStatus
from registry.registers.words import title_of
from risk.models import Incident, Suspension
from risk.response import clocks
from risk.response.rules import NOTICE, Clock, holds, rules

IN_FORCE = (VersionStatus.APPROVED, VersionStatus.PUBLISHED, VersionStatus.DEPRECATED)


def follow(incident: Incident) -> None:
    """What an incident sets off as it is now, by the software; called in the transaction of each change of it."""
    known = clocks.facts(incident)
    if any(holds(when, known) for when in rules().suspends):
        for release in approved(incident):
            suspend(release, incident)
    begun = clocks.notices(incident)
    for clock in clocks.applying(incident):
        if clock.name not in begun:
            begin_notice(clock, incident)


def approved(incident: Incident) -> list[Release]:
    """The releases whose approval it takes away: of its version, or of all of the system where none is known."""
    rows = Release.objects.filter(system=incident.system, version__status__in=IN_FORCE)
    rows = rows.filter(status__in=[Release.Status.APPROVED, Release.Status.PUBLISHED])
    return list(rows.filter(version=incident.version) if incident.version else rows)


def suspend(release: Release, incident: Incident) -> None:
    """Take the approval away: every sign-off is void and asked for anew, and the board has it in its work."""
    rows = Review.objects.select_for_update(of=("self",)).select_related("release__version__model__system")
    review = rows.filter(release=release).first()
    if review is None:
        return
    rounds.reopen(review, reason=_("suspended after the incident “%s”") % incident, actor=None)
    row = Suspension(incident=incident, release=release)
    row.save()
    log.record(None, "approval.suspended", row)
    for duty in rules().tells:
        work.open_task(
            row, kind=Task.Kind.SUSPENDED, system=incident.system, url=release.get_absolute_url(), duty=duty, actor=None
        )


def begin_notice(clock: Clock, incident: Incident) -> None:
    """An entry in the register of notices with the day by which it is sent, and a task for the duty that sends it."""
    day = timezone.localdate(clocks.end_of(clock, incident))
    fields: dict[str, Any] = {"incident": str(incident.pk), "recipient_type": clock.to, "clock": clock.name}
    row = RegisterEntry(
        kind=NOTICE, number=next_number(NOTICE), fields=fields, owner=incident.owner or incident.reporter, author=None,
        unit=incident.system.unit, system=incident.system, due_on=day,
    )  # fmt: skip
    row.status, row.title = row.of.begins, title_of(row)
    row.save()
    log.record(None, "entry.raised", row)
    work.open_task(
        row, kind=Task.Kind.TELL_OF_INCIDENT, system=incident.system, url=row.get_absolute_url(), duty=clock.duty,
        due_on=day, actor=None,
    )  # fmt: skip
