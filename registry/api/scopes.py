"""The scopes of a token that the inventory and its decisions ask for, and what several bodies share."""

from rest_framework import serializers

from registry.rest import Strict

READ, WRITE, REPORT = "models:read", "models:write", "deployments:report"


class ReasonPayload(Strict):
    """Why something is done, or what was done."""

    reason = serializers.CharField()
