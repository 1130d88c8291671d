"""How grave a weakness is: the word that its source gives, or the base score of its CVSS vector."""

import math
from typing import Any

LEVELS = ("critical", "high", "medium", "low")
UNRATED = "unrated"
WORDS = {"moderate": "medium", "important": "high", "negligible": "low", **{level: level for level in LEVELS}}
BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))
# CVSS 3.1, specification document of FIRST, section 7.4: the weight of each answer.
WEIGHTS: dict[str, dict[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}, "AC": {"L": 0.77, "H": 0.44}, "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0}, "I": {"H": 0.56, "L": 0.22, "N": 0}, "A": {"H": 0.56, "L": 0.22, "N": 0},
}  # fmt: skip
PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}


def graver(one: str, other: str) -> str:
    """The graver of two levels; unrated is the least that is known."""
    order = (*LEVELS, UNRATED)
    return min(one, other, key=order.index)


def of_word(value: Any) -> str:
    """The level that a word names, in whatever case; unrated for any other."""
    return WORDS.get(value.strip().lower(), UNRATED) if isinstance(value, str) else UNRATED


def of_vector(vector: Any) -> str:
    """The level of a CVSS 3 vector; unrated for anything else, version 4 among it."""
    score = base_score(vector) if isinstance(vector, str) else None
    return UNRATED if score is None else next(level for least, level in BANDS if score >= least)


def base_score(vector: str) -> float | None:
    """The base score of a CVSS 3.0 or 3.1 vector, 0 to 10; None where it is none.

    FIRST, Common Vulnerability Scoring System v3.1, section 7.1, with the rounding of its appendix A.
    """
    if not vector.startswith(("CVSS:3.0/", "CVSS:3.1/")):
        return None
    told = dict(part.partition(":")[::2] for part in vector.split("/")[1:])
    try:
        wide = {"U": False, "C": True}[told["S"]]
        weight = {name: values[told[name]] for name, values in WEIGHTS.items()}
        privileges = PRIVILEGES[told["S"]][told["PR"]]
    except KeyError:
        return None
    base = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if wide else 6.42 * base
    ease = 8.22 * weight["AV"] * weight["AC"] * privileges * weight["UI"]
    if impact <= 0:
        return 0.0
    return rounded_up(min((impact + ease) * (1.08 if wide else 1), 10))


def rounded_up(value: float) -> float:
    """To one decimal, upwards, without the noise of binary fractions."""
    whole = round(value * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (math.floor(whole / 10_000) + 1) / 10
