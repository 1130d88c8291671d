"""Writes calendars as RFC 5545 wants them: escaped texts, lines folded at 75 octets, all-day events, stable UIDs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

LINE: Final = 75  # octets, without the end of the line
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Event:
    """An all-day event. `changed` and `sequence` rise with every change, so that readers take the newer one."""

    uid: str
    day: date
    title: str
    text: str
    url: str
    changed: datetime
    sequence: int = 0


def calendar(name: str, events: Iterable[Event], *, product: str) -> bytes:
    """The calendar of these events as UTF-8 bytes."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{escaped(product)}", "CALSCALE:GREGORIAN",
             f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H"]  # fmt: skip
    for event in events:
        lines += event_lines(event)
    return b"".join(folded(line) for line in [*lines, "END:VCALENDAR"])


def event_lines(event: Event) -> Iterator[str]:
    """The lines of one event; its end is the day after, which a calendar does not count in."""
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{event.changed.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(event.title)}"
    yield f"DESCRIPTION:{escaped(event.text)}"
    if event.url:
        yield f"URL:{CONTROL.sub('', event.url)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """A text value: backslash, semicolon, comma and line ends escaped, other control characters left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for found, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(found, written)
    return CONTROL.sub("", plain)


def folded(line: str) -> bytes:
    """A line with its end, cut where it is longer than 75 octets and never within a character."""
    found, rest = [b""], line
    for char in rest:
        octets = char.encode()
        if len(found[-1]) + len(octets) > LINE:
            found.append(b" ")
        found[-1] += octets
    return b"\r\n".join(found) + b"\r\n"
