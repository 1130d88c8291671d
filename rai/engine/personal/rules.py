"""The rules of `rai/data/personal_data.yaml`, read once: what is looked for in cells, and what columns are called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_letters
from typing import Any

import yaml

LETTERS = frozenset(ascii_letters)
FILE = Path(__file__).resolve().parents[2] / "data" / "personal_data.yaml"


@dataclass(frozen=True)
class Kind:
    """One kind of personal data: its pattern and the name of its validator (None: known by the column's name alone)."""

    slug: str
    label: str
    pattern: re.Pattern[str] | None
    valid: str
    names: tuple[str, ...]
    alone: bool
    beside_names: bool
    digits: int
    needs: frozenset[str]


@dataclass(frozen=True)
class Rules:
    """All kinds, and what else the file says."""

    kinds: Mapping[str, Kind]
    worth_reading: str
    not_worth_reading: str
    masked: re.Pattern[str]
    most_codes: int
    not_named: tuple[str, ...]
    quasi_identifiers: tuple[str, ...]
    calling_codes: frozenset[str]
    iban_lengths: Mapping[str, int]
    card_brands: tuple[tuple[int, int, tuple[int, ...]], ...]


@cache
def rules() -> Rules:
    """The rules. Read before the walls of the sandbox go up, since this module's users call it when they are imported."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    brands = ((one["first"][0], one["first"][1], tuple(one["lengths"])) for one in raw["card_brands"])
    return Rules(
        kinds={slug: kind_of(slug, told) for slug, told in raw["kinds"].items()},
        worth_reading=raw["worth_reading"],
        not_worth_reading=raw["not_worth_reading"],
        masked=re.compile(raw["masked"], re.DOTALL),
        most_codes=raw["most_codes"],
        not_named=tuple(raw["not_named"]),
        quasi_identifiers=tuple(raw["quasi_identifiers"]),
        calling_codes=frozenset(map(str, raw["calling_codes"])),
        iban_lengths=raw["iban_lengths"],
        card_brands=tuple(brands),
    )


def kind_of(slug: str, told: Mapping[str, Any]) -> Kind:
    """One kind of the file."""
    pattern = re.compile(told["pattern"]) if "pattern" in told else None
    names = tuple(str(name) for name in told.get("names", ()))
    alone, beside = bool(told.get("alone")), bool(told.get("beside_names"))
    needs = LETTERS if told.get("needs") == "letter" else frozenset(told.get("needs", ""))
    return Kind(slug, told["label"], pattern, told.get("valid", ""), names, alone, beside, told.get("digits", 0), needs)


def words_of(name: str) -> str:
    """A column's name as its words between underscores: `Customer e-mailAddress` is `_customer_e_mail_address_`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return "_" + re.sub(r"[\W_]+", "_", apart).strip("_").lower() + "_"


def says(words: str, name: str) -> bool:
    """The words of a column's name hold this name; Chinese is written without blanks and needs none."""
    if name.startswith("="):
        return words == f"_{name[1:]}_"
    return (f"_{name}_" if name.isascii() else name) in words


def named_kind(column: str) -> str:
    """The kind that a column's name says, the longest name winning; empty where it says none, or speaks against it."""
    words = words_of(column)
    found = [(len(name), slug) for slug, kind in rules().kinds.items() for name in kind.names if says(words, name)]
    if not found or any(says(words, name) for name in rules().not_named):
        return ""
    return max(found)[1]


def proposed(columns: list[str]) -> list[str]:
    """The columns whose names say that they single people out when they are put together."""
    names = rules().quasi_identifiers
    return [column for column in columns if any(says(words_of(column), name) for name in names)]
