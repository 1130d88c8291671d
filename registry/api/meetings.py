"""REST over meetings: list and one, with agenda, outcomes and attendance. They are held by people on pages."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.scopes import READ
from registry.meetings.minutes import items_of, seats_of
from registry.models import AgendaItem, Attendance, Meeting
from registry.rest import ScopedViewSet


class AgendaItemSerializer(serializers.ModelSerializer):
    """One item with its outcome."""

    title = serializers.CharField(source="label", read_only=True)

    class Meta:
        model = AgendaItem
        fields = (
            "id", "title", "note", "is_for_information", "review", "decision", "rationale", "conditions", "dissent",
            "decided_at",
        )  # fmt: skip
        read_only_fields = fields


class AttendanceSerializer(serializers.ModelSerializer):
    """One seat; `unit` is the one for which the person comes."""

    unit = serializers.UUIDField(source="of_unit_id", read_only=True)

    class Meta:
        model = Attendance
        fields = ("person", "duty", "unit", "presence")
        read_only_fields = fields


class MeetingSerializer(serializers.ModelSerializer):
    """A meeting."""

    class Meta:
        model = Meeting
        fields: tuple[str, ...] = (
            "id", "unit", "title", "held_on", "chair", "secretary", "status", "minutes_digest", "closed_at",
            "approved_by", "approved_at", "created_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class WholeMeetingSerializer(MeetingSerializer):
    """The same with its agenda and attendance."""

    agenda = serializers.SerializerMethodField()
    attendees = serializers.SerializerMethodField()

    class Meta(MeetingSerializer.Meta):
        fields = (*MeetingSerializer.Meta.fields, "agenda", "attendees")
        read_only_fields = fields

    @extend_schema_field(AgendaItemSerializer(many=True))
    def get_agenda(self, meeting: Meeting) -> list[dict[str, object]]:
        """The items in their order."""
        return [dict(AgendaItemSerializer(item).data) for item in items_of(meeting)]

    @extend_schema_field(AttendanceSerializer(many=True))
    def get_attendees(self, meeting: Meeting) -> list[dict[str, object]]:
        """Whoever is invited."""
        return [dict(AttendanceSerializer(seat).data) for seat in seats_of(meeting)]


class MeetingViewSet(ScopedViewSet):
    """Meetings: list and one."""

    queryset = Meeting.objects.select_related("unit")
    serializer_class = MeetingSerializer
    scopes = {"GET": READ}

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        """The whole one where one is asked for."""
        return WholeMeetingSerializer if self.action == "retrieve" else MeetingSerializer
