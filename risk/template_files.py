"""Reads a questionnaire's template from its YAML file; what does not hold is refused with file, question and reason."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext_noop

from registry.errors import BadInput
from registry.vocabulary import read_yaml
from risk import formulas, template_faults
from risk.catalogue import catalogue
from risk.template_parts import FIGURES, Case, Condition, Consequence, Floor, Level, Question, Section, Step, Template

AGAINST: Final = gettext_noop("What stands against it?")


def parsed(slug: str, path: Path) -> Template:
    """The template in a file; BadInput names file, question and what does not hold."""
    raw = read_yaml(path)
    try:
        template = built(slug, raw)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{path.name}: a key is missing or of the wrong kind: {error!r}.") from error
    for fault in template_faults.faults(template):
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
        sections=tuple(section(entry, raw.get("threat_answers", {})) for entry in raw["sections"]),
        residual=formulas.read(scoring["residual"], names=FIGURES),
        floors=tuple(
            Floor(entry["level"], entry["because"], conditions(entry["all_of"])) for entry in raw.get("floors", ())
        ),
        reopens_on=tuple(raw.get("reopens_on", ())),
        signed_by=raw.get("signed_by", "privacy_officer"),
        steps=tuple(step(entry) for entry in raw.get("steps", ())),
    )


def step(raw: Mapping[str, Any]) -> Step:
    """One step from a version of the template to the next."""
    return Step(str(raw["from"]), raw.get("questions", {}), raw.get("answers", {}))


def consequence(raw: Mapping[str, Any]) -> Consequence:
    """One outcome."""
    return Consequence(raw["id"], raw["when"], raw["then"], conditions(raw.get("ask_for_text_when", ())))


def conditions(raw: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Conditions written as question and answers."""
    return tuple(Condition(entry["question"], frozenset(entry["answers"])) for entry in raw)


def section(raw: Mapping[str, Any], scales: Mapping[str, Any]) -> Section:
    """One section with its questions."""
    entries = [*raw["questions"], *(asked for name in raw.get("threats", ()) for asked in threat(name, scales))]
    questions = tuple(question(entry, raw["component"]) for entry in entries)
    return Section(raw["id"], raw["title"], raw["component"], questions)


def threat(name: str, scales: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two questions on a threat of the catalogue: how near it is, and what stands against it."""
    known = catalogue().risks.get(name)
    if known is None:
        raise ValueError(f"the catalogue has no threat {name}")
    number = name.removeprefix("RSK-")
    near, against = scales["near"]["answers"], scales["against"]["answers"]
    first = {"id": f"THR-{number}", "question": known.title, "type": "choice", "kind": "risk", "answers": near,
             "help": known.description, "weight": 2, "ask_for_text_when": ["possible", "easy"]}  # fmt: skip
    second = {"id": f"THR-{number}-C", "question": known.title, "type": "choice", "kind": "control", "answers": against,
              "help": AGAINST, "ask_for_text_when": ["partly", "mostly", "fully"],
              "links_to": f"check:{known.checks[0]}" if known.checks else ""}  # fmt: skip
    return first, second


def question(raw: Mapping[str, Any], component: str | None) -> Question:
    """One question; the condition in `ask_when` is written `QUESTION = answer | answer`."""
    earlier, equals, answer = str(raw.get("ask_when", "")).partition("=")
    return Question(
        id=raw["id"],
        text=raw["question"],
        type=raw["type"],
        kind=raw["kind"],
        component=component,
        points=MappingProxyType({str(key): int(points) for key, points in answers_of(raw).items()}),
        weight=int(weight_of(raw)),
        law=tuple(raw.get("law", ())),
        links_to=raw.get("links_to", ""),
        field=raw.get("field", ""),
        criterion=raw.get("criterion", ""),
        ask_when=Condition(earlier.strip(), frozenset(map(str.strip, answer.split("|")))) if equals else None,
        ask_for_text_when=frozenset(raw.get("ask_for_text_when", ())),
        dpo_review_when=frozenset(raw.get("dpo_review_when", ())),
        blocks_when=frozenset(raw.get("blocks_when", ())),
        help=raw.get("help", ""),
        names_each=raw.get("names_each", ""),
    )


def answers_of(raw: Mapping[str, Any]) -> Mapping[str, int]:
    """The answer table; of a question for yes and no the two, without points where none are named."""
    return raw.get("answers", {"no": 0, "yes": 0} if raw["type"] == "yes_no" else {})


def weight_of(raw: Mapping[str, Any]) -> Any:
    """The weight; 1 where the key is left out, and no weight at all is refused."""
    weight = raw.get("weight", 1)
    if weight is None:
        raise ValueError(f"{raw['id']}: the weight is missing; write a whole number, or leave the key out for 1")
    return weight
