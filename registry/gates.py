"""Gates: questions that must be answered yes before a release, a system or a deployment moves on.

Any app adds a question about releases with `@gate`; a policy adds conditions to each moment (registry/policies).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext as _

from registry import policy, waivers
from registry.audit import log
from registry.errors import GateClosed
from registry.gate_results import FAILED, INSUFFICIENT, PASSED, WAIVED, GateResult
from registry.gate_titles import TITLES, title_of
from registry.looks import one_look
from registry.models import AISystem, Deployment, GateRecord, Release
from registry.policies import conditions
from registry.policies.conditions import DEPLOYMENT, INTAKE, PUBLICATION, RELEASE, STAGE, Case

__all__ = [
    "DEPLOYMENT", "FAILED", "INSUFFICIENT", "INTAKE", "PASSED", "PUBLICATION", "RELEASE", "STAGE", "WAIVED", "Case",
    "GateResult", "answer", "evaluate", "gate", "require_open",
]  # fmt: skip

Question = Callable[[Release], GateResult]
GATES: dict[str, Question] = {}
LASTING: set[str] = set()


def gate(slug: str, title: str | Promise, *, lasting: bool = False) -> Callable[[Question], Question]:
    """Register a question under its slug; the order of registration is the order on the page.

    A `lasting` one is asked of deployments, too: its answer can turn after the release was published.
    """

    def register(question: Question) -> Question:
        GATES[slug], TITLES[slug] = question, title
        LASTING.update({slug} if lasting else ())
        return question

    return register


def evaluate(release: Release, at: str = RELEASE) -> list[GateResult]:
    """Every gate's answer for a release at a moment, in order, and then those of the conditions of its policy."""
    return answers_of(Case(release.system, at, release=release))


def answers_of(case: Case) -> list[GateResult]:
    """The gates are asked of releases and publications, the lasting ones of deployments, too; the conditions of the
    policy at every moment that they name."""
    release = case.release
    if release is None:
        return conditions.answers(case, policy.of_system(case.system).conditions)
    with one_look(release):
        built_in = [answer(slug, release) for slug in GATES if slug in LASTING or case.at in {RELEASE, PUBLICATION}]
        asked = conditions.answers(case, policy.of_release(release).conditions)
        return built_in + [carried(found.slug, release, found) for found in asked]


def answer(slug: str, release: Release) -> GateResult:
    """One gate's answer, or that of a condition asked of releases, with its name."""
    if slug in GATES:
        return carried(slug, release, GATES[slug](release))
    asked = next(one for one in asked_of(release) if conditions.slug_of(one) == slug)
    at = next(moment for moment in conditions.moments(asked) if conditions.is_of_release(moment))
    return carried(slug, release, conditions.answer(Case(release.system, at, release=release), asked))


def slugs(release: Release) -> list[str]:
    """The gates, and the conditions that are asked of a release on its way to its last deployment."""
    return [*GATES, *map(conditions.slug_of, asked_of(release))]


def asked_of(release: Release) -> list[conditions.Asked]:
    """The conditions of its policy that are asked of a release at some moment."""
    return [
        asked
        for asked in policy.of_release(release).conditions
        if any(map(conditions.is_of_release, conditions.moments(asked))) and conditions.concerns(asked, release.system)
    ]


def carried(slug: str, release: Release, found: GateResult) -> GateResult:
    """The answer with its name; “waived” where it is no and a waiver in force carries the gate."""
    waiver = None if found.is_open else waivers.covering(release, slug)
    said = found if waiver is None else GateResult.waived(waivers.sentence(waiver), waiver.get_absolute_url())
    return replace(said, slug=slug, title=title_of(slug))


def case_of(subject: Release | Deployment | AISystem, at: str) -> Case:
    """What is asked about, from what is to move."""
    if isinstance(subject, AISystem):
        return Case(subject, at)
    if isinstance(subject, Deployment):
        return Case(subject.release.system, at, release=subject.release, deployment=subject)
    return Case(subject.system, at, release=subject)


def require_open(subject: Release | Deployment | AISystem, *, at: str, actor: Any) -> list[GateResult]:
    """Ask what is asked at this moment, refuse with the first no, and keep the answers on which it went on.

    Call it inside the transaction of the decision: a refusal keeps nothing, and an answer is kept only with the act.
    Raises GateClosed.
    """
    case = case_of(subject, at)
    found = answers_of(case)
    closed = next((one for one in found if not one.is_open), None)
    if closed is not None:
        raise GateClosed(
            _("The gate “%(gate)s” is closed: %(reason)s") % {"gate": closed.title, "reason": closed.reason}
        )
    if found:
        keep(case, subject, found, actor=actor)
    return found


def keep(case: Case, subject: Any, found: list[GateResult], *, actor: Any) -> GateRecord:
    """The record of what was answered, with the policy by which it was asked."""
    asked = policy.of_release(case.release) if case.release is not None else policy.of_system(case.system)
    row = GateRecord(
        system=case.system, release=case.release, moment=case.at, subject_type=subject._meta.label,
        subject_id=subject.pk, policy_digest=asked.digest, actor=actor,
        results=[kept(one) for one in found],
    )  # fmt: skip
    row.save()
    log.record(actor, "gates.recorded", row, moment=case.at)
    return row


def kept(found: GateResult) -> dict[str, Any]:
    """An answer as it is kept: in the words that were read then, and in which language these are."""
    return found.as_json() | {"place": found.place, "evidence": found.evidence, "language": get_language()}
