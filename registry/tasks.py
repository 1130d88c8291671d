"""Bridges from the broker to the registry's own work in the background."""

from celery import shared_task

from registry.webhooks import pushing


@shared_task(name="registry.tell_webhooks")
def tell_webhooks() -> None:
    """Tell the webhooks what came since; more than one at once does no harm."""
    pushing.push_logged()
