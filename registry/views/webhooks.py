"""Webhooks: the list with the form for one more, the page of one with its deliveries, and its acts."""

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import webhooks as actions
from registry.forms.webhooks import WebhookForm
from registry.models import Webhook

SHOWN = 50


def webhooks(request: HttpRequest) -> HttpResponse:
    """The webhooks of the reader's units, and the form for one more."""
    access.require_anywhere(request.user, access.WEBHOOK_MANAGE)
    return webhooks_page(request, WebhookForm(person=request.user))


def webhooks_page(request: HttpRequest, form: WebhookForm, secret: str = "", status: int = 200) -> HttpResponse:
    """The list; with the secret of one made just now, which is never shown again."""
    context: dict[str, Any] = {
        "title": _("Webhooks"), "form": form, "secret": secret, "hosts": settings.WEBHOOK_HOSTS,
        "webhooks": Webhook.objects.visible_to(request.user).select_related("unit"),
    }  # fmt: skip
    return render(request, "registry/webhooks.html", context, status=status)


@require_POST
@never_cache
def webhook_add(request: HttpRequest) -> HttpResponse:
    """Add a webhook and show its secret once."""
    access.require_anywhere(request.user, access.WEBHOOK_MANAGE)
    form = WebhookForm(request.POST, person=request.user)
    if not form.carry_out(partial(actions.add_webhook, actor=request.user)):
        return webhooks_page(request, form, status=422)
    _row, secret = form.result
    return webhooks_page(request, WebhookForm(person=request.user), secret=secret)


def webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One webhook: what it is told, what came of it, and its acts."""
    found = get_object_or_404(Webhook.objects.visible_to(request.user).select_related("unit"), pk=pk)
    return render(request, "registry/webhook.html", {"object": found, "deliveries": found.deliveries.all()[:SHOWN]})


@require_POST
def webhook_switch(request: HttpRequest, pk: UUID, is_on: bool) -> HttpResponse:
    """Stop or resume it."""
    found = get_object_or_404(Webhook.objects.visible_to(request.user).select_related("unit"), pk=pk)
    actions.switch_webhook(found, is_on=is_on, actor=request.user)
    messages.success(request, _("It is told from now on.") if is_on else _("It is told nothing any more."))
    return redirect(found)


@require_POST
def webhook_test(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send it an event that says nothing."""
    found = get_object_or_404(Webhook.objects.visible_to(request.user).select_related("unit"), pk=pk)
    if actions.test_webhook(found, actor=request.user):
        messages.success(request, _("The receiver took the test event."))
    else:
        messages.error(request, _("The receiver did not take the test event; the first delivery below says why."))
    return redirect(found)
