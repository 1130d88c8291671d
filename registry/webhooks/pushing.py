"""Reads the log where each webhook left off and tells it what came since, in order, again later where it did not answer."""

import json
import logging
from datetime import timedelta
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from registry import jobs
from registry.errors import BadInput
from registry.models import AuditEntry, Delivery, Webhook
from registry.second_factor import box
from registry.webhooks.sending import NotDelivered, send

EVERY: Final = timedelta(seconds=8)
LEASE: Final = 4  # the row of the lease; 1 is that of the sweep, 2 that of checkpoints, 3 that of plans
AT_ONCE: Final = 20
KEPT: Final = 200
LONGEST_WAIT: Final = timedelta(hours=6)
TEST: Final = "webhook.tested"
logger = logging.getLogger(__name__)


def ring() -> None:
    """Have a worker's child tell the webhooks, every few seconds whichever worker's timer it is."""
    if not settings.WEBHOOK_HOSTS or not jobs.take_lease(LEASE, EVERY):
        return
    try:
        current_app.send_task("registry.tell_webhooks", retry=False, expires=EVERY.total_seconds())
    except Exception:
        logger.warning("The broker could not be rung for the webhooks; it is tried again.", exc_info=True)


def push_due() -> int:
    """Tell every webhook whose time has come; the number of tries."""
    due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=timezone.now())
    return sum(push(webhook) for webhook in Webhook.objects.filter(due, is_on=True).select_related("unit"))


def push_logged() -> None:
    """One round of which a failure is logged and leaves the worker running."""
    try:
        push_due()
    except Exception:
        logger.warning("Webhooks could not be told; it is tried again in a few seconds.", exc_info=True)


def push(webhook: Webhook) -> int:
    """Tell it of the next entries until one is not taken; the number of tries."""
    tries = 0
    for entry in waiting(webhook):
        if webhook.wants(entry.action):
            tries += 1
            if not told(webhook, entry.action, event_of(entry), entry=entry.seq):
                break
        Webhook.objects.filter(pk=webhook.pk, told__lt=entry.seq).unlogged_update(told=entry.seq)
    return tries


def waiting(webhook: Webhook) -> list[AuditEntry]:
    """The next entries of its unit and of those below that it has not been told of, the oldest first."""
    rows = AuditEntry.objects.filter(seq__gt=webhook.told, unit__path__startswith=webhook.unit.path)
    return list(rows.select_related("unit").order_by("seq")[:AT_ONCE])


def event_of(entry: AuditEntry) -> dict[str, Any]:
    """The entry as a CloudEvent 1.0: what happened to which object, by the digest of its state; no text of anybody."""
    return {
        "specversion": "1.0",
        "id": bytes(entry.entry_hash).hex(),
        "source": f"/{settings.INSTALLATION_NAME}".replace(" ", "-"),
        "type": f"attestry.{entry.action}",
        "subject": f"{entry.object_type}/{entry.object_id}",
        "time": entry.ts_utc,
        "datacontenttype": "application/json",
        "data": {
            "entry": entry.seq,
            "unit": entry.unit.slug if entry.unit else None,
            "revision": entry.object_rev,
            "digest": bytes(entry.object_digest).hex(),
        },
    }


def told(webhook: Webhook, action: str, event: dict[str, Any], *, entry: int | None = None) -> bool:
    """Try once, keep what came of it, and set the time of the next try; whether it was taken."""
    tried = Delivery(webhook=webhook, event=action, entry=entry)
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        tried.status, tried.says = send(
            webhook.url, secret=box("webhooks").decrypt(webhook.secret.encode()).decode(), number=event["id"], body=body
        )
    except (NotDelivered, BadInput) as refusal:
        tried.says = str(refusal)[:200]
    tried.save()
    old = Delivery.objects.filter(webhook=webhook).values_list("pk", flat=True)[KEPT:]
    Delivery.objects.filter(pk__in=list(old)).delete()
    if entry is not None:
        put_off(webhook, failures=0 if tried.is_taken else webhook.failures + 1)
    return tried.is_taken


def put_off(webhook: Webhook, *, failures: int) -> None:
    """No waiting after success; else 10 s, 20 s, 40 s … and never more than six hours."""
    wait = min(timedelta(seconds=10) * 2 ** min(failures - 1, 20), LONGEST_WAIT) if failures else None
    webhook.failures, webhook.next_try_at = failures, (timezone.now() + wait if wait else None)
    Webhook.objects.filter(pk=webhook.pk).unlogged_update(failures=failures, next_try_at=webhook.next_try_at)
