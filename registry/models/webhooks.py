"""Webhooks: addresses that are told what happens in a unit, and what came of each telling."""

from typing import Any, ClassVar, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit


class WebhookQuerySet(AuditedQuerySet):
    """Webhooks."""

    def visible_to(self, user: Any) -> Self:
        """Webhooks of the units whose webhooks the person manages."""
        from registry import access

        return self.filter(access.reach(user, access.WEBHOOK_MANAGE, unit="unit", system=None))


class Webhook(Audited):
    """One receiver. It is told of the log's entries one after the other; `told` is the last it has taken."""

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    is_on = models.BooleanField(_("in use"), default=True, editable=False)
    secret = models.CharField(max_length=200, editable=False)
    told = models.BigIntegerField(default=0, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    next_try_at = models.DateTimeField(null=True, editable=False)

    unaudited: ClassVar[frozenset[str]] = frozenset({"secret", "told", "failures", "next_try_at"})
    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["unit", "name"], name="webhook_name_once_a_unit"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("webhook", args=[self.pk])

    def wants(self, action: str) -> bool:
        """Whether an event of the log, such as `version.approved`, is among those it asked for; none named means all."""
        return not self.events or any(action == name or action.startswith(f"{name}.") for name in self.events)


class Delivery(models.Model):
    """One try to tell a webhook of one entry. Working state: what matters of it stands in the log already."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    entry = models.BigIntegerField(null=True)
    event = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    status = models.PositiveSmallIntegerField(null=True)
    says = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.event} – {self.webhook}"

    @property
    def is_taken(self) -> bool:
        """The receiver said that it has it."""
        return self.status is not None and 200 <= self.status < 300
