"""Texts of a child made safe to show: nothing in them steers a terminal or a page, and none is endless."""

import unicodedata
from typing import Any

from rai.checks.saying import Said

MOST_PLACES = 12


def plain(text: str, longest: int) -> str:
    """Text of a child as it may be shown: one line, no control or direction characters, not too long."""
    return one_line(text, longest).strip()


def one_line(text: str, longest: int) -> str:
    """The same with the blanks at its ends, which a part of a sentence needs."""
    kept = "".join(" " if char.isspace() else char for char in text if char.isspace() or is_printable(char))
    return kept[:longest]


def heard(kept: Any, depth: int = 3) -> Said | None:
    """A sentence that the child did not finish, for the reader's language; None for what could be none of ours.

    Every text is made plain, and places are so few and so shallow that filling them cannot make a long text.
    """
    template, values = (kept.get("template"), kept.get("values")) if isinstance(kept, dict) else (None, None)
    if depth == 0 or not isinstance(template, str) or not isinstance(values, dict) or template.count("{") > MOST_PLACES:
        return None
    found = {
        one_line(name, 40): heard(one, depth - 1) if isinstance(one, dict) else one_line(str(one), 500)
        for name, one in values.items()
    }
    return None if None in found.values() else Said(one_line(template, 1000), **found)


def is_printable(char: str) -> bool:
    """No control, format, surrogate or unassigned character."""
    return unicodedata.category(char)[0] != "C"
