"""REST over auditors' desks: what stands there; people put it there and answer on pages."""

from rest_framework import serializers

from registry.rest import ScopedViewSet
from reports.models import DeskItem


class DeskItemSerializer(serializers.ModelSerializer):
    """A request, a note, a sample or a finding."""

    class Meta:
        model = DeskItem
        fields = (
            "id", "engagement", "unit", "system", "kind", "status", "title", "text", "framework", "requirement", "owner",
            "due_on", "answer", "answered_by", "answered_at", "closed_by", "closed_at", "sample", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class DeskItemViewSet(ScopedViewSet):
    """Items of the desks that the person may read: list and one."""

    queryset = DeskItem.objects.all()
    serializer_class = DeskItemSerializer
    scopes = {"GET": "audit:read"}
