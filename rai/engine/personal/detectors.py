"""What a cell holds: its text made plain, then every kind of personal data by pattern and validator."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rai.engine.personal.rules import Kind, rules
from rai.engine.personal.validators import VALIDATORS, year_of

# Signs that show nothing and are put into a number to hide it: joiners, marks of direction, soft hyphens.
INVISIBLE = dict.fromkeys([0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE0080)])  # fmt: skip
DASHES = {ord(sign): "-" for sign in "‐‑‒–—−"}
# What only a float column writes behind a whole number.
WHOLE = re.compile(r"^(\d+)\.0+$")
# A cell that holds nothing but one number or one code.
BARE = re.compile(r"^[A-Za-z]?[\d\s().+-]{5,40}[A-Za-z]?$")
LONGEST_DATE = 35
DIGITS = re.compile(r"\d")
BY_PATTERN: tuple[Kind, ...] = tuple(kind for kind in rules().kinds.values() if kind.pattern is not None)
TOLD = {kind.valid for kind in BY_PATTERN} - set(VALIDATORS)
if TOLD:
    raise ValueError(f"personal_data.yaml names validators that do not exist: {', '.join(sorted(TOLD))}")


@dataclass(frozen=True)
class Found:
    """One finding in a plain text: kind, from where to where, and whether the cell holds nothing else."""

    kind: str
    start: int
    end: int
    is_whole: bool


def plain(text: str) -> str:
    """The text with full-width signs, digits of other scripts, dashes and invisible signs made plain."""
    if text.isascii():
        return WHOLE.sub(r"\1", text.strip())
    text = unicodedata.normalize("NFKC", text.translate(INVISIBLE)).translate(DASHES)
    text = "".join(str(unicodedata.digit(sign)) if not sign.isascii() and sign.isdecimal() else sign for sign in text)
    return WHOLE.sub(r"\1", text.strip())


def is_bare(text: str) -> bool:
    """The plain text is nothing but one number or code."""
    return bool(BARE.match(text))


def is_masked(text: str) -> bool:
    """The cell shows signs of masking and nothing of a value."""
    return bool(rules().masked.match(text))


def findings(text: str) -> Iterator[Found]:
    """Every kind of personal data in a plain text; where two overlap, the kind that the rules name first."""
    taken: list[tuple[int, int]] = []
    signs, digits = set(text), len(DIGITS.findall(text))
    for kind in BY_PATTERN:
        if digits < kind.digits or (kind.needs and kind.needs.isdisjoint(signs)):
            continue
        for match in kind.pattern.finditer(text) if kind.pattern else ():
            start, end = match.span()
            if any(start < stop and begin < end for begin, stop in taken) or not VALIDATORS[kind.valid](match[0]):
                continue
            taken.append((start, end))
            yield Found(kind.slug, start, end, start == 0 and end == len(text))


def birth_year(text: str) -> int | None:
    """The year of a plain text that is a date."""
    if len(text) > LONGEST_DATE or not text[-1:].isalnum():
        return None
    pattern = rules().kinds["birth_date"].pattern
    return year_of(text) if pattern and pattern.match(text) else None


def hidden(text: str, *, kinds: frozenset[str] | None = None) -> str:
    """The text with each finding (of these kinds; None: of any) replaced by its kind.

    A text without findings comes back as it was; of one with findings the rest is made plain, so that no sign hides it.
    """
    clear, shown, end = plain(text), [], 0
    for one in sorted(findings(clear), key=lambda found: found.start):
        if kinds is None or one.kind in kinds:
            shown += [clear[end : one.start], f"[masked: {one.kind}]"]
            end = one.end
    return "".join([*shown, clear[end:]]) if shown else text
