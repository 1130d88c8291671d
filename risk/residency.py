"""Where data may lie: the areas of law that regions and countries belong to, and what lies outside of those agreed."""

import re
from collections.abc import Iterable
from typing import Final

from risk.countries import COUNTRIES

# The Union with those states in which its law on personal data holds, too: one area.
UNION: Final = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV",
     "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "EU"}
)  # fmt: skip
# Names that providers give their regions, by what they begin with.
BEGINNINGS: Final = {"EUROPE": "EU", "UK": "GB", "USA": "US", "CHINA": "CN"}


def area(place: str) -> str:
    """The area of law of a country code or a provider's region, “EU” for the whole Union; as it is where unknown."""
    first = re.split(r"[^A-Z]", place.strip().upper(), maxsplit=1)[0]
    code = BEGINNINGS.get(first, first)
    if code not in COUNTRIES:
        return place.strip().upper()
    return "EU" if code in UNION else code


def places(text: str) -> list[str]:
    """The places that a text lists, each divided from the next by a comma or a semicolon."""
    return [part.strip() for part in re.split(r"[,;]", text) if part.strip()]


def outside(found: Iterable[str], agreed: Iterable[str]) -> list[str]:
    """Those places that lie in no area of the agreed ones, in order."""
    known = {area(place) for place in agreed}
    return sorted({place for place in found if area(place) not in known})
