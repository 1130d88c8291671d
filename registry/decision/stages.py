"""The stages of a review as the frozen policy describes them: who is asked, how many must agree, for whom, until when."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ask:
    """So many sign-offs of one duty."""

    duty: str
    count: int


@dataclass(frozen=True)
class Stage:
    """One stage, counted from 1: as many slots as are asked for, of which `quorum` must agree.

    Each business unit in `units` (a slug) must be spoken for by one of those who agree. `due_days` is None where the
    stage has no day of its own.
    """

    number: int
    name: str
    asks: tuple[Ask, ...]
    quorum: int
    units: tuple[str, ...]
    due_days: int | None

    @property
    def slots(self) -> list[tuple[int, str, int]]:
        """Every sign-off that is asked for, as (stage, duty, ordinal)."""
        return [(self.number, ask.duty, ordinal) for ask in self.asks for ordinal in range(1, ask.count + 1)]


def stages_of(body: dict[str, Any]) -> tuple[Stage, ...]:
    """The stages of a policy's body; each is a list of asks, or a mapping with `ask` and what else it says."""
    return tuple(stage_of(number, told) for number, told in enumerate(body["stages"], 1))


def stage_of(number: int, told: Any) -> Stage:
    """One stage from either form."""
    said = told if isinstance(told, dict) else {"ask": told}
    asks = tuple(Ask(ask["duty"], int(ask.get("count", 1))) for ask in said["ask"])
    everybody = sum(ask.count for ask in asks)
    return Stage(
        number, str(said.get("name", "")), asks, int(said.get("quorum", everybody)), tuple(said.get("units", ())),
        said.get("due_days"),
    )  # fmt: skip
