"""Scores of an assessment: inherent risk, control and residual risk per component, and the outcomes that follow.

Pure: a template and replies in, numbers and reasons out. All sums are exact fractions; levels are taken from them
before anything is rounded. The formulas stand in the template's section `scoring`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from risk.questionnaires import BLANK, Gap, Replies, asked, gaps, holds, is_closed
from risk.template_parts import COMPONENTS, OUTCOMES, RAISED, WHOLE, Floor, Question, Template
from risk.words import answer_word, component_word, level_word

UNPROVEN_POINTS: Final = 1
CRITERIA_FOR_REVIEW: Final = 2


@dataclass(frozen=True)
class Score:
    """One component, or the whole: inherent and residual between 0 and 100, control between 0 and 1; all None when it is closed."""

    component: str
    inherent: Fraction | None
    control: Fraction | None
    residual: Fraction | None
    inherent_level: str
    residual_level: str
    unproven: tuple[str, ...]

    @property
    def is_closed(self) -> bool:
        """Its gate was answered with no, so that it bears no score."""
        return self.residual is None


@dataclass(frozen=True)
class Outcome:
    """A consequence that the answers lead to, with every reason."""

    id: str
    then: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """Scores in the order input, model, output; the highest residual level (empty when all are closed); outcomes."""

    scores: tuple[Score, ...]
    overall: str
    outcomes: tuple[Outcome, ...]

    def outcome(self, name: str) -> Outcome | None:
        """The outcome of this name when it was reached, or None. KeyError for a name that no template may use."""
        if name not in {*OUTCOMES, RAISED}:
            raise KeyError(name)
        return next((found for found in self.outcomes if found.id == name), None)

    def score(self, component: str) -> Score:
        """The score of a component."""
        return next(score for score in self.scores if score.component == component)


def result(form: Template, replies: Replies, *, proven: Iterable[str]) -> Result:
    """Scores and outcomes of the replies. `proven` holds the names of checks with a passing run in their cadence."""
    known = frozenset(proven)
    scores = tuple(score(form, component, replies, proven=known) for component in components(form))
    levels = [one.residual_level for one in scores if not one.is_closed]
    levels += [floor.level for floor in reached_floors(form, replies)]
    overall = max(levels, key=form.rank, default="")
    return Result(scores, overall, outcomes(form, replies, scores, overall))


def components(form: Template) -> tuple[str | None, ...]:
    """What the template scores apart: input, model and output, or the whole once."""
    return COMPONENTS if form.has_components else (None,)


def score(form: Template, component: str | None, replies: Replies, *, proven: frozenset[str]) -> Score:
    """One component over its own questions and the general ones, None over these alone; a closed one has no score."""
    if is_closed(form, component, replies):
        return Score(component or WHOLE, None, None, None, "", "", ())
    put = [question for question in asked(form, replies) if question.component in {None, component}]
    risks = [question for question in put if question.kind == "risk"]
    controls = [question for question in put if question.kind == "control"]
    inherent = 100 * share(risks, [risk_points(question, replies) for question in risks])
    control = share(controls, [control_points(question, replies, proven) for question in controls])
    residual = form.left(inherent, control)
    weak = tuple(question.id for question in controls if is_unproven(question, replies, proven))
    return Score(component or WHOLE, inherent, control, residual, form.level(inherent), form.level(residual), weak)


def share(questions: list[Question], points: list[int]) -> Fraction:
    """Weighted points of the most that could be had; 0 when nothing is asked."""
    most = sum(question.weight * question.highest for question in questions)
    got = sum(question.weight * gained for question, gained in zip(questions, points, strict=True))
    return Fraction(got, most) if most else Fraction(0)


def risk_points(question: Question, replies: Replies) -> int:
    """Points of a risk question; unanswered counts as the highest."""
    points = question.points_of(replies.get(question.id, BLANK).answer)
    return question.highest if points is None else points


def control_points(question: Question, replies: Replies, proven: frozenset[str]) -> int:
    """Points of a control question; unanswered counts as the lowest, unproven as one at most."""
    points = claimed(question, replies)
    return min(points, UNPROVEN_POINTS) if is_unproven(question, replies, proven) else points


def is_unproven(question: Question, replies: Replies, proven: frozenset[str]) -> bool:
    """The control claims more than one point and names a check that has not passed in its cadence."""
    is_without = bool(question.check) and question.check not in proven
    return is_without and claimed(question, replies) > UNPROVEN_POINTS


def claimed(question: Question, replies: Replies) -> int:
    """Points of a control as it was answered, proven or not."""
    points = question.points_of(replies.get(question.id, BLANK).answer)
    return question.lowest if points is None else points


def outcomes(form: Template, replies: Replies, scores: tuple[Score, ...], overall: str) -> tuple[Outcome, ...]:
    """The outcomes that were reached, in the order of the template; `reassess` follows from events, not answers."""
    reasons = {
        "dpo_review": review_reasons(form, replies, scores),
        "full_dpia": criteria_reasons(form, replies) + case_reasons(form, replies),
        "blocked": answer_reasons(form, replies, "blocks_when"),
        "prior_consultation": consultation_reasons(form, scores, overall),
    }
    found = [
        Outcome(name, form.outcomes[name].then, why) for name, why in reasons.items() if why and name in form.outcomes
    ]
    raised = tuple(_(floor.because) for floor in reached_floors(form, replies))
    return (*found, *([Outcome(RAISED, "", raised)] if raised else []))


def reached_floors(form: Template, replies: Replies) -> tuple[Floor, ...]:
    """The floors under which the answers do not let the level fall, among the questions that are put."""
    put = {question.id: replies.get(question.id, BLANK) for question in asked(form, replies)}
    return tuple(floor for floor in form.floors if all(holds(condition, put) for condition in floor.all_of))


def review_reasons(form: Template, replies: Replies, scores: tuple[Score, ...]) -> tuple[str, ...]:
    """Why the privacy officer's opinion is needed."""
    high = tuple(
        _("%(component)s: the inherent level is %(level)s.")
        % {"component": component_word(one.component), "level": level_word(one.inherent_level).lower()}
        for one in scores
        if form.is_high(one.inherent_level)
    )
    return answer_reasons(form, replies, "dpo_review_when") + criteria_reasons(form, replies) + high


