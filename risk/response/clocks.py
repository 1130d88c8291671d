"""The clocks of the law that run for an incident: until when whom to tell, and whether that was done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _, ngettext

from registry import moment
from registry.models import AISystem, RegisterEntry
from risk.models import Incident
from risk.response.rules import NOTICE, Clock, holds, rules


@dataclass(frozen=True)
class Running:
    """A clock of an incident, its end, and the notice that answers it; None before the notice is begun."""

    clock: Clock
    ends_at: datetime
    notice: RegisterEntry | None
    incident: Incident

    @property
    def told_on(self) -> str:
        """The day on which it was told; empty while it was not."""
        return str(self.notice.fields.get("sent_at") or "") if self.notice else ""

    @property
    def is_over(self) -> bool:
        """The time is over and nobody was told."""
        return not self.told_on and self.ends_at < moment.now()

    @property
    def state(self) -> tuple[str, str]:
        """How it stands, as pages draw it, and in a word."""
        if self.told_on:
            return "done", _("Told")
        return ("overdue", _("Overdue")) if self.is_over else ("open", _("Running"))

    @property
    def left(self) -> str:
        """How much time is left, in words."""
        if self.told_on:
            return _("Told on %s.") % self.told_on
        hours = int((self.ends_at - moment.now()).total_seconds() // 3600)
        if hours < 0:
            return _("The time is over.")
        if hours < 72:
            return ngettext("%(n)d hour is left.", "%(n)d hours are left.", hours) % {"n": hours}
        return _("%d days are left.") % (hours // 24)


def eu_class(system: AISystem) -> str:
    """The class under the EU AI Act that was last decided for a system; empty for none."""
    rows = RegisterEntry.objects.filter(kind="eu_classification", system=system, status="approved")
    newest = rows.order_by("-approved_at").first()
    return str(newest.fields.get("tier") or "") if newest else ""


def facts(incident: Incident) -> dict[str, Any]:
    """What conditions compare."""
    names = ("serious", "near_miss", "is_privacy", "severity", "consequence")
    return {name: getattr(incident, name) for name in names} | {"eu_class": eu_class(incident.system)}


def applying(incident: Incident) -> list[Clock]:
    """The clocks that run; of one law the shortest."""
    known = facts(incident)
    found: dict[str, Clock] = {}
    for clock in sorted(rules().clocks, key=lambda each: each.hours):
        if holds(clock.when, known):
            found.setdefault(clock.law, clock)
    return list(found.values())


def end_of(clock: Clock, incident: Incident) -> datetime:
    """When its time is over: the law counts from when one became aware."""
    return incident.aware_at + timedelta(hours=clock.hours)


def notices(incident: Incident) -> dict[str, RegisterEntry]:
    """The notices that clocks began, by clock."""
    rows = RegisterEntry.objects.filter(kind=NOTICE, fields__incident=str(incident.pk)).standing()
    return {row.fields["clock"]: row for row in rows if row.fields.get("clock")}


def running(incident: Incident) -> list[Running]:
    """The clocks of an incident, the first to end first."""
    begun = notices(incident)
    return [Running(each, end_of(each, incident), begun.get(each.name), incident) for each in applying(incident)]
