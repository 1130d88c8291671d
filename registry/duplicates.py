"""Finds systems that a proposed one resembles, by name and purpose, among those that the asker may see."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final
from uuid import UUID

from registry.models import AISystem, Stage, User

# Two names alike to this degree, or two purposes that share so large a part of their words, are worth a look.
NAMES_ALIKE: Final = 0.8
WORDS_SHARED: Final = 0.4
READ: Final = 5000  # systems, the newest first
SHOWN: Final = 5
LONGEST: Final = 2000  # characters of a purpose


@dataclass(frozen=True)
class Likely:
    """A system that may be the same, and how alike it is, between 0 and 1."""

    id: UUID
    name: str
    purpose: str
    unit: str
    likeness: float


def likely(name: str, purpose: str, *, person: User) -> list[Likely]:
    """The systems most like the proposed one, the most alike first; retired ones are left out."""
    rows = AISystem.objects.visible_to(person).exclude(lifecycle_stage=Stage.RETIRED).order_by("-created_at")
    wanted = words(f"{name} {purpose}")
    found = [
        Likely(pk, other, text, unit, likeness(name, wanted, other, text))
        for pk, other, text, unit in rows.values_list("pk", "name", "purpose", "unit__name")[:READ]
    ]
    alike = sorted((row for row in found if row.likeness), key=lambda row: (-row.likeness, row.name))
    return alike[:SHOWN]


def likeness(name: str, wanted: frozenset[str], other: str, text: str) -> float:
    """How alike: of names by their letters, of purposes by shared words; 0 below what is worth a look."""
    by_name = name_likeness(name.casefold().strip(), other.casefold().strip())
    others = words(f"{other} {text}")
    shared = len(wanted & others) / max(1, len(wanted | others))
    return round(max(by_name if by_name >= NAMES_ALIKE else 0.0, shared if shared >= WORDS_SHARED else 0.0), 3)


def name_likeness(one: str, other: str) -> float:
    """Between 0 and 1; the cheap upper bounds are asked first."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    bounds = (matcher.real_quick_ratio, matcher.quick_ratio)
    return 0.0 if any(bound() < NAMES_ALIKE for bound in bounds) else matcher.ratio()


def words(text: str) -> frozenset[str]:
    """What a text speaks of: words of three letters and more; of scripts without spaces, pairs of signs."""
    found: set[str] = set()
    for word in re.findall(r"\w+", text[:LONGEST].casefold()):
        if word.isascii():
            found |= {word} if len(word) > 2 else set()
        else:
            found |= {word[at : at + 2] for at in range(max(1, len(word) - 1))}
    return frozenset(found)
