"""Checks of the registry's own records: questions about a version that rows answer by themselves, by their slug.

A subject adds one with `@record_check`, under a name of the vocabulary. What is found are codes and facts; the sentences
of the codes are composed when somebody reads them, in that reader's language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registry.canonical import digest
from registry.models import ModelVersion, Verdict

# The worst word decides: one thing that fails is enough, and one that is unknown keeps a check from passing.
WORST_FIRST: Final = (Verdict.FAIL, Verdict.INSUFFICIENT, Verdict.PASS)


@dataclass(frozen=True)
class Finding:
    """One thing that a check found: a code of its sentences, what it means for the verdict, and facts to fill in."""

    code: str
    verdict: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Findings with what stands in the outcome beside them: limits that were judged, files, figures."""

    findings: list[Finding]
    beside: dict[str, Any]


Question = Callable[[ModelVersion], list[Finding] | Answer]


@dataclass(frozen=True)
class RecordCheck:
    """A question about a version, and the sentence of each code that its answer may hold.

    `read_rule` and `sheets` are dotted paths: what reads a limit, where limits are set for it, and its tables.
    """

    slug: str
    label: str | Promise
    sentences: Mapping[str, str | Promise]
    question: Question
    read_rule: str = ""
    sheets: str = ""


RECORD_CHECKS: dict[str, RecordCheck] = {}


def record_check(
    slug: str, label: str | Promise, sentences: Mapping[str, str | Promise], *, read_rule: str = "", sheets: str = ""
) -> Callable[[Question], Question]:
    """Register a question under a name of the vocabulary; the order of registration is the order on the page."""

    def register(question: Question) -> Question:
        RECORD_CHECKS[slug] = RecordCheck(slug, label, sentences, question, read_rule, sheets)
        return question

    return register


def outcome_of(check: RecordCheck, version: ModelVersion) -> dict[str, Any]:
    """The outcome as it is stored and hashed: what was found, the worst of it as the verdict, and its digest."""
    said = check.question(version)
    answer = said if isinstance(said, Answer) else Answer(said, {})
    findings = answer.findings
    outcome = {
        "check": check.slug,
        "verdict": worst([found.verdict for found in findings]),
        "inputs": {"data": version.artifact_hash, "version": str(version.pk)},
        "findings": [{"code": one.code, "verdict": one.verdict, "facts": one.facts} for one in findings],
        **answer.beside,
    }
    return outcome | {"digest": digest(outcome)}


def worst(verdicts: list[str]) -> str:
    """The verdict of several; nothing found says nothing."""
    return next((one for one in WORST_FIRST if one in verdicts), Verdict.INSUFFICIENT).value


def label_of(slug: str) -> str:
    """What people call the check; empty for one that is none of these."""
    return str(RECORD_CHECKS[slug].label) if slug in RECORD_CHECKS else ""


def sentences_of(outcome: dict[str, Any]) -> list[str]:
    """What an outcome says in the reader's language, the worst first; empty for a check that is gone."""
    check = RECORD_CHECKS.get(outcome.get("check", ""))
    if check is None:
        return []
    found = sorted(outcome["findings"], key=lambda one: WORST_FIRST.index(one["verdict"]))
    if not found:
        return [_("The records hold nothing that this check could judge.")]
    return [str(check.sentences[one["code"]]) % one["facts"] for one in found]
