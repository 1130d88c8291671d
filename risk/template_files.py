"""The parts of a questionnaire's template, and the reader that refuses a template whose references do not hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.errors import BadInput
from registry.vocabulary import read_yaml, vocabulary

TYPES: Final = frozenset({"choice", "text", "regions", "duration"})
KINDS: Final = frozenset({"context", "gate", "risk", "control"})
COMPONENTS: Final = ("input", "model", "output")
OUTCOMES: Final = ("dpo_review", "full_dpia", "blocked", "prior_consultation", "reassess")


@dataclass(frozen=True)
class Condition:
    """Another question answered with one of these keys."""

    question: str
    answers: frozenset[str]


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


def parsed(slug: str, path: Path) -> Template:
    """The template in a file; BadInput names file, question and what does not hold."""
    raw = read_yaml(path)
    try:
        template = built(slug, raw)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{path.name}: a key is missing or of the wrong kind: {error!r}.") from error
    for fault in faults(template):
        raise BadInput(f"{path.name}: {fault}")
    return template


def built(slug: str, raw: Mapping[str, Any]) -> Template:
    """The template from the content of its file, not yet checked."""
    scoring = raw["scoring"]
    outcomes = {entry["id"]: consequence(entry) for entry in raw["outcomes"]}
    return Template(
        slug=slug,
        name=raw["name"],
        version=str(raw["version"]),
        produces=raw["produces"],
        control_cap=Fraction(str(scoring["control_cap"])),
        levels=tuple(Level(level["from"], level["below"], level["level"]) for level in scoring["levels"]),
        criteria=MappingProxyType(raw["criteria"]),
        outcomes=MappingProxyType(outcomes),
        cases=tuple(Case(case["id"], case["what"], conditions(case["all_of"])) for case in raw["mandatory_cases"]),
        sections=tuple(section(entry) for entry in raw["sections"]),
    )


def consequence(raw: Mapping[str, Any]) -> Consequence:
    """One outcome."""
    return Consequence(raw["id"], raw["when"], raw["then"], conditions(raw.get("ask_for_text_when", ())))


def conditions(raw: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Conditions written as question and answers."""
    return tuple(Condition(entry["question"], frozenset(entry["answers"])) for entry in raw)


def section(raw: Mapping[str, Any]) -> Section:
    """One section with its questions."""
    questions = tuple(question(entry, raw["component"]) for entry in raw["questions"])
    return Section(raw["id"], raw["title"], raw["component"], questions)


def question(raw: Mapping[str, Any], component: str | None) -> Question:
    """One question; the condition in `ask_when` is written `QUESTION = answer`."""
    earlier, equals, answer = str(raw.get("ask_when", "")).partition("=")
    return Question(
        id=raw["id"],
        text=raw["question"],
        type=raw["type"],
        kind=raw["kind"],
        component=component,
        points=MappingProxyType({str(key): int(points) for key, points in raw.get("answers", {}).items()}),
        weight=int(raw.get("weight", 1)),
        law=tuple(raw.get("law", ())),
        links_to=raw.get("links_to", ""),
        field=raw.get("field", ""),
        criterion=raw.get("criterion", ""),
        ask_when=Condition(earlier.strip(), frozenset({answer.strip()})) if equals else None,
        ask_for_text_when=frozenset(raw.get("ask_for_text_when", ())),
        dpo_review_when=frozenset(raw.get("dpo_review_when", ())),
        blocks_when=frozenset(raw.get("blocks_when", ())),
    )


def faults(template: Template) -> list[str]:
    """What does not hold in a template, one sentence each."""
    found = [*scale_faults(template), *section_faults(template)]
    ids = [q.id for q in template.questions]
    found += [f"the question {name} stands twice; remove one." for name in sorted({n for n in ids if ids.count(n) > 1})]
    for place, condition in references(template):
        found += condition_faults(template, place, condition)
    for item in template.questions:
        found += question_faults(template, item)
    if template.has_components:
        found += [f"the outcome {name} is missing." for name in OUTCOMES if name not in template.outcomes]
    return found + field_faults(template)


