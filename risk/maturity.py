"""Maturity by perspective: the level of each from its answers, what the stage of adoption requires, and the radar's geometry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from risk.models import AdoptionStage, MaturityAssessment
from risk.questionnaires import BLANK, Replies
from risk.scoring import control_points, share
from risk.template_parts import Section, Template

STAGE: Final = "CAP-S-01"
TEMPLATE: Final = "capability_assessment"
TOP: Final = 5
# The level that is required of every perspective at each stage.
REQUIRED: Final[Mapping[str, int]] = {
    AdoptionStage.EXPLORATION: 1, AdoptionStage.PRODUCTION: 3, AdoptionStage.REINVENTION: 4,
}  # fmt: skip
MIDDLE, RADIUS, BEYOND = (230, 170), 120, 18


def perspectives(form: Template) -> list[Section]:
    """The sections that are rated, in order."""
    return [part for part in form.sections if any(question.kind == "control" for question in part.questions)]


def levels(form: Template, replies: Replies) -> dict[str, float]:
    """The level of each perspective, from 0 to 5, as the mean of its questions; an open question counts as absent."""
    found = {}
    for part in perspectives(form):
        asked = list(part.questions)
        points = [control_points(question, replies, frozenset()) for question in asked]
        found[part.id] = round(float(TOP * share(asked, points)), 1)
    return found


def stage_of(replies: Replies) -> str:
    """The stage of adoption that was answered, or an empty text."""
    return replies.get(STAGE, BLANK).answer


@dataclass(frozen=True)
class Axis:
    """A perspective of the radar: its levels, the newest first, what is required, and where its name stands."""

    name: str
    levels: tuple[float, ...]
    days: tuple[str, ...]
    required: int
    end: tuple[float, float]
    label: tuple[float, float]
    anchor: str

    @property
    def dated(self) -> list[tuple[str, float]]:
        """Each level with the day of its assessment."""
        return list(zip(self.days, self.levels, strict=True))

    @property
    def is_enough(self) -> bool:
        """The newest level is what the stage requires."""
        return self.levels[0] >= self.required


@dataclass(frozen=True)
class Radar:
    """The drawing: rings for the levels with their height above, an axis for each perspective, and a line for each assessment."""

    axes: tuple[Axis, ...]
    rings: tuple[tuple[int, float, str], ...]
    lines: tuple[tuple[str, str], ...]
    required: str
    width: int = 2 * MIDDLE[0]
    height: int = 2 * MIDDLE[1]
    middle: tuple[int, int] = MIDDLE


def radar(rows: Sequence[MaturityAssessment]) -> Radar:
    """The radar of assessments of one unit, the newest first: its line is drawn full, the earlier ones broken."""
    newest = rows[0]
    parts = perspectives(newest.form)
    count, must = len(parts), REQUIRED.get(newest.stage, 0)
    days = tuple(map(dated, rows))
    axes = tuple(
        axis(_(part.title), place, count, tuple(row.levels.get(part.id, 0.0) for row in rows), days, must)
        for place, part in enumerate(parts)
    )
    rings = tuple((ring, point(ring, 0, count)[1], outline([ring] * count)) for ring in range(1, TOP + 1))
    lines = tuple(
        (dated(row), outline([row.levels.get(part.id, 0.0) for part in parts])) for row in rows
    )  # fmt: skip
    return Radar(axes, rings, lines, outline([must] * count))


def dated(row: MaturityAssessment) -> str:
    """The day of an assessment: when it was confirmed, or begun."""
    return formats.date_format(timezone.localdate(row.confirmed_at or row.created_at))


def axis(name: str, place: int, count: int, found: tuple[float, ...], days: tuple[str, ...], required: int) -> Axis:
    """One perspective; its name stands beyond the end of its axis."""
    end, label = point(TOP, place, count), point(TOP, place, count, BEYOND)
    side = label[0] - MIDDLE[0]
    anchor = "middle" if abs(side) < 1 else "start" if side > 0 else "end"
    return Axis(name, found, days, required, end, label, anchor)


def point(level: float, place: int, count: int, beyond: int = 0) -> tuple[float, float]:
    """Where a level lies on an axis; the first axis points up, the others follow the clock."""
    angle, length = 2 * pi * place / count, RADIUS * level / TOP + beyond
    return round(MIDDLE[0] + length * sin(angle), 1), round(MIDDLE[1] - length * cos(angle), 1)


def outline(found: Sequence[float]) -> str:
    """The corners of a line through one level on each axis, as SVG has them."""
    return " ".join("{},{}".format(*point(level, place, len(found))) for place, level in enumerate(found))
