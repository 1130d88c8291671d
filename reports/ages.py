"""How old a row is by the dates of its events, and whether one of its own dates has passed."""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from registry.vocabulary import vocabulary
from reports.facts import ORGANISATION, Fact, Member

RUNS_OUT = ("review_due", "valid_until", "expires_on", "next_due")
AHEAD = frozenset({*RUNS_OUT, "due_on", "retire_on", "retirement_date", "retention_until", "deadline", "ends_on"})
DATE_NAMES = frozenset({"as_of", "at", "shown_from", "deadline", "retirement_date", "retention_until", *RUNS_OUT})
TIER_OF_THE_REST = "high"


def moment(name: str, value: Any) -> date | None:
    """The date or time that a field holds, or None; text counts only in a field that is named like a date."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not (name in DATE_NAMES or name.endswith(("_at", "_on"))):
        return None
    try:
        return datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    except ValueError:
        return None


def period(text: str) -> list[date]:
    """First and last day of a period such as 2026, 2026-Q3, 2026-11 or 2026-01 to 2026-06; nothing of other words."""
    found = re.findall(r"\d{4}(?:-(?:Q[1-4]|\d{2}(?:-\d{2})?))?", text)
    return [edge for part in found for edge in _edges(part)]


def _edges(part: str) -> list[date]:
    year, _sep, rest = part.partition("-")
    try:
        if len(rest) > 2:
            return [date.fromisoformat(part)]
        months = {"": (1, 12)}.get(rest) or (
            (int(rest[1]) * 3 - 2, int(rest[1]) * 3) if rest[0] == "Q" else (int(rest),) * 2
        )
        return [date(int(year), months[0], 1), date(int(year), months[1], monthrange(int(year), months[1])[1])]
    except ValueError:
        return []


def day(value: date) -> date:
    """The day of a date or a time."""
    return value.date() if isinstance(value, datetime) else value


def is_later(value: date, than: datetime) -> bool:
    """The day lies after the moment of the evaluation; what happened on the same day counts."""
    return day(value) > than.date()


def events(fact: Fact, entity: str, names: Iterable[str] = ()) -> list[date]:
    """Days on which something happened to the row: only dates that the vocabulary lists, none that lies ahead by
    nature and never a last edit, so that touching a row cannot make it younger."""
    wanted = tuple(names) or vocabulary().entities[entity].fields
    found = (moment(name, fact.fields.get(name)) for name in wanted if name not in AHEAD)
    spans = [period(fact.fields["period"])] if "period" in wanted and isinstance(fact.fields.get("period"), str) else []
    return [*(day(value) for value in found if value is not None), *(edge for span in spans for edge in span)]


def newest_event(fact: Fact, entity: str, filled: Iterable[str], as_of: datetime) -> date | None:
    """The day from which the age of a record counts: of the dates that the rule wants filled, else of all."""
    named = [name for name in filled if name not in AHEAD]
    for days in (events(fact, entity, named) if named else [], events(fact, entity)):
        past = [value for value in days if not is_later(value, as_of)]
        if past:
            return max(past)
    return None


def has_happened(fact: Fact, entity: str, as_of: datetime) -> bool:
    """Something of the row lies at or before the moment, or it has no event dates at all."""
    days = events(fact, entity)
    return not days or any(not is_later(value, as_of) for value in days)


def run_out(fields: Mapping[str, Any], as_of: datetime) -> tuple[str, date] | None:
    """The first of the row's own dates that has passed, with its name."""
    for name in RUNS_OUT:
        value = moment(name, fields.get(name))
        if value is not None and has_passed(value, as_of):
            return name, day(value)
    return None


def has_passed(value: date, as_of: datetime) -> bool:
    """A time has come, or a day is over."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=as_of.tzinfo)
        return aware <= as_of
    return value < as_of.date()


def days_allowed(*, max_age: str, max_age_days: int | None, member: Member) -> int | None:
    """The age limit in days, by the tier of the member where the rule names a cadence; None without a limit."""
    if not max_age:
        return max_age_days
    tier = TIER_OF_THE_REST if member.subject == ORGANISATION else member.tier or TIER_OF_THE_REST
    return vocabulary().cadences[max_age][tier]


def is_fresh(value: date, *, days: int | None, as_of: datetime) -> bool:
    """Within the limit, counted in whole days."""
    return days is None or (as_of.date() - day(value)).days <= days
