"""What intake asks and what follows from the answers: the draft tier, and what the policy of uses says. Read from data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext

from registry.errors import BadInput
from registry.models import AISystem, Fitness, Tier
from registry.vocabulary import read_yaml

FILE = Path(__file__).parent / "data" / "intake.yaml"
YES_NO: Final = frozenset({"yes", "no"})


@dataclass(frozen=True)
class Question:
    """One question; `answers` are the keys that may be given, with their words."""

    id: str
    ask: str
    help: str
    answers: Mapping[str, Any]

    def word(self, key: str) -> str:
        """An answer as people read it."""
        return gettext(str(self.answers.get(key, key)))

    @property
    def is_yes_no(self) -> bool:
        """It fills a column that is true or false."""
        return set(self.answers) == YES_NO


@dataclass(frozen=True)
class Use:
    """A kind of use and what the policy says of it."""

    id: str
    say: str
    fitness: Fitness
    why: str


@dataclass(frozen=True)
class TierRule:
    """A draft tier with what must be so: each question named is answered by one of the keys."""

    tier: Tier
    when: Mapping[str, tuple[str, ...]]
    because: str

    def holds(self, facts: Mapping[str, str]) -> bool:
        """Every line is so."""
        return all(facts.get(name) in wanted for name, wanted in self.when.items())


@dataclass(frozen=True)
class Questionnaire:
    """The whole of intake."""

    version: int
    questions: tuple[Question, ...]
    uses: Mapping[str, Use]
    rules: tuple[TierRule, ...]

    def draft(self, answers: Mapping[str, str]) -> TierRule:
        """The first rule that holds; the last one always does."""
        facts = {**answers, "fitness": str(self.uses[answers["use"]].fitness)}
        return next(rule for rule in self.rules if rule.holds(facts))


@cache
def questionnaire() -> Questionnaire:
    """The questionnaire of this installation, read once a process."""
    return parsed(read_yaml(FILE))


def parsed(raw: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire from the content of its file; BadInput names a line that cannot be used."""
    uses = {use["id"]: Use(use["id"], use["say"], Fitness(use["fitness"]), use.get("why", "")) for use in raw["uses"]}
    questions = tuple(_question(entry, uses) for entry in raw["questions"])
    rules = tuple(
        TierRule(Tier(rule["tier"]), {name: tuple(keys) for name, keys in rule["when"].items()}, rule["because"])
        for rule in raw["tiers"]
    )
    _require_sound(questions, rules)
    return Questionnaire(raw["version"], questions, uses, rules)


def _question(entry: Mapping[str, Any], uses: Mapping[str, Use]) -> Question:
    answers = entry.get("answers")
    if answers is None and entry["id"] == "use":
        answers = {use.id: use.say for use in uses.values()}
    elif answers is None:
        answers = dict(AISystem._meta.get_field(entry["id"]).choices or ())  # type: ignore[union-attr]
    return Question(entry["id"], entry["ask"], entry.get("help", ""), answers)


def _require_sound(questions: tuple[Question, ...], rules: tuple[TierRule, ...]) -> None:
    known = {question.id: set(question.answers) for question in questions} | {"fitness": set(Fitness.values)}
    for number, rule in enumerate(rules, 1):
        for name, keys in rule.when.items():
            strange = sorted(set(keys) - known.get(name, set()))
            if strange:
                raise BadInput(
                    f"{FILE.name}, tiers, rule {number}: “{name}: {strange[0]}” answers no question; mend or remove it."
                )
    if not rules or rules[-1].when:
        raise BadInput(f"{FILE.name}, tiers: the last rule must hold always; give it an empty “when”.")


def columns(answers: Mapping[str, str]) -> dict[str, Any]:
    """The answers as columns of the system: keys as they are, yes and no as true and false."""
    asked = {question.id: question for question in questionnaire().questions if question.id != "use"}
    return {name: answers[name] == "yes" if asked[name].is_yes_no else answers[name] for name in asked}
