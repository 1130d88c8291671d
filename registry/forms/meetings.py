"""Forms of meetings: the plan, the agenda, who comes, outcomes, and the approval of minutes."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, offer, units_where
from registry.meetings.minutes import seats_of
from registry.models import AgendaItem, Attendance, Meeting, Review, RoleAssignment, User


class MeetingForm(ActForm):
    """Title, day and the two who lead it."""

    title = forms.CharField(label=_("Title"), max_length=160)
    held_on = forms.DateField(label=_("Day"), widget=DayInput())
    chair = forms.ModelChoiceField(None, label=_("Chair"), help_text=_("Leads, and approves the minutes."))
    secretary = forms.ModelChoiceField(None, label=_("Secretary"), help_text=_("Writes the minutes."))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("chair", "secretary"):
            self.fields[name].queryset = User.objects.visible_to(person)


class NewMeetingForm(MeetingForm):
    """The same, with the unit whose board meets."""

    unit = forms.ModelChoiceField(None, label=_("Unit"), help_text=_("Whose board meets: this unit and all below it."))

    field_order = ("title", "unit", "held_on", "chair", "secretary")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        offer(self.fields["unit"], units_where(person, access.MEETING_HOLD))


class SeatChoice(forms.ModelChoiceField):
    """Duties as seats: who, in which discipline, for which unit."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person} – {obj.get_duty_display()} – {obj.unit}"


class InviteForm(ActForm):
    """One more person, in a duty of his or hers."""

    seat_of = SeatChoice(
        None, label=_("Invite"), help_text=_("The duty says for which unit and discipline the person comes.")
    )

    def __init__(self, *args: Any, meeting: Meeting, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = (
            RoleAssignment.objects.visible_to(person).current().exclude(person__in=seats_of(meeting).values("person"))
        )
        self.fields["seat_of"].queryset = held.select_related("person", "unit").order_by("person__name", "duty")


class PresenceForm(ActForm):
    """Who came: one choice a seat."""

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = [choice for choice in Attendance.Presence.choices if choice[0] != Attendance.Presence.REMOVED]
        self.rows = list(seats_of(meeting))
        for row in self.rows:
            self.fields[f"seat_{row.pk}"] = forms.ChoiceField(label=row.person.name, choices=said, initial=row.presence)

    def clean(self) -> dict[str, Any]:
        """What was said by the ids of the seats."""
        given = super().clean() or {}
        return {"presences": {UUID(name.removeprefix("seat_")): said for name, said in given.items()}}


class ItemForm(ActForm):
    """An open review, or something else under a title."""

    review = forms.ModelChoiceField(None, label=_("Open review"), required=False, empty_label=_("something else"))
    title = forms.CharField(label=_("Title"), max_length=200, required=False, help_text=_("Needed without a review."))
    note = forms.CharField(label=_("What is asked"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    is_for_information = forms.BooleanField(label=_("For information only"), required=False)

    def __init__(self, *args: Any, meeting: Meeting, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = meeting.items.filter(removed_at__isnull=True, review__isnull=False)
        rows = (
            Review.objects.visible_to(person).open().filter(release__system__unit__path__startswith=meeting.unit.path)
        )
        rows = rows.exclude(pk__in=taken.values("review")).select_related("release__version__model")
        self.fields["review"].queryset = rows


class OutcomeForm(ActForm):
    """What the board holds of an item."""

    decision = forms.ChoiceField(label=_("Outcome"), required=False, choices=[("", "–"), *AgendaItem.Decision.choices])
    rationale = forms.CharField(
        label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The board's own; it stands in the minutes."),
    )  # fmt: skip
    conditions = forms.CharField(
        label=_("Conditions"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("With “go with conditions”: what, by whom, until when."),
    )  # fmt: skip
    dissent = forms.CharField(
        label=_("Dissent"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Who holds otherwise, and why."),
    )  # fmt: skip

    def __init__(self, *args: Any, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = tuple(self.fields)
        self.initial = {**{name: getattr(item, name) for name in names}, **self.initial}
        for name in ("decision", "rationale"):
            self.fields[name].required = not item.is_for_information
        if item.is_for_information:
            self.fields["decision"].widget = forms.HiddenInput()
            self.fields["conditions"].widget = forms.HiddenInput()
            self.fields["rationale"].label = _("What was said")


class ApproveForm(ActForm):
    """Yes to exactly these minutes."""

    seen_digest = forms.CharField(widget=forms.HiddenInput())
