"""The parts of which the chapters of a report are made: plain JSON that the template prints and every format carries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

Block = dict[str, Any]
FULL: Final = 100.0


def frame(name: str, *, as_of: datetime, cover: Iterable[tuple[str, Any]] = ()) -> dict[str, Any]:
    """What every document says of itself; `name` is what it is about."""
    return {
        "installation": settings.INSTALLATION_NAME,
        "as_of": as_of.isoformat(timespec="seconds"),
        "system": {"name": name},
        "version": {},
        "cover": [[str(_("Evidence as of")), moment(as_of)], *([str(key), written(value)] for key, value in cover)],
    }


def chapter(title: str, *blocks: Block | None) -> dict[str, Any]:
    """A chapter of the blocks that there are."""
    return {"title": str(title), "blocks": [block for block in blocks if block]}


def heading(text: Any) -> Block:
    """A heading within a chapter."""
    return {"heading": str(text)}


def text(words: str) -> Block:
    """A paragraph; lines stay lines."""
    return {"text": str(words)}


def aside(words: str) -> Block:
    """A paragraph in a quiet voice."""
    return {"text": str(words), "muted": True}


def lead(words: str) -> Block:
    """A quiet paragraph that stays with what it leads to."""
    return aside(words) | {"leads": True}


def facts(pairs: Iterable[tuple[Any, Any]]) -> Block:
    """Names with values."""
    return {"facts": [[str(name), written(value)] for name, value in pairs]}


def table(caption: str, head: Sequence[tuple[Any, int]], rows: Iterable[Sequence[Any]]) -> Block | None:
    """Rows under heads with their widths in percent (0 shares what is left); none where there is no row."""
    found = [[cell if isinstance(cell, dict) else written(cell) for cell in row] for row in rows]
    return (
        {"table": str(caption), "head": [[str(name), width] for name, width in head], "rows": found} if found else None
    )


def written(value: Any) -> str:
    """A value as text; nothing for none."""
    return "" if value is None else str(value)


def verdict(value: str) -> Block:
    """A cell with a badge."""
    return {"verdict": value}


def chart(run: str, words: str) -> Block:
    """The chart of a frozen run, with its words."""
    return {"chart": run, "words": words}


def bars(caption: str, head: Sequence[Any], rows: Iterable[tuple[str, float, str, Sequence[Any]]]) -> Block | None:
    """Rows with a bar of a share from 0 to 100 in a look (`met`, `partly`, `not_met`), and their figures beside it."""
    found = [
        {
            "name": name,
            "parts": [{"look": look, "percent": f"{min(max(share, 0.0), FULL):.2f}"}],
            "values": [str(value) for value in values],
        }
        for name, share, look, values in rows
    ]
    return {"bars": found, "caption": str(caption), "head": [str(name) for name in head]} if found else None


def stacked(
    caption: str, head: Sequence[Any], rows: Iterable[tuple[str, Mapping[str, int], Sequence[Any]]]
) -> Block | None:
    """Rows with a bar of what requirements came to, each result by its share, and their figures beside it."""
    found = [
        {"name": str(name), "parts": parts(counts), "values": [str(value) for value in values]}
        for name, counts, values in rows
    ]
    narrow = {"first": 24, "each": 10}
    return {"bars": found, "caption": str(caption), "head": [str(name) for name in head], **narrow} if found else None


def parts(counts: Mapping[str, int]) -> list[Block]:
    """The parts of a bar that are not empty, with their widths in percent."""
    total = sum(counts.values())
    return [{"look": look, "percent": f"{FULL * n / total:.2f}"} for look, n in counts.items() if n]


def moment(value: datetime | None) -> str:
    """A moment for people, in UTC to the minute."""
    return date_format(value, "Y-m-d H:i") if value else ""


def limit(what: str, why: str) -> dict[str, str]:
    """One thing that the report does not cover, and why."""
    return {"what": str(what), "why": str(why)}
