"""Looks every day at approvals that end: reminds the owners before, and acts by policy once the day is past."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import policy
from registry.actions import rounds, work
from registry.models import Release, Review, Task

# So many days before the end the owners are asked to renew.
ASKED_BEFORE: Final = 30
logger = logging.getLogger(__name__)


def look(today: date) -> int:
    """Act on each approval that ends soon or has ended. What was done already is not done again."""
    acted = 0
    for release in ending(today):
        try:
            with transaction.atomic():
                acted += act_on(Release.objects.select_for_update().get(pk=release.pk), today)
        except Exception:  # a border: one release must not keep the others from being looked at
            logger.exception("The end of the approval of %s could not be acted on; it is tried again.", release.pk)
    return acted


def ending(today: date) -> Iterator[Release]:
    """Published releases whose approval ends within the days of the reminder, or has ended."""
    rows = Release.objects.filter(
        status=Release.Status.PUBLISHED, approval_ends_on__lte=today + timedelta(days=ASKED_BEFORE)
    )
    yield from rows.order_by("approval_ends_on", "pk")


def act_on(release: Release, today: date) -> bool:
    """Ask the owner for the renewal, once; past the day suspend where the policy says so."""
    end = release.approval_ends_on
    if release.status != Release.Status.PUBLISHED or end is None:
        return False
    if end < today and policy.of_release(release).suspends_at_end:
        suspend(release, end)
        return True
    if Task.objects.filter(object_id=release.pk, kind=Task.Kind.RENEW, due_on=end).exists():
        return False
    ask_to_renew(release)
    return True


def ask_to_renew(release: Release) -> Any:
    """The task of the technical owner, due by the last day of the approval."""
    work.close_tasks(release, kind=Task.Kind.RENEW, actor=None)
    return work.open_task(
        release, kind=Task.Kind.RENEW, system=release.system, url=release.get_absolute_url(),
        person=release.system.technical_owner, due_on=release.approval_ends_on, actor=None,
    )  # fmt: skip


def suspend(release: Release, end: date) -> None:
    """Out of use until it is decided on anew and published again."""
    rows = Review.objects.select_for_update(of=("self",)).select_related("release__version__model__system")
    rounds.reopen(
        rows.get(release=release),
        reason=_("suspended by the policy: the approval ended on %s") % date_format(end),
        actor=None,
    )
