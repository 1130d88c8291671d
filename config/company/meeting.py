"""The board of the company: a meeting that was held, one that is planned, and somebody on leave with a deputy."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.company.reviewing import review_of
from config.company.story import Company, Story, texts
from registry.actions import delegations, meetings, minutes
from registry.meetings.minutes import items_of
from registry.models import BusinessUnit, Meeting, RoleAssignment


def meet(company: Company, stories: list[Story]) -> None:
    """All of it."""
    told, by_name = texts()["meetings"], {story.told["name"]: story for story in stories}
    hold(company, told["held"], by_name)
    planned = plan(company, told["planned"], company.units[told["planned"]["unit"]], days=21)
    add(company, planned, told["planned"]["items"][0], by_name)
    stand_in(company, told["deputy"])


def plan(company: Company, told: dict[str, Any], unit: BusinessUnit, *, days: int) -> Meeting:
    """A meeting of the board, led by its chair, written by the second risk officer."""
    return meetings.plan_meeting(
        unit, title=told["title"], held_on=timezone.localdate() + timedelta(days=days), chair=company.people["board"],
        secretary=company.people["second_risk"], actor=company.people["second_risk"],
    )  # fmt: skip


def add(company: Company, meeting: Meeting, told: dict[str, Any], by_name: dict[str, Story]) -> None:
    """An item about an open review or under a title."""
    about = by_name.get(told.get("system", ""))
    meetings.add_item(
        meeting, review=review_of(about) if about else None, title=told.get("title", ""), note=told.get("note", ""),
        is_for_information=not told.get("decision", "go"), actor=company.people["second_risk"],
    )  # fmt: skip


def hold(company: Company, told: dict[str, Any], by_name: dict[str, Story]) -> None:
    """Members of several units come or send regrets; every item gets its outcome; the chair approves the minutes."""
    secretary, root = company.people["second_risk"], BusinessUnit.objects.get(parent=None)
    meeting = plan(company, told, root, days=0)
    for key in (*told["present"], *told["regrets"]):
        person = company.people.get(key) or company.owners[key][0]
        held = RoleAssignment.objects.current().filter(person=person)[0]
        meetings.invite(meeting, seat_of=held, actor=secretary)
    for each in told["items"]:
        add(company, meeting, each, by_name)
    minutes.start(meeting, actor=secretary)
    away = {company.people.get(key) or company.owners[key][0] for key in told["regrets"]}
    presences = {
        seat.pk: "regrets" if seat.person in away else "present"
        for seat in meeting.attendances.select_related("person")
    }
    meetings.note_presence(meeting, presences=presences, actor=secretary)
    for item, each in zip(items_of(meeting), told["items"], strict=True):
        minutes.record_outcome(
            item, decision=each["decision"], rationale=each["reason"], conditions=each.get("conditions", ""),
            dissent=each.get("dissent", ""), actor=secretary,
        )  # fmt: skip
    meeting = minutes.close(meeting, actor=secretary)
    minutes.approve(meeting, seen_digest=meeting.minutes_digest, actor=company.people["board"])


def stand_in(company: Company, told: dict[str, Any]) -> None:
    """Two weeks of leave."""
    person, deputy, today = company.people[told["of"]], company.people[told["deputy"]], timezone.localdate()
    asked = delegations.delegate(
        RoleAssignment.objects.current().filter(person=person)[0], to_person=deputy, starts_on=today,
        ends_on=today + timedelta(days=14), reason=told["reason"], actor=person,
    )  # fmt: skip
    delegations.accept(asked, actor=deputy)
