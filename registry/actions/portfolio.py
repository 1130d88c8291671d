"""Says which systems rest on which, and ends it; nothing rests on itself, by whatever way."""

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, portfolio
from registry.actions import inventory
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Dependence, User
from registry.transactions import retried


@retried
def rest_on(system: AISystem, *, rests_on: AISystem, actor: User) -> Dependence:
    """Say that a system rests on another that the person may see."""
    access.require(actor, access.MODEL_EDIT, system)
    access.require(actor, access.MODEL_VIEW, rests_on)
    log.locked_head()  # two links that together close a circle must not pass each other
    if system.pk == rests_on.pk:
        raise BadInput(_("%s cannot rest on itself.") % system, field="rests_on")
    if Dependence.objects.standing().filter(system=system, rests_on=rests_on).exists():
        raise BadInput(
            _("%(system)s rests on %(other)s already.") % {"system": system, "other": rests_on}, field="rests_on"
        )
    require_no_circle(system, rests_on, actor)
    return inventory.saved(Dependence(system=system, rests_on=rests_on), actor, "dependence.added")


def require_no_circle(system: AISystem, rests_on: AISystem, actor: User) -> None:
    """What a system is to rest on does not rest on the system already."""
    way = portfolio.way_down(rests_on.pk, system.pk)
    if not way:
        return
    seen = dict(AISystem.objects.visible_to(actor).filter(pk__in=way).values_list("pk", "name"))
    if len(seen) < len(way):
        raise BadInput(_("This would close a circle by way of systems that you may not see."), field="rests_on")
    raise BadInput(
        _("This would close a circle, for already: %s.") % " → ".join(seen[pk] for pk in way), field="rests_on"
    )


@retried
def end_dependence(row: Dependence, *, actor: User) -> Dependence:
    """Say that a system does not rest on the other any more."""
    access.require(actor, access.MODEL_EDIT, row.system)
    row = Dependence.objects.select_for_update(of=("self",)).select_related("system").get(pk=row.pk)
    if row.ended_at is not None:
        raise NotAllowed(_("This has ended already."))
    row.ended_at = timezone.now()
    row.save()
    log.record(actor, "dependence.ended", row)
    return row
