"""The geometry of the curve: which share of years costs more than an amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

from risk.loss.simulation import Curve

LEFT, TOP, WIDTH, HEIGHT = 52, 12, 520, 240
FOOT: Final = TOP + HEIGHT


@dataclass(frozen=True)
class Mark:
    """A tick with its text, or a line of its own (a percentile, a limit) with its name."""

    place: float
    text: str
    amount: float = 0


@dataclass(frozen=True)
class Drawn:
    """The line as points of a polyline, ticks of both axes, and lines that stand for limits."""

    line: str
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]
    limits: tuple[Mark, ...]
    table: tuple[tuple[float, float], ...]
    left: int = LEFT
    top: int = TOP
    foot: int = FOOT
    right: int = LEFT + WIDTH
    width: int = LEFT + WIDTH + 24
    height: int = FOOT + 50


def ticks(top: float) -> list[float]:
    """Round amounts from 0 to the top, three to six of them: steps of 1, 2 or 5 times a power of ten."""
    decade = 10 ** floor(log10(top))
    step = next(decade * part for part in (0.2, 0.5, 1.0) if top / (decade * part) < 6)
    return [step * place for place in range(int(top / step) + 1)]


def drawn(curve: Curve, limits: Sequence[tuple[str, float]] = ()) -> Drawn:
    """The drawing of a curve, with limits that lie within it."""
    top = max([curve.points[-1][0], *(amount * 1.05 for _name, amount in limits)]) or 1.0

    def x(loss: float) -> float:
        return round(LEFT + WIDTH * loss / top, 1)

    def y(share: float) -> float:
        return round(FOOT - HEIGHT * share, 1)

    return Drawn(
        " ".join(f"{x(loss)},{y(share)}" for loss, share in curve.points),
        tuple(Mark(x(amount), "", amount) for amount in ticks(top)),
        tuple(Mark(y(step / 4), f"{25 * step} %") for step in range(5)),
        tuple(Mark(x(amount), name, amount) for name, amount in limits),
        tuple((loss, 100 * share) for loss, share in curve.points[::4]),
    )
