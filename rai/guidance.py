"""Which fairness metric fits a use: five questions, and the advice that follows from their answers by published rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.vocabulary import read_yaml

FILE: Final = Path(__file__).parent / "data" / "fairness_guidance.yaml"


@dataclass(frozen=True)
class Question:
    """One of the five: what is asked, and the answers by their names."""

    id: str
    ask: str
    help: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class Advised:
    """A metric that fits, why, what it gives up, and who says so."""

    metric: str
    check: str
    title: str
    reason: str
    gives_up: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Advice:
    """What the answers advise, and what they warn of."""

    metrics: tuple[Advised, ...]
    cautions: tuple[str, ...]


@cache
def document() -> dict[str, Any]:
    """The file."""
    return read_yaml(FILE)


def version() -> int:
    """The version of the rules, kept with every answer."""
    return int(document()["version"])


def questions() -> list[Question]:
    """The five, in the reader's language."""
    return [
        Question(
            one["id"], _(one["ask"]), _(one["help"]), {name: _(text) for name, text in one["answers"].items()}
        )
        for one in document()["questions"]
    ]  # fmt: skip


def metrics() -> dict[str, Advised]:
    """Every metric that may be chosen, by name."""
    names = document()["sources"]
    return {
        name: Advised(
            name, one["check"], _(one["title"]), _(one["reason"]), _(one["gives_up"]),
            tuple(names[source] for source in one["sources"]),
        )
        for name, one in document()["metrics"].items()
    }  # fmt: skip


def advice(answers: Mapping[str, str]) -> Advice:
    """What five answers advise; raises BadInput that names the question without an answer."""
    for question in questions():
        if answers.get(question.id) not in question.answers:
            raise BadInput(_("Answer the question: %s") % question.ask, field=question.id)
    known, body = metrics(), document()
    names = [name for rule in body["rules"] if fits(rule["when"], answers) for name in rule["advises"]]
    cautions = [_(one["say"]) for one in body["cautions"] if fits(one["when"], answers)]
    return Advice(tuple(known[name] for name in dict.fromkeys(names)), tuple(cautions))


def fits(when: Mapping[str, str], answers: Mapping[str, str]) -> bool:
    """Everything that the rule names was answered so."""
    return all(answers.get(question) == answer for question, answer in when.items())


def told(kept: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The questions and answers that a plan keeps, in the reader's language."""
    given = kept.get("answers", {})
    return [(one.ask, one.answers.get(given[one.id], given[one.id])) for one in questions() if one.id in given]


def titles(names: Any) -> list[str]:
    """Metrics by their titles."""
    known = metrics()
    return [known[name].title if name in known else str(name) for name in names]