def field_faults(template: Template) -> list[str]:
    """What it produces is an entity of the vocabulary, and each named field one of the entity's."""
    entity = vocabulary().entities.get(template.produces)
    if entity is None:
        return [f"the vocabulary has no entity {template.produces}."]
    return [
        f"{question.id}: {template.produces} has no field {question.field}."
        for question in template.questions
        if question.field and question.field not in entity.fields
    ]


def scale_faults(template: Template) -> list[str]:
    """Levels cover 0 to 100 without hole or overlap, and name high; the cap leaves a residual."""
    found = []
    edges = [level.start for level in template.levels] + [template.levels[-1].below]
    if (
        edges[0] != 0
        or edges[-1] <= 100
        or any(a.below != b.start for a, b in zip(template.levels, template.levels[1:]))
    ):
        found.append("the levels must cover 0 to 100 without a hole.")
    if "high" not in {level.name for level in template.levels}:
        found.append("a level must be called high: outcomes speak of it.")
    if not 0 <= template.control_cap < 1:
        found.append("control_cap must lie between 0 and 1: no control takes a risk away altogether.")
    return found


def section_faults(template: Template) -> list[str]:
    """One section for each component, beginning with its gate, and no other component; or none of components at all."""
    components = [section.component for section in template.sections if section.component]
    if components and sorted(components) != sorted(COMPONENTS):
        return [f"sections must cover {', '.join(COMPONENTS)} once each, not {', '.join(components)}."]
    return [
        f"the section {section.id} must begin with its only gate question."
        for section in template.sections
        if [q.kind == "gate" for q in section.questions] != gate_first(section)
    ]


def gate_first(section: Section) -> list[bool]:
    """Where a section's gate must stand: first and once for a component, nowhere in a general section."""
    return [bool(section.component) and place == 0 for place, _question in enumerate(section.questions)]


def references(template: Template) -> list[tuple[str, Condition]]:
    """Every condition with the place where it stands."""
    found = [(f"{q.id}, ask_when", q.ask_when) for q in template.questions if q.ask_when]
    found += [(f"case {case.id}", condition) for case in template.cases for condition in case.all_of]
    found += [(f"outcome {o.id}", condition) for o in template.outcomes.values() for condition in o.texts]
    return found


def condition_faults(template: Template, place: str, condition: Condition) -> list[str]:
    """The question of a condition exists and knows the answers."""
    earlier = template.question(condition.question)
    if earlier is None:
        return [f"{place}: there is no question {condition.question}."]
    strange = sorted(condition.answers - set(earlier.points))
    return [f"{place}: {earlier.id} has no answer {strange[0]}."] if strange else []


def question_faults(template: Template, question: Question) -> list[str]:
    """Type, kind, points, criterion and the answers that its lists name."""
    found = []
    if question.type not in TYPES or question.kind not in KINDS:
        found.append(f"{question.id}: type {question.type} or kind {question.kind} is not known.")
    if (question.type == "choice") != bool(question.points):
        found.append(f"{question.id}: a choice needs answers, and nothing else has any.")
    if question.kind in {"risk", "control"} and (question.highest < 1 or question.lowest < 0 or question.weight < 1):
        found.append(f"{question.id}: points begin at 0, one is above 0, and the weight is at least 1.")
    if question.kind == "gate" and "no" not in question.points:
        found.append(f"{question.id}: a gate needs the answer no.")
    if question.criterion and question.criterion not in template.criteria:
        found.append(f"{question.id}: there is no criterion {question.criterion}.")
    named = question.ask_for_text_when | question.dpo_review_when | question.blocks_when
    found += [f"{question.id}: a list names {key}, which is no answer." for key in sorted(named - set(question.points))]
    return found
