"""Adds webhooks, switches them off and on, and tries them out."""

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.audit import log
from registry.errors import BadInput
from registry.models import AuditHead, BusinessUnit, User, Webhook
from registry.second_factor import box
from registry.transactions import retried
from registry.webhooks import pushing
from registry.webhooks.sending import target_of


@retried
def add_webhook(
    unit: BusinessUnit, *, name: str, url: str, events: list[str], actor: User
) -> tuple[Webhook, str]:  # fmt: skip
    """Tell an address what happens in a unit from now on; the row, and the secret for the signatures to show once."""
    access.require(actor, access.WEBHOOK_MANAGE, unit)
    target_of(url)
    if Webhook.objects.filter(unit=unit, name=name).exists():
        raise BadInput(
            _("%(unit)s has a webhook called “%(name)s” already.") % {"unit": unit, "name": name}, field="name"
        )
    secret = "whsec_" + secrets.token_urlsafe(32)
    head = AuditHead.objects.first()
    row = Webhook(
        unit=unit, name=name, url=url, events=sorted(events), secret=box("webhooks").encrypt(secret.encode()).decode(),
        told=head.size if head else 0,
    )  # fmt: skip
    row.full_clean(exclude=["events"])
    row.save()
    log.record(actor, "webhook.added", row)
    return row, secret


@retried
def switch_webhook(webhook: Webhook, *, is_on: bool, actor: User) -> None:
    """End the telling, or take it up again from now on: what happened meanwhile is not told."""
    access.require(actor, access.WEBHOOK_MANAGE, webhook.unit)
    webhook = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if webhook.is_on == is_on:
        return
    webhook.is_on, webhook.failures, webhook.next_try_at = is_on, 0, None
    webhook.told = AuditHead.objects.get(pk=1).size
    webhook.save()
    log.record(actor, "webhook.resumed" if is_on else "webhook.stopped", webhook)


def test_webhook(webhook: Webhook, *, actor: User) -> bool:
    """Send an event that says nothing; whether it was taken. What came of it stands among the deliveries."""
    access.require(actor, access.WEBHOOK_MANAGE, webhook.unit)
    event: dict[str, Any] = {
        "specversion": "1.0", "id": str(uuid.uuid4()), "source": f"/{settings.INSTALLATION_NAME}".replace(" ", "-"),
        "type": f"attestry.{pushing.TEST}", "time": timezone.now().isoformat(), "data": {},
    }  # fmt: skip
    is_taken = pushing.told(webhook, pushing.TEST, event)
    with transaction.atomic():
        log.record(actor, pushing.TEST, webhook, is_taken=is_taken)
    return is_taken
