"""Looks every day at conditions that are overdue after the publication, and suspends where the policy says so."""

import logging
from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import policy
from registry.actions import rounds
from registry.models import Condition, Release, Review

logger = logging.getLogger(__name__)


def look(today: date) -> int:
    """Act on each published release with an overdue condition; how many were suspended."""
    late = Condition.objects.unmet().filter(due_on__lt=today, review__release__status=Release.Status.PUBLISHED)
    acted = 0
    for condition in late.select_related("review").order_by("due_on", "pk"):
        if policy.Policy(condition.review.policy).approval_conditions["on_overdue"] != "suspend":
            continue
        try:
            with transaction.atomic():
                acted += suspend(condition)
        except Exception:  # a border: one release must not keep the others from being looked at
            logger.exception("The overdue condition %s could not be acted on; it is tried again.", condition.pk)
    return acted


def suspend(condition: Condition) -> bool:
    """Out of use until it is decided on anew, unless somebody was faster."""
    rows = Review.objects.select_for_update(of=("self",)).select_related("release__version__model__system")
    review = rows.get(pk=condition.review_id)
    condition.refresh_from_db()
    if not condition.is_unmet or review.release.status != Release.Status.PUBLISHED:
        return False
    rounds.reopen(
        review,
        reason=_("suspended by the policy: the condition “%(condition)s” was due on %(day)s")
        % {"condition": condition, "day": date_format(condition.due_on)},
        actor=None,
    )
    return True