def answer_reasons(form: Template, replies: Replies, listed: str) -> tuple[str, ...]:
    """Answers that stand in the question's own list of this name."""
    found = []
    for question in asked(form, replies):
        answer = replies.get(question.id, BLANK).answer
        if not getattr(question, listed).isdisjoint(answer.split(", ")):
            said = ", ".join(answer_word(key) for key in answer.split(", "))
            found.append(_("%(question)s was answered “%(answer)s”.") % {"question": question.id, "answer": said})
    return tuple(found)


def criteria_met(form: Template, replies: Replies) -> tuple[str, ...]:
    """The criteria to which an answer above 0 points was given, each once."""
    met = {
        question.criterion
        for question in asked(form, replies)
        if question.criterion and (question.points_of(replies.get(question.id, BLANK).answer) or 0) > 0
    }
    return tuple(name for name in form.criteria if name in met)


def criteria_reasons(form: Template, replies: Replies) -> tuple[str, ...]:
    """One reason that names the criteria when there are two or more."""
    met = criteria_met(form, replies)
    if len(met) < CRITERIA_FOR_REVIEW:
        return ()
    names = "; ".join(_(form.criteria[name]) for name in met)
    return (_("%(count)d criteria are met: %(names)s.") % {"count": len(met), "names": names},)


def case_reasons(form: Template, replies: Replies) -> tuple[str, ...]:
    """The mandatory cases that the answers describe, among the questions that are put."""
    put = {question.id: replies.get(question.id, BLANK) for question in asked(form, replies)}
    return tuple(
        _("GDPR Art. %(case)s: %(what)s.") % {"case": case.id, "what": _(case.what)}
        for case in form.cases
        if all(holds(condition, put) for condition in case.all_of)
    )


def consultation_reasons(form: Template, scores: tuple[Score, ...], overall: str) -> tuple[str, ...]:
    """The components whose residual level is high or above."""
    if not form.is_high(overall):
        return ()
    return tuple(
        _("%(component)s: the residual level is %(level)s.")
        % {"component": component_word(one.component), "level": level_word(one.residual_level).lower()}
        for one in scores
        if form.is_high(one.residual_level)
    )


def open_gaps(
    form: Template, replies: Replies, found: Result, names: Mapping[str, list[str]] | None = None
) -> tuple[Gap, ...]:
    """What is not answered in full, with the texts that a reached outcome asks for, and what they have to name."""
    reached = [form.outcomes[outcome.id] for outcome in found.outcomes if outcome.id in form.outcomes]
    return gaps(form, replies, texts=tuple(text for one in reached for text in one.texts), names=names)
