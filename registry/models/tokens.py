"""API tokens: hashed, scoped, expiring, bound to a unit; shown once."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from registry.models.people import BusinessUnit


class ApiToken(AbstractAuthToken):
    """A bearer token: what it allows is the cut of its scopes with its owner's duties, never a decision."""

    name = models.CharField(_("name"), max_length=80)
    scopes = models.JSONField(_("scopes"), default=list)
    unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), null=True, on_delete=models.PROTECT)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
