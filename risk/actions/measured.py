"""Opens a risk of the catalogue when a check that speaks to it fails, and closes it when the check passes again."""

from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry.actions import work
from registry.audit import log
from registry.models import AISystem, Evidence, Task, Verdict
from registry.transactions import hold, retried
from risk.actions.register import store
from risk.catalogue import Known, catalogue
from risk.models import Risk

# What a failed check says of likelihood is that it is so now; how grave it is people say.
LIKELIHOOD, IMPACT = 5, 3
CATEGORIES: Final = frozenset(Risk.Category.values)


def look(since: datetime) -> int:
    """Go through the runs that were received since a moment; how many risks were opened or closed.

    Of each check and system the newest run that stands counts, whatever its version.
    """
    fresh = Evidence.objects.standing().filter(received_at__gte=since)
    systems = AISystem.objects.filter(models__versions__evidence__in=fresh).distinct().select_related("unit")
    return sum(look_at(system) for system in systems)


@retried
def look_at(system: AISystem) -> int:
    """One system: what its newest runs open and close."""
    verdicts = newest_verdicts(system)
    live = list(Risk.objects.live().filter(system=system).exclude(catalogue_ref=""))
    known = {risk.catalogue_ref for risk in live}
    opened = [
        open_one(system, each, name)
        for each in catalogue().risks.values()
        for name in [next((one for one in each.checks if verdicts.get(one) == Verdict.FAIL), "")]
        if name and each.id not in known
    ]
    passed = [risk for risk in live if is_over(risk) and verdicts.get(risk.opened_by_check) == Verdict.PASS]
    return len(opened) + sum(map(close_one, passed))


def newest_verdicts(system: AISystem) -> dict[str, str]:
    """By name of a check: the verdict of its newest run that stands and has one."""
    rows = Evidence.objects.standing().filter(version__model__system=system).exclude(verdict="")
    found: dict[str, str] = {}
    for row in rows.order_by("effective_at", "received_at"):
        found |= dict.fromkeys(row.shows, row.verdict)
    return found


def is_over(risk: Risk) -> bool:
    """The software opened it, and no person has rated or accepted it since."""
    return bool(risk.opened_by_check) and risk.rated_by_id is None and risk.status == Risk.Status.OPEN


def open_one(system: AISystem, each: Known, check: str) -> Risk:
    """A risk as the catalogue has it, for its owner to rate."""
    level = catalogue().level(LIKELIHOOD, IMPACT, harms=each.harms)
    category = next((harm for harm in each.harms if harm in CATEGORIES), Risk.Category.INTEGRITY)
    risk = Risk(
        system=system, title=each.title[:200], description=each.description, catalogue_ref=each.id, component=component(each),
        category=category, likelihood=LIKELIHOOD, impact=IMPACT, inherent_level=level, residual_likelihood=LIKELIHOOD,
        residual_impact=IMPACT, residual_level=level, owner=system.technical_owner or system.business_owner,
        source=Risk.Source.MONITORING, reviewed_at=timezone.now(), opened_by_check=check,
    )  # fmt: skip
    store(risk)
    log.record(None, "risk.opened_by_check", risk, check=check)
    work.open_task(
        risk, kind=Task.Kind.ALARM, system=system, url=risk.get_absolute_url(), person=risk.owner, actor=None
    )
    return risk


def component(each: Known) -> Any:
    """Where it arises, by the catalogue's word."""
    return each.component if each.component in Risk.Component.values else Risk.Component.SYSTEM


def close_one(risk: Risk) -> int:
    """The check passes again, and nobody has said more of the risk, also since it was looked at."""
    hold(risk)
    if not is_over(risk):
        return 0
    risk.status = Risk.Status.CLOSED
    risk.save()
    log.record(None, "risk.closed", risk, reason=_("the check %s passes again") % risk.opened_by_check)
    work.close_tasks(risk, actor=None)
    return 1
