"""The scopes of a token that the inventory and its decisions ask for, and what several bodies share."""

from rest_framework import serializers

from registry.rest import Strict

READ, WRITE, REPORT = "models:read", "models:write", "deployments:report"


class ReasonPayload(Strict):
    """Why a release is published now, or a version is taken out of use."""

    reason = serializers.CharField()
