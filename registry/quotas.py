"""How much one person and one unit may ask for at a time, so that nobody's work starves another's."""

import math
import time
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q, Sum
from django.utils.translation import gettext as _, ngettext

from registry.errors import QuotaReached
from registry.jobs import job_models
from registry.models import Blob, BusinessUnit, JobStatus, ModelVersion, User

WAITING = (JobStatus.QUEUED, JobStatus.RUNNING)
MINUTE, MEGABYTE, HOUR = 60.0, 2**20, 3600


def require_room(actor: User, unit: BusinessUnit) -> None:
    """Refuse one more job while too many of the person's or the unit's are not done. Call it in the transaction."""
    # Both rows are locked, so that two requests at once cannot both take the last place.
    list(User.objects.select_for_update(no_key=True).filter(pk=actor.pk))
    list(BusinessUnit.objects.select_for_update(no_key=True).filter(pk=unit.pk))
    own = in_flight(lambda model: {"requested_by": actor})
    if own >= settings.JOBS_PER_PERSON:
        raise QuotaReached(
            ngettext(
                "%d of your jobs is not done, the most that one person has at a time; ask again when it is.",
                "%d of your jobs are not done, the most that one person has at a time; ask again when one of them is.",
                own,
            )
            % own
        )
    units = in_flight(lambda model: {model.unit_path: unit})
    if units >= settings.JOBS_PER_UNIT:
        raise QuotaReached(
            _("%(count)d jobs of %(unit)s are not done, the most of a unit at a time; ask again when one of them is.")
            % {"count": units, "unit": unit}
        )
    require_storage(unit)


def in_flight(condition: Any) -> int:
    """How many jobs of all kinds are not done, of those that the condition chooses."""
    return sum(
        model._base_manager.filter(status__in=WAITING, **condition(model)).order_by().count()
        for model in job_models()
        if not model.is_part
    )


def require_storage(unit: BusinessUnit) -> None:
    """Refuse more work for a unit whose files fill the room that the installation gives to one.

    The more files a unit has, the longer counting takes; one with nine tenths of its room left is not counted again
    for a minute.
    """
    most, place = settings.STORAGE_PER_UNIT, f"room:{unit.pk}"
    if not most or cache.get(place) == most:
        return
    held = stored(unit)
    if held < most // 10:
        cache.set(place, most, MINUTE)
    if held >= most:
        raise QuotaReached(
            _(
                "The files of %(unit)s have %(held)d MB, the most of a unit being %(most)d. Nothing was stored: ask "
                "whoever runs this installation for more room (ATTESTRY_STORAGE_PER_UNIT), then send it again."
            )
            % {"unit": unit, "held": held // MEGABYTE, "most": most // MEGABYTE},
            seconds=HOUR,
        )


def stored(unit: BusinessUnit) -> int:
    """The bytes of the artefacts, tables, reports and packs of a unit; equal bytes count once."""
    kinds: list[tuple[Any, str, str]] = [(ModelVersion, "model__system__unit", "artifact")]
    kinds += [(model, model.unit_path, "blob") for model in job_models() if has_blob(model)]
    used = [table._base_manager.filter(**{path: unit}).values(column) for table, path, column in kinds]
    condition = reduce(or_, (Q(pk__in=rows) for rows in used))
    return Blob.objects.filter(condition).aggregate(held=Sum("size"))["held"] or 0


def has_blob(model: Any) -> bool:
    """Jobs of this kind keep a file."""
    return any(field.name == "blob" for field in model._meta.concrete_fields)


def require_upload(person: User) -> None:
    """Refuse one more file within a minute than the installation takes from a person."""
    place, now = f"uploads:{person.pk}", time.time()
    recent = [moment for moment in cache.get(place, []) if moment > now - MINUTE]
    if len(recent) >= settings.UPLOADS_PER_MINUTE:
        seconds = max(1, math.ceil(recent[0] + MINUTE - now))
        raise QuotaReached(
            ngettext(
                "You sent %(count)d file within a minute, the limit of this installation; send it again in %(seconds)d s.",
                "You sent %(count)d files within a minute, the limit of this installation; send it again in %(seconds)d s.",
                len(recent),
            )
            % {"count": len(recent), "seconds": seconds},
            seconds=seconds,
        )
    cache.set(place, [*recent, now], MINUTE)
