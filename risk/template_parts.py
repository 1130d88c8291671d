"""The parts of a questionnaire's template, as data that nothing changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from risk.formulas import Formula

TYPES: Final = frozenset(
    {"choice", "several", "yes_no", "text", "regions", "duration", "number", "date", "person", "file"}
)
CHOSEN: Final = frozenset({"choice", "several", "yes_no"})
KINDS: Final = frozenset({"context", "gate", "risk", "control"})
COMPONENTS: Final = ("input", "model", "output")
OUTCOMES: Final = ("dpo_review", "full_dpia", "blocked", "prior_consultation", "reassess")
RAISED: Final = "raised"
WHOLE: Final = "whole"
FIGURES: Final = frozenset({"inherent", "control", "control_cap"})


@dataclass(frozen=True)
class Condition:
    """Another question answered with one of these keys."""

    question: str
    answers: frozenset[str]

    def holds_for(self, answer: str) -> bool:
        """One of the keys is the answer, or among the several that were chosen."""
        return not self.answers.isdisjoint(answer.split(", "))


@dataclass(frozen=True)
class Question:
    """One question: `points` by answer key, and what particular answers lead to."""

    id: str
    text: str
    type: str
    kind: str
    component: str | None
    points: Mapping[str, int]
    weight: int
    law: tuple[str, ...]
    links_to: str
    field: str
    criterion: str
    ask_when: Condition | None
    ask_for_text_when: frozenset[str]
    dpo_review_when: frozenset[str]
    blocks_when: frozenset[str]
    help: str = ""
    names_each: str = ""

    def points_of(self, answer: str) -> int | None:
        """The points of an answer, of several the most; None where nothing known was answered."""
        return max((self.points[key] for key in answer.split(", ") if key in self.points), default=None)

    @property
    def highest(self) -> int:
        """The most points that an answer can bring."""
        return max(self.points.values(), default=0)

    @property
    def lowest(self) -> int:
        """The fewest points that an answer can bring."""
        return min(self.points.values(), default=0)

    @property
    def check(self) -> str:
        """The check that proves a control, or an empty string."""
        kind, _colon, name = self.links_to.partition(":")
        return name if kind == "check" else ""


@dataclass(frozen=True)
class Section:
    """Questions that belong together; `component` is None for those that count towards every component."""

    id: str
    title: str
    component: str | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Level:
    """Scores from `start` up to, not including, `below`."""

    start: int
    below: int
    name: str


@dataclass(frozen=True)
class Case:
    """A kind of processing for which the full assessment is mandatory: all its conditions hold."""

    id: str
    what: str
    all_of: tuple[Condition, ...]


@dataclass(frozen=True)
class Consequence:
    """What an outcome asks for, and answers that want a text once it is reached."""

    id: str
    when: str
    then: str
    texts: tuple[Condition, ...]


@dataclass(frozen=True)
class Floor:
    """Answers under which the level is no lower than this one, whatever the score."""

    level: str
    because: str
    all_of: tuple[Condition, ...]


@dataclass(frozen=True)
class Step:
    """What became of questions and answers when the version after `version` of a template was written."""

    version: str
    questions: Mapping[str, str]
    answers: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Template:
    """A questionnaire as its file says it."""

    slug: str
    name: str
    version: str
    produces: str
    control_cap: Fraction
    levels: tuple[Level, ...]
    criteria: Mapping[str, str]
    outcomes: Mapping[str, Consequence]
    cases: tuple[Case, ...]
    sections: tuple[Section, ...]
    residual: Formula
    floors: tuple[Floor, ...] = ()
    reopens_on: tuple[str, ...] = ()
    signed_by: str = "privacy_officer"
    steps: tuple[Step, ...] = ()

    def left(self, inherent: Fraction, control: Fraction) -> Fraction:
        """What is left of an inherent risk from 0 to 100 under controls from 0 to 1, by the template's own formula."""
        return self.residual(inherent=inherent, control=control, control_cap=self.control_cap)

    @property
    def is_privacy(self) -> bool:
        """A privacy officer decides on it, with a written opinion where one is called for."""
        return self.signed_by == "privacy_officer"

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in order."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def by_id(self) -> dict[str, Question]:
        """Every question under its id."""
        return {question.id: question for question in self.questions}

    @property
    def has_components(self) -> bool:
        """It scores input, model and output apart; else the whole once."""
        return any(section.component for section in self.sections)

    @property
    def is_scored(self) -> bool:
        """Some answers bring points; else floors alone lead to the level."""
        return any(question.kind in {"risk", "control"} for question in self.questions)

    def question(self, question_id: str) -> Question | None:
        """The question of this id, or None."""
        return self.by_id.get(question_id)

    def section(self, section_id: str) -> Section | None:
        """The section of this id, or None."""
        return next((section for section in self.sections if section.id == section_id), None)

    def gate(self, component: str | None) -> Question | None:
        """The question whose no closes the component."""
        found = (q for q in self.questions if q.kind == "gate" and q.component == component)
        return next(found, None)

    def level(self, score: Fraction) -> str:
        """The name of the level in which an exact score lies."""
        return next(level.name for level in self.levels if level.start <= score < level.below)

    def rank(self, level: str) -> int:
        """The place of a level's name on the scale; -1 for none."""
        names = [known.name for known in self.levels]
        return names.index(level) if level in names else -1

    def is_high(self, level: str) -> bool:
        """High or above."""
        return self.rank(level) >= self.rank("high")
