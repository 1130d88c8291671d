"""How much one person and one unit may ask for at a time, so that nobody's work starves another's."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from registry.errors import QuotaReached
from registry.jobs import job_models
from registry.models import BusinessUnit, JobStatus, User

WAITING = (JobStatus.QUEUED, JobStatus.RUNNING)
MINUTE = 60.0


def require_room(actor: User, unit: BusinessUnit) -> None:
    """Refuse one more job while too many of the person's or the unit's are not done. Call it in the transaction."""
    # Both rows are locked, so that two requests at once cannot both take the last place.
    list(User.objects.select_for_update(no_key=True).filter(pk=actor.pk))
    list(BusinessUnit.objects.select_for_update(no_key=True).filter(pk=unit.pk))
    own = in_flight(lambda model: {"requested_by": actor})
    if own >= settings.JOBS_PER_PERSON:
        raise QuotaReached(_("%d of your jobs are waiting; ask again when one of them is done.") % own)
    units = in_flight(lambda model: {model.unit_path: unit})
    if units >= settings.JOBS_PER_UNIT:
        raise QuotaReached(
            _("%(count)d jobs of %(unit)s are waiting; ask again when one of them is done.")
            % {"count": units, "unit": unit}
        )


def in_flight(condition: Any) -> int:
    """How many jobs of all kinds are not done, of those that the condition chooses."""
    return sum(
        model._base_manager.filter(status__in=WAITING, **condition(model)).order_by().count() for model in job_models()
    )


def require_upload(person: User) -> None:
    """Refuse one more file within a minute than the installation takes from a person."""
    place, now = f"uploads:{person.pk}", time.time()
    recent = [moment for moment in cache.get(place, []) if moment > now - MINUTE]
    if len(recent) >= settings.UPLOADS_PER_MINUTE:
        raise QuotaReached(
            _("You sent %d files within a minute, the limit of this installation; wait a moment.") % len(recent)
        )
    cache.set(place, [*recent, now], MINUTE)
