"""The heat map: how many risks stand at each likelihood and impact, with the geometry of its drawing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from risk.catalogue import STEPS, catalogue

SIDE: Final = 64
LEFT: Final = 132
TOP: Final = 8


@dataclass(frozen=True)
class Cell:
    """One cell: its steps, its level by product, and how many risks stand in it."""

    likelihood: int
    impact: int
    level: str
    count: int

    @property
    def x(self) -> int:
        """Left edge in the drawing."""
        return LEFT + (self.impact - 1) * SIDE

    @property
    def y(self) -> int:
        """Upper edge in the drawing; the likeliest row is on top."""
        return TOP + (5 - self.likelihood) * SIDE

    @property
    def middle(self) -> tuple[int, int]:
        """Where the number stands."""
        return self.x + SIDE // 2, self.y + SIDE // 2 + 2

    @property
    def foot(self) -> int:
        """Where the name of the level stands."""
        return self.y + SIDE - 8


@dataclass(frozen=True)
class Row:
    """The cells of one likelihood, with its name."""

    likelihood: int
    name: str
    cells: tuple[Cell, ...]

    @property
    def y(self) -> int:
        """Where the name stands."""
        return self.cells[0].middle[1]


@dataclass(frozen=True)
class HeatMap:
    """Five rows, the likeliest first; `impacts` are the names of the columns with their places."""

    rows: tuple[Row, ...]
    impacts: tuple[tuple[int, str, int], ...]
    total: int
    width: int = LEFT + 5 * SIDE + 8
    height: int = TOP + 5 * SIDE + 56
    foot: int = TOP + 5 * SIDE + 22
    side: int = SIDE
    edge: int = LEFT - 10


def heat_map(ratings: Iterable[tuple[int, int]]) -> HeatMap:
    """The map of pairs of likelihood and impact."""
    counts = Counter(ratings)
    scales = catalogue()
    rows = tuple(
        Row(
            likelihood,
            _(scales.likelihood[likelihood]),
            tuple(
                Cell(likelihood, impact, scales.level(likelihood, impact), counts[likelihood, impact])
                for impact in STEPS
            ),
        )
        for likelihood in reversed(STEPS)
    )
    impacts = tuple((step, _(scales.impact[step]), LEFT + (step - 1) * SIDE + SIDE // 2) for step in STEPS)
    return HeatMap(rows, impacts, counts.total())
