"""Bridges from the broker to the registry's own work in the background."""

from celery import shared_task

from registry.mailing import sending
from registry.webhooks import pushing


@shared_task(name="registry.send_mails")
def send_mails() -> None:
    """Send the mails of the day that are due; more than one at once does no harm."""
    sending.send_logged()


@shared_task(name="registry.tell_webhooks")
def tell_webhooks() -> None:
    """Tell the webhooks what came since; more than one at once does no harm."""
    pushing.push_logged()
